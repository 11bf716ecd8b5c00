import Foundation
import Renorm
import RenormFiles

/// A fit on image files of the folder RENORM_DATA.
struct Problem: Sendable, Codable {
  enum Source: String, Sendable, Codable {
    case mnist, cifar
  }

  var source = Source.mnist
  var classes = [3, 8]
  var examples = 1000
  var heldOut: Int?
  /// Side of the mask and stride; nil for a fully connected network.
  var mask: Int?
  var stride: Int?
  var width = 500
  var temperature = 0.01
  var lambda1 = 1.0

  /// A CNN with the given number of positions.
  static func convolutional(positions: Int, source: Source, examples: Int) throws -> Problem {
    let windows: [Source: [Int: (Int, Int)]] = [
      .mnist: [4: (14, 14), 16: (7, 7), 36: (8, 4), 64: (7, 3)],
      .cifar: [4: (16, 16), 16: (8, 8), 36: (7, 5), 64: (4, 4)],
    ]
    guard let (mask, stride) = windows[source]?[positions] else {
      throw BenchmarkError("no mask gives \(positions) positions; 4, 16, 36 and 64 are available")
    }
    return Problem(
      source: source, classes: source == .mnist ? [3, 8] : [0, 1], examples: examples, mask: mask,
      stride: stride,
      width: max(1, examples / 2))
  }

  var name: String {
    let data = source == .mnist ? "MNIST \(classes[0])/\(classes[1])" : "CIFAR \(classes[0])/\(classes[1])"
    let window = mask.map { "CNN mask \($0) stride \(stride ?? $0)" } ?? "FC"
    return "\(data) \(window) P=\(examples) N=\(width) T=\(temperature) lambda1=\(lambda1)"
  }

  func network() throws -> Network {
    let architecture: any Architecture =
      mask.map { Convolutional(mask: Extent($0), stride: Extent(stride ?? $0)) } ?? FullyConnected()
    return try Network(
      architecture: architecture, width: .finite(width), temperature: temperature, lambda1: lambda1)
  }

  func load() throws -> LoadedData {
    guard let folder = ProcessInfo.processInfo.environment["RENORM_DATA"] else {
      throw BenchmarkError("set RENORM_DATA to a folder with the MNIST and CIFAR-10 files that README.md lists")
    }
    var files: DataFiles
    switch source {
    case .mnist:
      files = DataFiles(
        train: "\(folder)/train-images-idx3-ubyte.gz", trainLabels: "\(folder)/train-labels-idx1-ubyte.gz")
      if heldOut != nil {
        files.test = "\(folder)/t10k-images-idx3-ubyte.gz"
        files.testLabels = "\(folder)/t10k-labels-idx1-ubyte.gz"
      }
    case .cifar:
      files = DataFiles(train: "\(folder)/cifar10-airplane-automobile-train.bin")
      if heldOut != nil { files.test = "\(folder)/cifar10-airplane-automobile-test.bin" }
    }
    return try LoadedData.load(
      files, DataSelection(classes: classes.map(ClassLabel.integer), trainCount: examples, testCount: heldOut))
  }
}

struct BenchmarkError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
