import Foundation
import LinearAlgebra
import Renorm
import RenormFiles

/// MNIST, every second pixel, the first training examples of two digits, and 100 others; standardised by the
/// first.
enum PublishedProblem {
  /// The first 60 of two digits of `notebooks-data`, 8 x 8 pixels.
  static func digits(_ a: Int, _ b: Int) throws -> (train: Dataset, test: Dataset) {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../notebooks-data/digits/digits.npz").standardized.path
    let loaded = try LoadedData.load(
      DataFiles(train: file),
      DataSelection(classes: [.integer(a), .integer(b)], trainCount: 60, testCount: 100))
    return (loaded.train, loaded.test ?? loaded.train)
  }

  static func load(_ a: Int, _ b: Int, trainCount: Int = 60) throws -> (train: Dataset, test: Dataset) {
    let folder = Machine.dataFolder ?? ""
    let all = try LoadedData.load(
      DataFiles(
        train: "\(folder)/train-images-idx3-ubyte.gz", trainLabels: "\(folder)/train-labels-idx1-ubyte.gz"),
      DataSelection(
        classes: [.integer(a), .integer(b)], trainCount: trainCount + 100, standardize: .none, pixelStep: 2)
    ).train
    let moments = Moments(Array(all.inputs.elements.prefix(all.inputs.rows * trainCount)))
    func part(_ range: Range<Int>) -> Dataset {
      let inputs = all.inputs.selectingColumns(range)
      return Dataset(
        shape: all.shape,
        inputs: Matrix(
          rows: inputs.rows, columns: inputs.columns,
          elements: inputs.elements.map { ($0 - moments.mean) / moments.deviation }),
        targets: all.targets.selectingRows(range), classes: all.classes)
    }
    return (part(0..<trainCount), part(trainCount..<trainCount + 100))
  }
}
