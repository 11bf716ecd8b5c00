/// A small set of images with labels, made from a seed.
struct Problem {
  let height: Int
  let width: Int
  var images: [[UInt8]]
  var labels: [Int]

  /// Random images; the labels go round the classes, and a class brightens its part of the image.
  init(count: Int, classes: Int = 2, height: Int = 4, width: Int = 4, seed: UInt64 = 1) {
    var random = Seeded(Int(seed))
    self.height = height
    self.width = width
    labels = (0..<count).map { $0 % classes }
    let pixels = height * width
    images = labels.map { label in
      (0..<pixels).map { UInt8(random.next() % 156) + ($0 * classes / pixels == label ? 100 : 0) }
    }
  }

  var count: Int { images.count }
  /// Pixels divided by 255.
  var inputs: [[Double]] { images.map { $0.map { Double($0) / 255 } } }
  var targets: [Double] { labels.map(Double.init) }

  /// The examples at the given places.
  func examples(_ indices: some Sequence<Int>) -> Problem {
    var part = self
    part.images = indices.map { images[$0] }
    part.labels = indices.map { labels[$0] }
    return part
  }

  var table: String { csv(inputs, targets) }
  var imageFile: [UInt8] { idx(shape: [count, height, width].map { UInt32($0) }, images.flatMap(\.self)) }
  var labelFile: [UInt8] { idx(shape: [UInt32(count)], labels.map { UInt8($0) }) }
}

extension Scratch {
  /// `name.csv`, `name.images` and `name.labels` of a problem.
  func write(_ problem: Problem, _ name: String) throws {
    try file("\(name).csv", problem.table)
    try file("\(name).images", problem.imageFile)
    try file("\(name).labels", problem.labelFile)
  }
}

/// Arguments of a small fit of each kind.
enum Arguments {
  static let fc = ["fit", "--architecture", "fc", "--width", "10", "--temperature", "0.1"]
  static let cnn = [
    "fit", "--architecture", "cnn", "--width", "10", "--temperature", "0.1", "--mask", "2", "--shape",
    "1x4x4",
  ]
  static let lcn = [
    "fit", "--architecture", "lcn", "--width", "10", "--temperature", "0.1", "--mask", "2", "--shape",
    "1x4x4",
  ]
  static let images = ["--train", "train.images", "--train-labels", "train.labels"]
  static let testImages = ["--test", "test.images", "--test-labels", "test.labels"]
}
