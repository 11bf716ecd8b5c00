import Testing

/// tools/check_folders.py: folders inside a target use each other in one direction only.
@Suite(.needsPython) struct CheckFoldersTests {
  @Test func noFoldersOfThePackageUseEachOtherInACircle() throws {
    let run = try ToolScript.run("check_folders.py", [], in: Scratch())
    #expect(run.exitCode == 0, "\(run.output)\(run.errors)")
    #expect(run.output.isEmpty)
  }

  /// The files of a target by their paths, in a folder of its own.
  private func check(_ files: [String: String], _ arguments: [String] = []) throws -> Run {
    let scratch = try Scratch()
    for (path, text) in files {
      let parts = path.split(separator: "/").map(String.init)
      try scratch.folder("Sources/Town/" + parts.dropLast().joined(separator: "/"))
      try scratch.file("Sources/Town/\(path)", text)
    }
    return try ToolScript.run("check_folders.py", [scratch.directory] + arguments, in: scratch)
  }

  private static let house = "struct House { var door: Doorway }\n"
  private static let doorway = "struct Doorway {}\n"

  @Test func aCircleOfTwoFoldersIsNamed() throws {
    let run = try check([
      "Houses/House.swift": Self.house, "Doors/Doorway.swift": Self.doorway + "func open(_ house: House) {}\n",
      "Gardens/Garden.swift": "struct Garden { var house: House }\n",
    ])
    #expect(run.exitCode == 1)
    #expect(
      run.output == """
        Town: folders that use each other in a circle: Doors, Houses
          Town/Doors -> Houses: House
          Town/Houses -> Doors: Doorway

        """)
  }

  @Test func aCircleOfThreeFoldersIsNamed() throws {
    let run = try check([
      "Houses/House.swift": Self.house, "Doors/Doorway.swift": "struct Doorway { var lock: Padlock }\n",
      "Locks/Padlock.swift": "struct Padlock { let owner: House? }\n",
    ])
    #expect(run.exitCode == 1)
    #expect(run.output.hasPrefix("Town: folders that use each other in a circle: Doors, Houses, Locks\n"))
  }

  /// Methods that a folder adds to a type of another, and files beside the folders.
  @Test func methodsOfExtensionsCount() throws {
    let methods = try check([
      "Houses/House.swift": "struct House {}\nextension House {\n  func enter() { knock() }\n}\n",
      "Doors/Doorway.swift": "extension House {\n  func knock() {}\n}\n",
    ])
    #expect(methods.exitCode == 1 && methods.output.contains("Houses -> Doors: knock"), "\(methods)")
    let beside = try check([
      "Houses/House.swift": Self.house, "Doorway.swift": "struct Doorway { var of: House? }\n",
    ])
    #expect(beside.exitCode == 1 && beside.output.contains(". -> Houses: House"), "\(beside)")
  }

  @Test func usesInOneDirectionAreListedOnRequestOnly() throws {
    let files = ["Houses/House.swift": Self.house, "Doors/Doorway.swift": Self.doorway]
    let silent = try check(files)
    #expect(silent.exitCode == 0 && silent.output.isEmpty, "\(silent)")
    let edges = try check(files, ["--edges", "Town"])
    #expect(edges.exitCode == 0)
    #expect(edges.output == "  Town/Houses -> Doors: Doorway\n")
  }

  /// Comments, texts, private names and names that two files declare are no uses.
  @Test func whatOnlyLooksLikeAUseIsNone() throws {
    let run = try check([
      "Houses/House.swift": Self.house + "private struct Cellar {}\nfunc paint() {}\n",
      "Doors/Doorway.swift": """
      /// Leads into a House.
      struct Doorway {
        let name = "House"
        let cellar = Cellar()
      }
      func paint() { paint() }

      """,
    ])
    #expect(run.exitCode == 0, "\(run)")
  }
}
