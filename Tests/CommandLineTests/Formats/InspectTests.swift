import Testing

/// `renorm inspect`.
@Suite struct InspectTests {
  let scratch: Scratch
  let problem = Problem(count: 6)

  init() throws {
    scratch = try Scratch()
    try scratch.write(problem, "train")
  }

  private func inspect(_ arguments: String...) throws -> String {
    let run = try Tool.succeed(["inspect"] + arguments, in: scratch)
    #expect(run.errors.isEmpty)
    return run.output
  }

  private func expect(
    _ text: String, _ fragments: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for fragment in fragments {
      #expect(text.contains(fragment), "'\(fragment)' in \(text)", sourceLocation: sourceLocation)
    }
  }

  @Test func images() throws {
    let pixels = problem.images.flatMap(\.self)
    expect(
      try inspect("train.images"), "train.images", "IDX", "6x4x4", "examples: 6", "1x4x4", "\(pixels.min()!)",
      "\(pixels.max()!)", "0 NaN")
  }

  @Test func labels() throws {
    expect(try inspect("train.labels"), "IDX", "0 (3), 1 (3)")
  }

  @Test func gzippedImages() throws {
    try scratch.gzip("train.images")
    expect(try inspect("train.images.gz"), "IDX", "gzipped", "6x4x4")
  }

  @Test func table() throws {
    try scratch.file("named.csv", "a,b,y\n1,2,7\n-3,4,8\n5,6,8\n")
    expect(try inspect("named.csv"), "CSV", "a, b, y", "examples: 3", "7 (1), 8 (2)", "-3.0 to 6.0", "0 NaN")
  }

  @Test func targetColumnOfATable() throws {
    try scratch.file("named.csv", "a,b,y\n1,2,7\n1,4,8\n2,6,9\n")
    expect(try inspect("named.csv", "--target-column", "a"), "1 (2), 2 (1)", "2.0 to 9.0")
  }

  @Test func tableWithNaN() throws {
    try scratch.file("nan.csv", "1,nan,0\nnan,4,1\n5,inf,1\n")
    expect(try inspect("nan.csv"), "CSV", "1.0 to 5.0", "2 NaN", "1 infinite")
  }

  @Test func arrayWithNaN() throws {
    try scratch.file("nan.npy", npy([2, 3], [1, .nan, 3, .nan, -4, 5]))
    expect(try inspect("nan.npy"), "NPY", "2x3", "f8", "-4.0 to 5.0", "2 NaN")
  }

  @Test func cifarRecords() throws {
    try scratch.file("data.bin", cifar([3, 8, 3].map { ($0, [UInt8](repeating: 7, count: 3072)) }))
    expect(try inspect("data.bin"), "CIFAR-10", "3x32x32", "examples: 3", "3 (2), 8 (1)", "7.0 to 7.0")
  }

  @Test(.needsNumPy) func archive() throws {
    try Python.run(
      """
      np.savez_compressed('all.npz', x_train=np.full((4, 3, 5, 7), np.nan), y_train=[1, 2, 2, 2],
        x_test=np.ones((2, 3, 5, 7)), y_test=[1, 2])
      """, in: scratch)
    expect(
      try inspect("all.npz"), "NPZ", "x_train", "4x3x5x7", "y_test", "examples: 4 and 2 held out", "3x5x7",
      "1 (1), 2 (3)", "420 NaN")
  }

  @Test func missingFile() throws {
    try expectFailure(
      ExitCode.missingInput, ["nowhere", "no such file"], ["inspect", "nowhere"], outputs: [], in: scratch)
  }

  @Test func damagedFile() throws {
    try scratch.file("cut.images", problem.imageFile.dropLast(5))
    try expectFailure(
      ExitCode.badData, ["cut.images", "6x4x4"], ["inspect", "cut.images"], outputs: [], in: scratch)
  }
}
