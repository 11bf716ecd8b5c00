import Foundation
import Testing

@testable import RenormFiles

/// Where paths of outputs lead, and what is written there.
@Suite struct OutputTargetTests {
  let scratch: Scratch

  /// Names of the same file where the system lists open files by process.
  private static let processFiles = ["/proc/self/fd/1", "/proc/thread-self/fd/1"].filter {
    FileManager.default.fileExists(atPath: $0)
  }

  init() throws { scratch = try Scratch() }

  private func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: scratch.path(name), withDestinationPath: target)
  }

  @Test(arguments: ["/dev/stdout", "/dev/fd/1", "/dev/../dev/fd/1"] + processFiles)
  func openFiles(path: String) throws {
    #expect(try OutputTarget(path) == .descriptor(1))
    try link("link", to: path)
    #expect(try OutputTarget(scratch.path("link")) == .descriptor(1))
  }

  /// A file that is appended to keeps what it has.
  @Test func appends() throws {
    let path = try scratch.file("all.csv", "old\n")
    let handle = try #require(FileHandle(forWritingAtPath: path))
    defer { try? handle.close() }
    try handle.seekToEnd()
    for text in ["new\n", "newer\n"] { try AtomicFile.write(text, to: "/dev/fd/\(handle.fileDescriptor)") }
    #expect(try scratch.bytes("all.csv") == Array("old\nnew\nnewer\n".utf8))
    #expect(scratch.names() == ["all.csv"])
  }

  @Test func closedAndReadOnlyFiles() throws {
    expectError("9999: cannot be created (Bad file descriptor)", .cannotCreateOutput) {
      try AtomicFile.checkWritable("/dev/fd/9999")
    }
    let handle = try #require(FileHandle(forReadingAtPath: scratch.file("in.csv", "1\n")))
    defer { try? handle.close() }
    #expect(throws: DataError.self) { try AtomicFile.checkWritable("/dev/fd/\(handle.fileDescriptor)") }
  }

  @Test func danglingLinksAreFollowed() throws {
    try FileManager.default.createDirectory(atPath: scratch.path("folder"), withIntermediateDirectories: false)
    try link("a", to: "b")
    try link("b", to: "folder/c")
    try AtomicFile.write("x", to: scratch.path("a"))
    #expect(try scratch.bytes("folder/c") == Array("x".utf8))
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: scratch.path("a")) == "b")
    #expect(scratch.names() == ["a", "b", "folder"])
  }

  @Test func circles() throws {
    try link("a", to: "b")
    try link("b", to: "a")
    for body in [{ try AtomicFile.checkWritable($0) }, { try AtomicFile.write("x", to: $0) }] {
      expectError("a: cannot be created (Too many levels of symbolic links)", .cannotCreateOutput) {
        try body(scratch.path("a"))
      }
    }
  }

  @Test(arguments: [0o600, 0o640, 0o755]) func permissionsStay(mode: Int) throws {
    let path = try scratch.file("out", "old")
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    try AtomicFile.write("new", to: path)
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == mode)
    #expect(try scratch.bytes("out") == Array("new".utf8))
  }

  /// The temporary name is cut where the name of the file is as long as file systems take.
  @Test(arguments: [240, 250, 255]) func longNames(length: Int) throws {
    for letter in ["a", "\u{e9}"] {
      let name = String(repeating: letter, count: length / letter.utf8.count)
      try AtomicFile.write("x", to: scratch.path(name))
      #expect(scratch.names().contains(name))
    }
    #expect(scratch.names().count == 2)
  }

  @Test func tooLongNames() {
    #expect(throws: DataError.self) {
      try AtomicFile.checkWritable(scratch.path(String(repeating: "a", count: 256)))
    }
  }

  @Test func abandonedNames() {
    let name = TemporaryName.beside("points/000001.json")
    #expect(name.hasPrefix("points/000001.json.\(getpid())-") && !TemporaryName.isAbandoned(name))
    // No process has this number.
    #expect(TemporaryName.isAbandoned(name.replacing(".\(getpid())-", with: ".99999999-")))
    // Nobody knows of which machine.
    #expect(!TemporaryName.isAbandoned("000001.json.99999999-12.tmp"))
  }

  /// Of one file, those of processes that have ended.
  @Test func removesAbandoned() throws {
    let own = TemporaryName.beside("c.npz")
    let ended = own.replacing(".\(getpid())-", with: ".99999999-")
    let kept = [own, "c.npz", "x\(ended)", "c.npz.99999999-12.tmp", "c.npz.x\(ended)"].sorted()
    for name in kept + [ended] { try scratch.file(name, "") }
    TemporaryName.removeAbandoned(beside: scratch.path("c.npz"))
    #expect(scratch.names() == kept)
  }
}
