internal import LinearAlgebra
internal import RenormKernels

/// Gaussian moments of the outputs f(h_a) of an explicit unit at examples a, h_a ~ N(mu_a, c_a) jointly, f odd.
///
/// A new activation is a conforming type and its `UnitFunction`.
protocol UnitMarginals: Sendable {
  /// E f(h_a).
  var values: [Double] { get }
  /// E f'(h_a).
  var slopes: [Double] { get }
  /// E f''(h_a).
  var bends: [Double] { get }
  /// Var f(h_a).
  var variances: [Double] { get }
  /// The share of E f'^2, a root of sums of squares, that no number of terms reaches.
  var remainder: Double { get }
  /// The number of terms after which the series of covariances may end.
  var terms: Int { get }

  /// The terms of Cov(f(h_a), f(h_b)) = sum_{n >= 1} g_n(a) g_n(b) (s_a s_b C_ab)^n; n = 0 with 0.
  func series(_ terms: Int) -> SeriesBlock

  /// From C, the covariances of h: B_ab becomes B_ab E[f'_a f'_b].
  ///
  /// - Returns: sum_b B_ab E[f'_a f_b] and sum_b B_ab E[f''_a f_b].
  func weigh(_ b: inout Matrix, _ c: Matrix) -> (slopes: [Double], bends: [Double])
}

extension UnitMarginals {
  /// Cov(f(h_a), f(h_b)) for these as rows and others of the same activation as columns, from C_ab.
  func covariances(_ c: consuming Matrix, with columns: any UnitMarginals) -> Matrix {
    let terms = max(terms, columns.terms)
    return SeriesBlock.moments(c, series(terms), columns.series(terms))
  }

  /// The same over one set of examples, without a series on the diagonal, where it converges slowest.
  func covariances(_ c: consuming Matrix) -> Matrix {
    covariances(c, with: self).replacing(diagonal: variances)
  }
}

extension Matrix {
  /// The same matrix with another diagonal.
  consuming func replacing(diagonal: [Double]) -> Matrix {
    var result = self
    for (i, value) in diagonal.enumerated() { result[i, i] = value }
    return result
  }
}

/// The activation of an explicit unit.
protocol UnitFunction: Sendable {
  /// The moments at Gaussian preactivations.
  func marginals(means: [Double], variances: [Double]) -> any UnitMarginals
  /// f of every element.
  func values(_ h: consuming Matrix) -> Matrix
  /// E f(h + n), n ~ N(0, variance of its row), of every element.
  func smoothed(_ h: consuming Matrix, rowVariances: [Double]) -> Matrix
}

extension UnitFunction {
  /// The moments under the prior of the unit's weights.
  func prior(variances: [Double]) -> any UnitMarginals {
    marginals(means: [Double](repeating: 0, count: variances.count), variances: variances)
  }
}
