import Renorm
import RenormFiles

/// MNIST, every second pixel, the first training and the first 100 test examples of two digits.
enum PublishedProblem {
  static func load(_ a: Int, _ b: Int, trainCount: Int = 60) throws -> LoadedData {
    let folder = Machine.dataFolder ?? ""
    return try LoadedData.load(
      DataFiles(
        train: "\(folder)/train-images-idx3-ubyte.gz", trainLabels: "\(folder)/train-labels-idx1-ubyte.gz",
        test: "\(folder)/t10k-images-idx3-ubyte.gz", testLabels: "\(folder)/t10k-labels-idx1-ubyte.gz"),
      DataSelection(
        classes: [.integer(a), .integer(b)], trainCount: trainCount, testCount: 100, pixelStep: 2))
  }
}
