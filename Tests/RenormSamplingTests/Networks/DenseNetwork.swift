import Foundation
import LinearAlgebra
import Renorm

/// A finite network by loops over examples, units, positions and pixels, with the readout's covariance S as it
/// stands (docs/theory.md, sections 1 and 6): everything that follows from the joint Gaussian of readout, f and
/// targets.
struct DenseNetwork {
  let problem: SampledProblem
  /// z = sqrt(lambda0) w.
  let weights: [Double]

  private var patches: NaivePatches {
    let (shape, isFC) = (problem.shape, problem.kind == .fc)
    return NaivePatches(
      channels: shape.channels, height: shape.height, width: shape.width,
      mask: isFC ? (shape.height, shape.width) : (problem.mask.height, problem.mask.width),
      stride: isFC ? (1, 1) : (problem.stride.height, problem.stride.width))
  }

  var positions: Int { patches.corners.count }

  /// s(h_ai(x)), by position and unit.
  func activations(_ x: [Double]) -> [[Double]] {
    patches(x).enumerated().map { i, patch in
      (0..<problem.units).map { a in
        let start = patch.count * (a + (problem.kind == .lcn ? problem.units * i : 0))
        let product = patch.indices.reduce(0.0) { $0 + weights[start + $1] * patch[$1] }
        return problem.activation(product / (problem.lambda0 * Double(patch.count)).squareRoot())
      }
    }
  }

  /// The readout's covariance over positions, times lambda1.
  func readoutCovariance(_ i: Int, _ j: Int) throws -> Double {
    let grid = try problem.architecture.grid(on: problem.shape)
    return try problem.network().readout.covariance(on: grid)?[i, j] ?? (i == j ? 1 : 0)
  }

  /// Covariances of the joint Gaussian of f at points: the given examples first, and of the readout with f.
  struct Joint {
    /// Cov(f(x), f(x')).
    let f: Matrix
    /// Cov(v_ai, f(x)), one row per a + N i.
    let cross: Matrix
    /// Cov(v_ai, v_bj).
    let readout: Matrix
  }

  func joint(_ points: Matrix) throws -> Joint {
    let s = (0..<points.columns).map { activations(points.column($0)) }
    let (n, units) = (positions, problem.units)
    var covariance = Matrix(rows: n, columns: n)
    for i in 0..<n {
      for j in 0..<n { covariance[i, j] = try readoutCovariance(i, j) / problem.lambda1 }
    }
    let readout = Matrix(rows: n * units, columns: n * units) { p, q in
      p % units == q % units ? covariance[p / units, q / units] : 0
    }
    let norm = 1 / Double(units * n).squareRoot()
    let cross = Matrix(rows: n * units, columns: points.columns) { p, x in
      (0..<n).reduce(0.0) { $0 + norm * covariance[p / units, $1] * s[x][$1][p % units] }
    }
    let f = Matrix(rows: points.columns, columns: points.columns) { x, y in
      var sum = 0.0
      for i in 0..<n {
        for a in 0..<units { sum += norm * s[x][i][a] * cross[a + units * i, y] }
      }
      return sum
    }
    return Joint(f: f, cross: cross, readout: readout)
  }
}
