import Testing

/// CIFAR-10 records, which hold three planes of 32 x 32 pixels.
@Suite struct CIFARTests {
  let scratch: Scratch
  private let network = [
    "fit", "--architecture", "cnn", "--width", "8", "--temperature", "0.2", "--mask", "16", "--test-fraction",
    "0.25",
  ]
  private let images = Problem(count: 8, height: 96, width: 32).images

  init() throws {
    scratch = try Scratch()
    try scratch.file("data.bin", cifar(images.enumerated().map { (UInt8($0 % 2 == 0 ? 3 : 5), $1) }))
    try scratch.file("labels.npy", npy("|u1", [8], (0..<8).map { $0 % 2 == 0 ? 3 : 5 }))
  }

  @Test func sameAsAnArray() throws {
    try scratch.file("images.npy", npy("|u1", [8, 3, 32, 32], images.flatMap(\.self)))
    let records = try fit(network + ["--train", "data.bin"], in: scratch)
    let array = try fit(
      network + ["--train", "images.npy", "--train-labels", "labels.npy", "--classification"], in: scratch)
    #expect(numbers(records.report) == numbers(array.report))
    #expect(records.predictions.rows == array.predictions.rows)
    #expect(records.report["data"]["classes"] == .array([.number(3), .number(5)]))
  }

  @Test func grayscale() throws {
    let gray = images.flatMap { image -> [Double] in
      let planes = (0..<3).map { plane in image[1024 * plane..<1024 * (plane + 1)].map { Double($0) / 255 } }
      return (0..<1024).map { 0.299 * planes[0][$0] + 0.587 * planes[1][$0] + 0.114 * planes[2][$0] }
    }
    try scratch.file("images.npy", npy([8, 1, 32, 32], gray))
    let records = try fit(network + ["--train", "data.bin", "--grayscale"], in: scratch)
    let array = try fit(
      network + ["--train", "images.npy", "--train-labels", "labels.npy", "--classification"], in: scratch)
    expectClose(records.predictions.column("mean"), array.predictions.column("mean"), relative: 1e-9)
    expectClose(records.predictions.column("variance"), array.predictions.column("variance"), relative: 1e-9)
  }

  /// The order of the classes decides the sign of the output.
  @Test func orderOfClasses() throws {
    let one = try fit(network + ["--train", "data.bin", "--classes", "3,5"], in: scratch)
    let other = try fit(network + ["--train", "data.bin", "--classes", "5,3"], in: scratch)
    expectClose(one.predictions.column("mean"), other.predictions.column("mean").map { -$0 }, relative: 1e-9)
    #expect(one.report["test"]["accuracy"] == other.report["test"]["accuracy"])
  }
}
