public import LinearAlgebra

/// The shape of one example: input channels x rows x columns of pixels.
///
/// A flat feature vector of length M has the shape 1 x 1 x M.
public struct ImageShape: Equatable, Sendable, Codable {
  /// Input channels.
  public let channels: Int
  /// Rows of pixels.
  public let height: Int
  /// Columns of pixels.
  public let width: Int

  /// A shape; all three sizes must be positive.
  public init(channels: Int, height: Int, width: Int) {
    precondition(channels > 0 && height > 0 && width > 0, "shape \(channels)x\(height)x\(width)")
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// Number of input values of one example.
  public var count: Int { channels * height * width }
}

extension ImageShape {
  /// Decodes a shape.
  ///
  /// - Throws: `DecodingError` for sizes that are not positive or have no product.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let channels = try container.decode(Int.self, forKey: .channels)
    let height = try container.decode(Int.self, forKey: .height)
    let width = try container.decode(Int.self, forKey: .width)
    let sizes = [channels, height, width]
    let hasSize =
      sizes.allSatisfy { $0 > 0 }
      && sizes.reduce(8 as Int?) { size, factor in
        guard let product = size?.multipliedReportingOverflow(by: factor), !product.overflow else { return nil }
        return product.partialValue
      } != nil
    guard hasSize else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "shape \(channels)x\(height)x\(width)"))
    }
    self.init(channels: channels, height: height, width: width)
  }
}

extension ImageShape: CustomStringConvertible {
  public var description: String { "\(channels)x\(height)x\(width)" }
}

/// Examples ready for a network: standardised inputs and real targets. Matrices are stored by columns, so an
/// example's inputs stand in one piece.
public struct Dataset: Equatable, Sendable {
  /// Shape of one example.
  public let shape: ImageShape
  /// Inputs, one column per example: `shape.count` x P, in the order channel, row, column of pixels.
  public let inputs: Matrix
  /// Targets y, one row per example: P x D.
  ///
  /// Two classes are the single output -1 (first class) or +1; D > 2 classes are one-hot minus 1/D, so that the
  /// targets of an example add up to 0. Their noise has the variance T, in the squared units of the targets.
  public let targets: Matrix
  /// The class labels in the order of the outputs (first -> -1, second -> +1); nil for regression.
  public let classes: [ClassLabel]?

  /// A data set; `inputs` is `shape.count` x P and `targets` P x D.
  public init(shape: ImageShape, inputs: Matrix, targets: Matrix, classes: [ClassLabel]? = nil) {
    precondition(inputs.rows == shape.count, "\(inputs.rows) input values for shape \(shape)")
    precondition(targets.rows == inputs.columns, "\(targets.rows) targets for \(inputs.columns) examples")
    self.shape = shape
    self.inputs = inputs
    self.targets = targets
    self.classes = classes
  }

  /// Number of examples P.
  public var count: Int { inputs.columns }
  /// Number of outputs D.
  public var outputs: Int { targets.columns }
}

extension Dataset {
  /// The place of every example's class among `classes`: the sign of one output, else the largest.
  package var classIndices: [Int] { (0..<count).map { targets.classIndex(row: $0) } }
}

/// The place of the class that a row of targets or means names: the sign of one output, else the largest.
package func classIndex(_ row: [Double]) -> Int {
  row.count == 1 ? (row[0] > 0 ? 1 : 0) : classIndex(ofLargest: row)
}

extension Matrix {
  /// `classIndex` of a row, or of its largest element.
  package func classIndex(row i: Int, isOfLargest: Bool = false) -> Int {
    if columns == 1, !isOfLargest { return self[i, 0] > 0 ? 1 : 0 }
    return (1..<max(columns, 1)).reduce(0) { self[i, $1] > self[i, $0] ? $1 : $0 }
  }
}

/// The place of the largest of some numbers, such as the probabilities of classes.
package func classIndex(ofLargest row: [Double]) -> Int { row.indices.max { row[$0] < row[$1] } ?? 0 }
