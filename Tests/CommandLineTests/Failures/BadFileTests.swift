import Testing

/// Files that are missing, damaged or not what they seem.
@Suite struct BadFileTests {
  let scratch: Scratch
  let problem = Problem(count: 8)

  init() throws {
    scratch = try Scratch()
    try scratch.write(problem, "train")
  }

  @Test func missingFile() throws {
    try expectFailure(
      ExitCode.missingInput, ["nowhere.csv", "no such file"], Arguments.fc + ["--train", "nowhere.csv"],
      in: scratch)
  }

  @Test func missingLabelsFile() throws {
    try expectFailure(
      ExitCode.missingInput, ["nowhere.labels", "no such file"],
      Arguments.fc + ["--train", "train.images", "--train-labels", "nowhere.labels"], in: scratch)
  }

  @Test func directory() throws {
    try scratch.folder("images")
    try expectFailure(
      ExitCode.missingInput, ["images", "directory"], Arguments.fc + ["--train", "images"], in: scratch)
  }

  @Test(arguments: ["", "\n"]) func emptyFile(content: String) throws {
    try scratch.file("empty.csv", content)
    try expectFailure(ExitCode.badData, ["empty.csv"], Arguments.fc + ["--train", "empty.csv"], in: scratch)
  }

  @Test func truncatedGzip() throws {
    try scratch.gzip("train.images")
    try scratch.file("cut.gz", scratch.bytes("train.images.gz").dropLast(20))
    try expectFailure(
      ExitCode.badData, ["cut.gz", "gzip", "ends too early"],
      Arguments.fc + ["--train", "cut.gz", "--train-labels", "train.labels"], in: scratch)
  }

  @Test(arguments: [-1, 1]) func lengthOtherThanTheHeaderSays(change: Int) throws {
    let image = problem.imageFile
    try scratch.file("wrong.images", change < 0 ? image.dropLast(-change) : image + [0])
    try expectFailure(
      ExitCode.badData, ["wrong.images", "8x4x4", "\(image.count)", "\(image.count + change)"],
      Arguments.fc + ["--train", "wrong.images", "--train-labels", "train.labels"], in: scratch)
  }

  @Test func claimOfATerabyte() throws {
    try scratch.file("huge.images", idx(shape: [1 << 20, 1 << 10, 1 << 10], [1, 2, 3]))
    try expectFailure(
      ExitCode.badData, ["huge.images", "1048576x1024x1024", "1099511627792"],
      Arguments.fc + ["--train", "huge.images", "--train-labels", "train.labels"], in: scratch)
  }

  @Test func claimBeyondEveryInteger() throws {
    try scratch.file("huge.images", idx(shape: [.max, .max, .max], [1, 2, 3]))
    try expectFailure(
      ExitCode.badData, ["huge.images", "impossible"],
      Arguments.fc + ["--train", "huge.images", "--train-labels", "train.labels"], in: scratch)
  }

  @Test func text() throws {
    try scratch.file("text.csv", "a,b,y\n1,2,0\n3,abc,1\n")
    try expectFailure(
      ExitCode.badData, ["text.csv", "row 3, column 2", "'abc' is not a number"],
      Arguments.fc + ["--train", "text.csv"], in: scratch)
  }

  @Test func raggedRows() throws {
    try scratch.file("ragged.csv", "1,2,0\n3,1\n")
    try expectFailure(
      ExitCode.badData, ["ragged.csv", "row 2", "2 fields", "expected 3"],
      Arguments.fc + ["--train", "ragged.csv"], in: scratch)
  }

  @Test(arguments: ["nan", "NaN", "inf", "-Infinity"]) func notFiniteText(value: String) throws {
    try scratch.file("nan.csv", "1,2,0\n3,\(value),1\n")
    try expectFailure(
      ExitCode.badData, ["nan.csv", "row 2, column 2", "'\(value)' is not a finite number"],
      Arguments.fc + ["--train", "nan.csv"], in: scratch)
  }

  @Test func notFiniteArray() throws {
    try scratch.file("nan.npy", npy([2, 2], [1, 2, .nan, 4]))
    try scratch.file("targets.npy", npy([2], [1, 2]))
    try expectFailure(
      ExitCode.badData, ["nan.npy", "element (1, 0)", "not a finite number"],
      Arguments.fc + ["--train", "nan.npy", "--train-labels", "targets.npy"], in: scratch)
  }

  @Test func notFiniteTarget() throws {
    try scratch.file("inputs.npy", npy([2, 2], [1, 2, 3, 4]))
    try scratch.file("targets.npy", npy([2], [1, .infinity]))
    try expectFailure(
      ExitCode.badData, ["targets.npy", "element (1)", "not a finite number"],
      Arguments.fc + ["--train", "inputs.npy", "--train-labels", "targets.npy"], in: scratch)
  }

  @Test func emptyField() throws {
    try scratch.file("gap.csv", "1,,0\n3,4,1\n")
    try expectFailure(
      ExitCode.badData, ["gap.csv", "row 1, column 2", "empty field"],
      Arguments.fc + ["--train", "gap.csv"], in: scratch)
  }

  @Test func unknownFormat() throws {
    try scratch.file("junk", (0..<700).map { UInt8($0 % 251) })
    try expectFailure(
      ExitCode.badData, ["junk", "unknown format", "NPZ", "NPY", "IDX", "CIFAR-10", "CSV"],
      Arguments.fc + ["--train", "junk"], in: scratch)
  }

  @Test func textWithoutNumbers() throws {
    try scratch.file("prose.txt", "These are words,\nand these are too.\n")
    try expectFailure(
      ExitCode.badData, ["prose.txt", "unknown format", "no number"],
      Arguments.fc + ["--train", "prose.txt"], in: scratch)
  }

  @Test func namesOfControlCharacters() throws {
    try scratch.file("odd.csv", "1,2,0\n3,a\u{1B}[31m\u{07}b,1\n")
    let run = try Tool.run(Arguments.fc + ["--train", "odd.csv"], in: scratch)
    #expect(run.exitCode == ExitCode.badData)
    #expect(!run.errors.contains("\u{1B}") && !run.errors.contains("\u{07}"))
  }

  @Test func truncatedNPY() throws {
    try scratch.file("cut.npy", npy([2, 2], [1, 2, 3, 4]).dropLast(8))
    try scratch.file("targets.npy", npy([2], [1, 2]))
    try expectFailure(
      ExitCode.badData, ["cut.npy", "2x2"],
      Arguments.fc + ["--train", "cut.npy", "--train-labels", "targets.npy"], in: scratch)
  }

  @Test func elementTypeThatIsNotSupported() throws {
    try scratch.file("complex.npy", npy("<c16", [1, 2], [UInt8](repeating: 0, count: 32)))
    try expectFailure(
      ExitCode.badData, ["complex.npy", "c16", "f8"], Arguments.fc + ["--train", "complex.npy"], in: scratch)
  }
}
