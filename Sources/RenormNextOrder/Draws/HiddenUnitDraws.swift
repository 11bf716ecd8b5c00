internal import GSLNumerics
internal import LinearAlgebra

/// Draws of the filter of a hidden unit, in blocks of orthogonal ones: w = |z| q with q a column of a uniformly
/// random orthogonal matrix and |z| the length of a Gaussian vector, so that each draw alone is Gaussian.
///
/// A piece is a function of the seed and of its number only: results depend neither on threads nor on what was
/// drawn before, and networks with the same patch size share their draws.
struct HiddenUnitDraws: Sendable {
  /// The number of inputs M that a unit sees.
  let inputs: Int
  let seed: UInt32

  /// Columns that are orthogonal to each other.
  private let block: Int
  /// Draws of one piece.
  let pieceSize: Int

  /// - Parameter largestPiece: about the draws of a piece at most, where few are wanted.
  init(inputs: Int, seed: UInt32, largestPiece: Int = 512) {
    self.inputs = inputs
    self.seed = seed
    block = min(inputs, largestPiece)
    let smallest = min(largestPiece, 256)
    pieceSize = block * ((smallest + block - 1) / block)
  }

  /// Writes M x pieceSize filters with weights of variance 1.
  func piece(_ number: Int, into result: WorkArray) {
    let generator = RandomGenerator(seed: seed, stream: number)
    precondition(result.count >= inputs * pieceSize, "\(result.count) numbers for a piece")
    var vector = [Double](repeating: 0, count: inputs * block)
    for start in stride(from: 0, to: pieceSize, by: block) {
      generator.fillGaussian(&vector)
      let view = MatrixView(result.pointer + inputs * start, inputs, block)
      vector.withUnsafeBufferPointer {
        if let base = $0.baseAddress { view.pointer.update(from: base, count: $0.count) }
      }
      // Gaussian numbers are finite.
      try? view.orthonormalizeColumns()
      for j in 0..<block {
        let length = generator.chiSquared(Double(inputs)).squareRoot()
        for i in 0..<inputs { view[i, j] *= length }
      }
    }
  }
}
