internal import LinearAlgebra
internal import Renorm

extension Network {
  /// X^T u over its length, u = (T + K/lambda1)^-1 y at infinite width: the direction in which the weights of a
  /// hidden unit of one position are pulled first (docs/condensed.md). M numbers, the bias's last; zero where the
  /// targets are.
  ///
  /// - Throws: `RenormError` where patches do not fit, `.numericalFailure` where A cannot be factored.
  func targetDirection(_ data: Dataset) throws(RenormError) -> [Double] {
    let (local, _) = try kernels(on: data.shape, threads: 1)
    let patches = Patches(data.inputs, of: local)
    return try Parallel.withThreads(1) { () throws(RenormError) in
      var a = (1 / lambda1) * local.pairKernel(patches, 0, patches, 0)
      // Rounding of the kernel must not stop a sampler that works with features.
      let rounding = 1e-12 * (a.diagonal.max() ?? 0)
      for i in 0..<data.count { a[i, i] += temperature + rounding }
      let u = try factoring("T I + K") { () throws(LinearAlgebraError) in
        try Cholesky(a).solve(data.targets.column(0))
      }
      let x = Matrix(rows: patches.size, columns: patches.count, elements: patches.elements)
      let direction = x * u
      let length = dot(direction, direction).squareRoot()
      return length > 0 ? direction.scaled(by: 1 / length) : direction
    }
  }
}
