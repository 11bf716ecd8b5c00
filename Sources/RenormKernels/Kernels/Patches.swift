package import LinearAlgebra

/// The patches of all examples, scaled so that inner products are the covariances of pre-activations,
///
///     (lambda0 M)^(-1/2) L^T x_i,  and  lambda_bias^(-1/2)  for a bias,
///
/// F = L L^T the filter prior: C_ij(x, x') = x_i^T F x'_j/(lambda0 M) + 1/lambda_bias. An array of n P numbers
/// for each of the independent weights of a unit, in which a patch stands in one piece. Blocks of them are
/// copied, not gathered anew, for every tile.
package struct Patches: Sendable {
  /// Number of examples.
  package let count: Int
  /// Numbers of a patch, `LocalKernels.patchLength`.
  package let size: Int
  /// The patch of example mu at position i, from `size * (mu + count * i)`.
  package let elements: [Double]
  /// C_ii(x, x), by mu + count * i.
  fileprivate let variances: [Double]

  /// The patches of all columns of `inputs` that kernels are made of.
  ///
  /// - Parameter inputs: one column per example, channels x rows x columns of pixels.
  package init(_ inputs: Matrix, of kernels: LocalKernels) {
    let grid = kernels.grid
    let (count, size) = (inputs.columns, kernels.patchLength)
    var variances = [Double](repeating: 0, count: count * grid.positions)
    elements = [Double](unsafeUninitializedCapacity: variances.count * size) { elements, initialized in
      variances.withUnsafeMutableBufferPointer { variances in
        inputs.withUnsafeElements { inputs in
          guard let source = inputs.baseAddress, let elements = elements.baseAddress else { return }
          Parallel.forEachWorker(count, threads: kernels.threads) { examples in
            let gatherer = PatchGatherer(kernels)
            for example in examples {
              gatherer.gather(source + example * grid.image.count) { i, patch in
                let place = example + count * i
                let target = elements + size * place
                target.update(from: patch, count: size)
                var sum = 0.0
                for k in 0..<size { sum += target[k] * target[k] }
                variances[place] = sum
              }
            }
          }
        }
      }
      initialized = count * size * grid.positions
    }
    self.variances = variances
    self.count = count
    self.size = size
  }

  /// C_ii(x, x), the variance of a pre-activation.
  package func variance(_ position: Int, _ example: Int) -> Double { variances[example + count * position] }
}

/// The patches of a few examples at a range of positions: column (i, mu), position major, is the patch of
/// example mu at position i.
package struct PatchBlock {
  private(set) var patches: [Double]
  /// C_ii(x, x), one per column.
  private(set) var variances: [Double]

  /// Room for `capacity` patches. It is not written before it is used: of millions of pixels, and few examples,
  /// most of it never is.
  package init(capacity: Int, patchSize: Int) {
    let count = capacity * patchSize
    patches = [Double](unsafeUninitializedCapacity: count) { $1 = count }
    variances = [Double](repeating: 0, count: capacity)
  }

  /// Holds the patches of consecutive examples at consecutive positions, which must fit.
  package mutating func copy(_ source: Patches, _ examples: Range<Int>, positions: Range<Int>) {
    for (k, i) in positions.enumerated() {
      let start = examples.lowerBound + source.count * i
      let range = start..<start + examples.count
      copyElements(
        source.elements, source.size * range.lowerBound..<source.size * range.upperBound, to: &patches,
        at: source.size * examples.count * k)
      copyElements(source.variances, range, to: &variances, at: examples.count * k)
    }
  }
}

private func copyElements(_ source: [Double], _ range: Range<Int>, to target: inout [Double], at index: Int) {
  precondition(
    range.upperBound <= source.count && index + range.count <= target.count,
    "elements \(range) of \(source.count) to \(index) of \(target.count)")
  source.withUnsafeBufferPointer { source in
    target.withUnsafeMutableBufferPointer { target in
      guard let source = source.baseAddress, let target = target.baseAddress else { return }
      (target + index).update(from: source + range.lowerBound, count: range.count)
    }
  }
}
