import Foundation
import LinearAlgebra
import Testing

@testable import RenormFiles

/// Every K-th pixel: the same as x[:, :, ::K, ::K] of an array (examples, channels, rows, columns).
@Suite struct PixelStepTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Value of a pixel, different for all.
  private func pixel(_ example: Int, _ channel: Int, _ row: Int, _ column: Int) -> Double {
    Double(((example * 3 + channel) * 8 + row) * 8 + column)
  }

  private func images(channels: Int, height: Int, width: Int) throws -> String {
    let count = 4
    var values: [Double] = []
    for example in 0..<count {
      for channel in 0..<channels {
        for row in 0..<height {
          for column in 0..<width { values.append(pixel(example, channel, row, column)) }
        }
      }
    }
    var archive = NPZWriter()
    archive.add("x", values, shape: [count, channels, height, width])
    archive.add("y", (0..<count).map { Double($0) }, shape: [count])
    let path = scratch.path("\(channels)-\(height)-\(width).npz")
    try archive.write(to: path)
    return path
  }

  @Test(arguments: [(1, 8, 8, 2), (2, 7, 5, 2), (3, 8, 6, 3), (1, 5, 5, 5), (2, 4, 4, 1)])
  func everyKthPixel(channels: Int, height: Int, width: Int, step: Int) throws {
    let path = try images(channels: channels, height: height, width: width)
    let data = try LoadedData.load(DataFiles(train: path), DataSelection(standardize: .none, pixelStep: step))
    let rows = Array(stride(from: 0, to: height, by: step))
    let columns = Array(stride(from: 0, to: width, by: step))
    #expect(data.train.shape == ImageShape(channels: channels, height: rows.count, width: columns.count))
    for example in 0..<4 {
      let expected = (0..<channels).flatMap { channel in
        rows.flatMap { row in columns.map { pixel(example, channel, row, $0) } }
      }
      #expect(data.train.inputs.column(example) == expected)
    }
  }

  /// Mean and deviation are those of the pixels that are kept.
  @Test func comesBeforeStandardisation() throws {
    let path = try images(channels: 1, height: 4, width: 4)
    let data = try LoadedData.load(DataFiles(train: path), DataSelection(pixelStep: 2))
    let inputs = data.train.inputs.elements
    let mean = inputs.reduce(0, +) / Double(inputs.count)
    let square = inputs.reduce(0) { $0 + $1 * $1 } / Double(inputs.count)
    // Rounding of sums over sixteen numbers of order one.
    #expect(abs(mean) < 1e-14 && abs(square - 1) < 1e-14)
  }

  @Test func comesAfterGrayscale() throws {
    let path = try images(channels: 3, height: 4, width: 4)
    let selection = DataSelection(standardize: .none, grayscale: true, pixelStep: 3)
    let data = try LoadedData.load(DataFiles(train: path), selection)
    #expect(data.train.shape == ImageShape(channels: 1, height: 2, width: 2))
    for (k, (row, column)) in [(0, 0), (0, 3), (3, 0), (3, 3)].enumerated() {
      let gray =
        0.299 * pixel(1, 0, row, column) + 0.587 * pixel(1, 1, row, column) + 0.114 * pixel(1, 2, row, column)
      #expect(abs(data.train.inputs[k, 1] - gray) < 1e-12 * gray)
    }
  }

  /// A recipe prepares later files as those of the fit, also after it was written and read.
  @Test func isKeptForLaterFiles() throws {
    let path = try images(channels: 1, height: 6, width: 6)
    let data = try LoadedData.load(DataFiles(train: path), DataSelection(pixelStep: 2))
    let written = try JSONEncoder().encode(data.recipe)
    let recipe = try JSONDecoder().decode(DataRecipe.self, from: written)
    #expect(recipe == data.recipe)
    #expect(try recipe.loadHeldOut(file: path).inputs == data.train.inputs)
  }

  /// Models of before the option hold no such key.
  @Test func olderRecipesKeepAllPixels() throws {
    let path = try images(channels: 1, height: 6, width: 6)
    let recipe = try LoadedData.load(DataFiles(train: path), DataSelection()).recipe
    let written = try JSONEncoder().encode(recipe)
    #expect(!String(decoding: written, as: UTF8.self).contains("pixelStep"))
    #expect(try JSONDecoder().decode(DataRecipe.self, from: written).shape == recipe.fileShape)
  }

  @Test func damagedRecipesAreRefused() throws {
    let path = try images(channels: 1, height: 6, width: 6)
    let recipe = try LoadedData.load(DataFiles(train: path), DataSelection(pixelStep: 2)).recipe
    let text = String(decoding: try JSONEncoder().encode(recipe), as: UTF8.self)
    let damaged = text.replacing("\"pixelStep\":2", with: "\"pixelStep\":0")
    #expect(damaged != text)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(DataRecipe.self, from: Data(damaged.utf8)) }
  }

  @Test func refusesStepsThatDoNotFit() throws {
    let path = try images(channels: 1, height: 6, width: 4)
    func load(_ step: Int, _ file: String) throws -> LoadedData {
      try LoadedData.load(DataFiles(train: file), DataSelection(pixelStep: step))
    }
    expectError("pixel step 0: must be a positive integer", .usage) { try load(0, path) }
    expectError(
      "1-6-4.npz: examples of shape 1x6x4, expected at least 5 x 5 pixels for a pixel step of 5 "
        + "(flat inputs need an image shape)"
    ) { try load(5, path) }
    let table = try scratch.file("t.csv", "1,2,3,0\n4,5,7,1\n")
    expectError(
      "t.csv: examples of shape 1x1x3, expected at least 2 x 2 pixels for a pixel step of 2 "
        + "(flat inputs need an image shape)"
    ) { try load(2, table) }
  }
}
