import Foundation
import LinearAlgebra

/// Sections 2 to 7 of docs/theory.md by loops over a given network, for all of a few points at once.
///
/// `K[i][j]` and `m[i]` are over all points, training points first.
package struct NaiveNetwork {
  package enum Kind { case fullyConnected, locallyConnected, convolutional }
  package enum Activation: CaseIterable { case erf, relu, linear, sine }

  package var kind = Kind.fullyConnected
  package var activation = Activation.erf
  package var temperature = 0.1
  package var lambda0 = 1.0
  package var lambda1 = 1.0
  /// Height and width of mask and stride.
  package var mask = (1, 1)
  package var stride = (1, 1)

  package init() {}

  /// E[s(a)s(b)], as the table of section 2 states it.
  package func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    switch activation {
    case .linear: return cab
    case .erf: return 2 / .pi * asin(2 * cab / ((1 + 2 * caa) * (1 + 2 * cbb)).squareRoot())
    case .relu:
      guard caa * cbb > 0 else { return 0 }
      let u = min(1, max(-1, cab / (caa * cbb).squareRoot()))
      return (caa * cbb).squareRoot() * (u * (.pi - acos(u)) + (1 - u * u).squareRoot()) / (2 * .pi)
    case .sine: return exp(-(caa + cbb) / 2) * sinh(cab)
    }
  }

  package func mean(_ variance: Double) -> Double {
    activation == .relu ? (variance / (2 * .pi)).squareRoot() : 0
  }

  /// The patches of images of a shape; the whole image for a fully connected network.
  package func patches(channels: Int, height: Int, width: Int) -> NaivePatches {
    let isFC = kind == .fullyConnected
    return NaivePatches(
      channels: channels, height: height, width: width, mask: isFC ? (height, width) : mask,
      stride: isFC ? (1, 1) : stride)
  }

  /// The local kernels of examples, one a column.
  package func kernels(_ inputs: Matrix, _ patches: NaivePatches) -> NaiveKernels {
    let points = (0..<inputs.columns).map { patches(inputs.column($0)) }
    let n = patches.corners.count
    func covariance(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / (lambda0 * Double(a.count))
    }
    let variances = points.map { $0.map { covariance($0, $0) } }
    let count = points.count
    let k = (0..<n).map { i in
      (0..<n).map { j in
        // Positions of an LCN have independent filters: K_ij is not needed and must not be used.
        kind == .locallyConnected && i != j
          ? Matrix(rows: count, columns: count)
          : Matrix(rows: count, columns: count) { p, q in
            secondMoment(variances[p][i], covariance(points[p][i], points[q][j]), variances[q][j])
          }
      }
    }
    let m = (0..<n).map { i in (0..<count).map { mean(variances[$0][i]) } }
    return NaiveKernels(k: k, m: m, network: self)
  }
}

package struct NaiveKernels {
  package let k: [[Matrix]]
  package let m: [[Double]]
  package let network: NaiveNetwork

  package var positions: Int { m.count }
  package var isOdd: Bool { network.activation != .relu }

  /// K_R over all points for one output, with weights over positions:
  /// 1/(lambda1 n) sum_ij [ W_ij Kc_ij + R_ij m_i m_j^T ].
  package func renormalized(_ w: Matrix, _ r: Matrix) -> Matrix {
    let n = positions
    return Matrix(rows: k[0][0].rows, columns: k[0][0].rows) { p, q in
      var sum = 0.0
      for i in 0..<n {
        for j in 0..<n where network.kind != .locallyConnected || i == j {
          let means = m[i][p] * m[j][q]
          sum += w[i, j] * (k[i][j][p, q] - means) + r[i, j] * means
        }
      }
      return sum / (network.lambda1 * Double(n))
    }
  }

  /// K_R for D outputs, on the index p + P d, with weights on the index i D + c of positions and outputs.
  package func renormalizedOverOutputs(_ w: Matrix, _ r: Matrix) -> Matrix {
    let (count, n) = (k[0][0].rows, positions)
    let outputs = w.rows / n
    return Matrix(rows: count * outputs, columns: count * outputs) { a, b in
      let (p, c, q, d) = (a % count, a / count, b % count, b / count)
      var sum = 0.0
      for i in 0..<n {
        for j in 0..<n where network.kind != .locallyConnected || i == j {
          let means = m[i][p] * m[j][q]
          sum += w[i * outputs + c, j * outputs + d] * (k[i][j][p, q] - means)
          sum += r[i * outputs + c, j * outputs + d] * means
        }
      }
      return sum / (network.lambda1 * Double(n))
    }
  }

  /// The data part log det A + y^T A^-1 y for the first points as training points.
  package func dataTerm(_ w: Matrix, _ r: Matrix, targets y: Matrix) -> Double {
    let kernel = y.columns > 1 ? renormalizedOverOutputs(w, r) : renormalized(w, r)
    var a = kernel
    for i in 0..<a.rows { a[i, i] += network.temperature }
    let vector = Matrix(rows: y.elements.count, columns: 1, elements: y.elements)
    let u = Naive.solve(a, vector)
    return Naive.logDeterminant(a) + zip(y.elements, u.elements).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// S(Q) of section 3.
  package func action(_ q: Matrix, targets: Matrix, width: Double) -> Double {
    q.trace - Naive.logDeterminant(q) + dataTerm(q, q, targets: targets) / width
  }

  /// S(Q, Qbar) of section 4.
  package func action(_ q: Matrix, _ qbar: Matrix, targets: Matrix, width: Double) -> Double {
    let shifted = .identity(q.rows) + q
    return -Naive.product(q, qbar).trace + Naive.logDeterminant(shifted)
      + dataTerm(qbar, Naive.inverse(shifted), targets: targets) / width
  }

  /// Posterior mean and variance at the points after the first P, D outputs: points x D each.
  package func predict(_ w: Matrix, _ r: Matrix, targets y: Matrix) -> (
    mean: Matrix, variance: Matrix, prior: Matrix
  ) {
    let all = k[0][0].rows
    let (p, d) = (y.rows, y.columns)
    let kernel = d > 1 ? renormalizedOverOutputs(w, r) : renormalized(w, r)
    let place = { (point: Int, output: Int) in point + all * output }
    let training = (0..<d).flatMap { output in (0..<p).map { place($0, output) } }
    let a = Matrix(rows: p * d, columns: p * d) { i, j in
      kernel[training[i], training[j]] + (i == j ? network.temperature : 0)
    }
    var mean = Matrix(rows: all - p, columns: d)
    var variance = mean
    var prior = mean
    let u = Naive.solve(a, Matrix(rows: p * d, columns: 1, elements: y.elements))
    for point in p..<all {
      for output in 0..<d {
        let x = place(point, output)
        let cross = Matrix(rows: p * d, columns: 1) { i, _ in kernel[training[i], x] }
        let solved = Naive.solve(a, cross)
        mean[point - p, output] = Naive.product(cross.transposed, u)[0, 0]
        prior[point - p, output] = kernel[x, x]
        variance[point - p, output] = kernel[x, x] - Naive.product(cross.transposed, solved)[0, 0]
      }
    }
    return (mean, variance, prior)
  }
}
