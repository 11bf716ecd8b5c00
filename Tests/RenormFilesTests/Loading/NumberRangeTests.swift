import Testing

@testable import RenormFiles

/// Numbers whose squares are not numbers any more, and others at the ends of the range.
@Suite struct NumberRangeTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func load(_ text: String, test: String? = nil, _ mode: StandardizationMode = .global) throws
    -> LoadedData
  {
    let test = try test.map { try scratch.file("test.csv", $0) }
    return try LoadedData.load(
      DataFiles(train: try scratch.file("train.csv", text), test: test), DataSelection(standardize: mode))
  }

  /// The inputs of a table are standardised to the same numbers at every scale.
  @Test(arguments: [1e-161, 1e-163, 1e-300, 1e160, 1e300]) func standardisedAtAnyScale(unit: Double) throws {
    func table(_ unit: Double) -> String {
      [[1.0, 5], [2, 3], [4, 4], [7, 1]].map { "\($0[0] * unit),\($0[1] * unit),\($0[0])" }.joined(
        separator: "\n")
    }
    for mode in [StandardizationMode.global, .feature] {
      let (usual, scaled) = (try load(table(1), mode).train.inputs, try load(table(unit), mode).train.inputs)
      #expect(zip(usual.elements, scaled.elements).allSatisfy { abs($0 - $1) < 1e-14 })
    }
  }

  @Test func heldOutInput() throws {
    expectError(
      "test.csv: row 2, column 1: an input of 7.223151185146151e+159 when standardised: squares of such "
        + "numbers overflow; accepted are at most 1e+150, so rescale the inputs"
    ) { try load("1,1,0\n2,5,1\n3,3,0\n", test: "1,2,0\n1e160,2,1\n") }
  }

  @Test func trainingInput() {
    expectError(
      "train.csv: row 2, column 1: an input of 1e+160 when standardised: squares of such numbers overflow; "
        + "accepted are at most 1e+150, so rescale the inputs"
    ) { try load("1,1,0\n1e160,5,1\n", .none) }
    expectError(
      "train.csv: the largest input is 5e-161: squares of such numbers vanish; accepted are inputs that reach "
        + "1e-150, so rescale them"
    ) { try load("1e-161,1e-161,0\n2e-161,5e-161,1\n", .none) }
  }

  @Test func targets() {
    expectError(
      "train.csv: row 2, column 2: a target of -1e+160: squares of such numbers overflow; accepted are at most "
        + "1e+150, so rescale the targets"
    ) { try load("1,1\n2,-1e160\n") }
    expectError(
      "test.csv: row 1, column 2: a target of 1e+200: squares of such numbers overflow; accepted are at most "
        + "1e+150, so rescale the targets"
    ) { try load("1,1\n2,2\n", test: "1,1e200\n") }
    expectError(
      "train.csv: the largest target is 2e-161: squares of such numbers vanish; accepted are targets that "
        + "reach 1e-150, so rescale them"
    ) { try load("1,1e-161\n2,2e-161\n") }
  }

  @Test func tooLittleDeviation() {
    expectError(
      "train.csv: the inputs deviate by 5e-311, too little to be standardised; rescale the inputs"
    ) { try load("0,1\n1e-310,2\n") }
  }

  @Test func meanOfLargeValues() throws {
    let statistics = try Inspection(
      path: scratch.file("x.npy", npy("<f8", shape: "(2, 1)", bytes([1.5e308, 1e308])))
    ).values
    #expect(abs((statistics?.mean ?? 0) / 1.25e308 - 1) < 1e-14)
  }
}
