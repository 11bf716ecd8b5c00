import Testing

/// Parameters out of their domain, and combinations that the theory does not cover.
@Suite struct BadParameterTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: 8), "train")
  }

  /// A fit with one option set, or replaced, and held-out examples.
  private func arguments(_ architecture: String, _ options: [String: String]) -> [String] {
    var all = ["--width": "10", "--temperature": "0.1"]
    if architecture != "fc" { all["--mask"] = "2" }
    all.merge(options) { $1 }
    return ["fit", "--architecture", architecture] + Arguments.images + ["--test-fraction", "0.25"]
      + all.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
  }

  @Test(arguments: ["0", "-3"]) func width(value: String) throws {
    try expectFailure(
      ExitCode.usage, ["width is \(value)", "positive"], arguments("fc", ["--width": value]), in: scratch)
  }

  @Test(
    arguments: ["--temperature", "--lambda0", "--lambda1", "--tolerance"],
    ["0", "-0.5", "nan", "inf", "-inf", "1e999"])
  func positiveNumber(option: String, value: String) throws {
    try expectFailure(
      ExitCode.usage, ["\(option.dropFirst(2)) is ", "a positive number"], arguments("fc", [option: value]),
      in: scratch)
  }

  @Test(arguments: [
    "--temperature", "--width", "--train-count", "--shuffle-seed", "--mask", "--shape",
  ])
  func valueThatCannotBeRead(option: String) throws {
    try expectFailure(
      ExitCode.usage, ["'1..5'", option, "renorm fit --help"], arguments("cnn", [option: "1..5"]), in: scratch
    )
  }

  @Test(arguments: ["--mask", "--stride"], ["0", "-2", "0x2", "2x0"]) func extent(
    option: String, value: String
  ) throws {
    try expectFailure(
      ExitCode.usage, ["\(option.dropFirst(2)) is ", "positive"], arguments("cnn", [option: value]),
      in: scratch)
  }

  @Test(arguments: ["cnn", "lcn"], ["5", "5x1", "1x5"]) func maskLargerThanTheImage(
    name: String, mask: String
  ) throws {
    try expectFailure(
      ExitCode.usage, ["mask of \(mask == "5" ? "5x5" : mask)", "image of 4x4"],
      arguments(name, ["--mask": mask]), in: scratch)
  }

  @Test func maskOnAFlatTable() throws {
    try expectFailure(
      ExitCode.usage, ["mask of 2x2", "1x16"],
      ["fit", "--architecture", "cnn", "--width", "5", "--temperature", "1", "--mask", "2"]
        + ["--train", "train.csv", "--test-fraction", "0.25"],
      in: scratch)
  }

  @Test func maximumIterations() throws {
    try expectFailure(
      ExitCode.usage, ["max-iterations is 0", "at least 1"], arguments("fc", ["--max-iterations": "0"]),
      in: scratch)
  }

  @Test(arguments: ["0", "1", "-0.1", "nan"]) func testFraction(value: String) throws {
    try expectFailure(
      ExitCode.usage, ["test fraction", "between 0 and 1"], arguments("fc", ["--test-fraction": value]),
      in: scratch)
  }

  @Test(arguments: ["--train-count", "--test-count"]) func counts(option: String) throws {
    try expectFailure(ExitCode.usage, ["count 0", "positive"], arguments("fc", [option: "0"]), in: scratch)
  }

  @Test(arguments: [
    ("--architecture", "rnn", "fc, lcn, cnn"), ("--activation", "atan", "erf, relu, linear, tanh"),
    ("--readout", "maximum", "independent, mean-pool"),
    ("--standardize", "whiten", "'global', 'feature' or 'none'"),
  ])
  func unknownName(option: String, value: String, accepted: String) throws {
    try expectFailure(
      ExitCode.usage, [String(option.dropFirst(2)), "'\(value)'", accepted], arguments("fc", [option: value]),
      in: scratch)
  }

  @Test func missingWidth() throws {
    try expectFailure(
      ExitCode.usage, ["--width", "infinite"],
      ["fit", "--architecture", "fc", "--temperature", "1", "--train", "train.csv"], in: scratch)
  }

  @Test(arguments: ["--architecture", "--temperature", "--train"]) func missingOption(option: String) throws {
    var all = ["--architecture": "fc", "--width": "3", "--temperature": "1", "--train": "train.csv"]
    all[option] = nil
    try expectFailure(
      ExitCode.usage, [option, "renorm fit --help"], ["fit"] + all.flatMap { [$0.key, $0.value] }, in: scratch
    )
  }

  @Test func unknownOption() throws {
    try expectFailure(
      ExitCode.usage, ["--colour", "renorm fit --help"], arguments("fc", ["--colour": "red"]), in: scratch)
  }

  @Test func unknownCommand() throws {
    try expectFailure(ExitCode.usage, ["'fti'", "renorm --help"], ["fti"], outputs: [], in: scratch)
  }

  @Test(arguments: ["fc", "lcn"]) func correlatedReadout(architecture: String) throws {
    try expectFailure(
      ExitCode.usage, ["readout 'mean-pool'", architecture, "cnn", "independent"],
      arguments(architecture, ["--readout": "mean-pool"]), in: scratch)
  }

  @Test(arguments: ["0", "-1", "nan"]) func lengthScale(value: String) throws {
    try expectFailure(
      ExitCode.usage, ["length"], arguments("cnn", ["--readout": "exponential", "--length-scale": value]),
      in: scratch)
  }
}
