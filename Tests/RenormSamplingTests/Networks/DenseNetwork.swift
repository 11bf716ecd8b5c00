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

  private var isFC: Bool { problem.kind == .fc }
  private var mask: (Int, Int) {
    isFC ? (problem.shape.height, problem.shape.width) : (problem.mask.height, problem.mask.width)
  }
  private var corners: [(Int, Int)] {
    if isFC { return [(0, 0)] }
    var corners: [(Int, Int)] = []
    for top in stride(from: 0, through: problem.shape.height - mask.0, by: problem.stride.height) {
      for left in stride(from: 0, through: problem.shape.width - mask.1, by: problem.stride.width) {
        corners.append((top, left))
      }
    }
    return corners
  }

  var positions: Int { corners.count }

  private func patch(_ x: [Double], _ position: Int) -> [Double] {
    var patch: [Double] = []
    let (height, width) = (problem.shape.height, problem.shape.width)
    for channel in 0..<problem.shape.channels {
      for row in 0..<mask.0 {
        for column in 0..<mask.1 {
          let pixel = (corners[position].0 + row) * width + corners[position].1 + column
          patch.append(x[channel * height * width + pixel])
        }
      }
    }
    return patch
  }

  /// s(h_ai(x)), by position and unit.
  func activations(_ x: [Double]) -> [[Double]] {
    (0..<positions).map { i in
      let patch = patch(x, i)
      return (0..<problem.units).map { a in
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

/// Dense algebra by loops.
enum Dense {
  /// The inverse and log determinant of a positive definite matrix by Gauss-Jordan elimination.
  static func inverse(_ a: Matrix) -> (inverse: Matrix, logDeterminant: Double) {
    var left = (0..<a.rows).map { a.row($0) }
    var right = (0..<a.rows).map { i in (0..<a.rows).map { $0 == i ? 1.0 : 0 } }
    var logDeterminant = 0.0
    for k in 0..<a.rows {
      let pivot = left[k][k]
      logDeterminant += log(pivot)
      for j in 0..<a.rows {
        left[k][j] /= pivot
        right[k][j] /= pivot
      }
      for i in 0..<a.rows where i != k {
        let factor = left[i][k]
        for j in 0..<a.rows {
          left[i][j] -= factor * left[k][j]
          right[i][j] -= factor * right[k][j]
        }
      }
    }
    return (Matrix(rows: a.rows, columns: a.rows) { right[$0][$1] }, logDeterminant)
  }

  static func product(_ a: Matrix, _ b: Matrix) -> Matrix {
    Matrix(rows: a.rows, columns: b.columns) { i, j in
      (0..<a.columns).reduce(0) { $0 + a[i, $1] * b[$1, j] }
    }
  }
}
