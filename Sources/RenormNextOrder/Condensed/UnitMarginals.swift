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
    let (a, b) = (series(terms), columns.series(terms))
    var result = c
    let height = result.rows
    result.withUnsafeMutableElements { elements in
      guard let base = elements.baseAddress else { return }
      SeriesBlock.replace(base, stride: height, a, b, isOdd: false)
    }
    return result
  }

  /// The same over one set of examples, without a series on the diagonal, where it converges slowest.
  func covariances(_ c: consuming Matrix) -> Matrix {
    var result = covariances(c, with: self)
    for (i, variance) in variances.enumerated() { result[i, i] = variance }
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
