internal import Foundation
internal import LinearAlgebra

/// The Hermite coefficients alpha_k(v) of a function (`HermiteSeries`) for variances of one octave, 2^e <= v <
/// 2^(e+1): at 16 Chebyshev points of the deviation v^(1/2), between which a polynomial interpolates. The
/// coefficients are analytic in the right half plane of deviations, so that the error falls by 11.6 with every
/// point.
struct HermiteOctave: Sendable {
  /// How many coefficients there are: of orders 0, 1, 2, ..., of an odd function 1, 3, 5, ...
  let terms: Int
  /// Deviations at the nodes.
  private let nodes: [Double]
  /// Points x terms.
  let table: Matrix
  /// What the coefficients from a term on make up of E[s(a)^2], at most over the nodes; terms + 1 numbers.
  let tails: [Double]

  private static let points = 16
  /// The largest order that is tried.
  private static let largestOrder = 32_768
  /// What the coefficients may leave of E[s(a)^2], relative.
  private static let remainder = 1e-13
  /// What coefficients may change by from one step of the quadrature to half of it, and off the nodes, relative
  /// to the root of E[s(a)^2].
  private static let tolerance = 1e-14

  /// The table at variance 0: s(0) alone.
  init(constant: Double, isOdd: Bool) {
    (terms, nodes, tails) = (1, [0], [1, 0])
    table = Matrix(rows: 1, columns: 1, repeating: isOdd ? 0 : constant)
  }

  /// Nil where coefficients do not converge.
  init?(exponent: Int, isOdd: Bool, _ function: @escaping @Sendable (Double) -> Double) {
    let low = pow(2, Double(exponent) / 2)
    let (centre, half) = (low * (1 + 2.0.squareRoot()) / 2, low * (2.0.squareRoot() - 1) / 2)
    nodes = (0..<Self.points).map { centre + half * cos(.pi * Double($0) / Double(Self.points - 1)) }
    // The last one is none of the nodes: a check of the interpolation.
    let deviations = nodes + [centre + 0.37 * half]
    var quadrature = HermiteQuadrature(deviations, isOdd: isOdd, function)
    var order = 64
    while true {
      let rough = quadrature.rough(below: order)
      if 4 * rough.terms(above: 2 * Self.tolerance) <= 3 * rough.values.rows {
        guard let found = quadrature.settled(rough, below: order, tolerance: Self.tolerance),
          found.largestRemainder <= Self.remainder
        else { return nil }
        let terms = found.terms(above: 2 * Self.tolerance)
        self.terms = terms
        table = Matrix(rows: Self.points, columns: terms) { found.values[$1, $0] }
        tails = found.tails(terms)
        let between = interpolated(deviations[Self.points])
        let size = found.squares[Self.points].squareRoot()
        let isRight = (0..<terms).allSatisfy {
          abs(between[$0] - found.values[$0, Self.points]) <= 10 * Self.tolerance * size
        }
        if isRight { return }
        return nil
      }
      guard order < Self.largestOrder else { return nil }
      order *= 2
    }
  }

  /// alpha at a variance of the octave, all terms.
  func coefficients(_ variance: Double) -> [Double] { interpolated(variance.squareRoot()) }

  private func interpolated(_ deviation: Double) -> [Double] {
    (table.asTranspose * Matrix(columns: [weights(deviation)])).elements
  }

  /// The weights of the nodes at a deviation, by the barycentric formula (J.-P. Berrut and L. N. Trefethen,
  /// SIAM Review 46 (2004)).
  func weights(_ deviation: Double) -> [Double] {
    guard nodes.count > 1 else { return [1] }
    if let exact = nodes.firstIndex(of: deviation) { return nodes.indices.map { $0 == exact ? 1 : 0 } }
    let terms = nodes.enumerated().map { k, node in
      let end = k == 0 || k == nodes.count - 1 ? 0.5 : 1
      return (k % 2 == 0 ? end : -end) / (deviation - node)
    }
    let sum = terms.reduce(0, +)
    return terms.map { $0 / sum }
  }
}
