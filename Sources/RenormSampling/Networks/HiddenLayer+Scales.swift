internal import Foundation
internal import GSLNumerics
internal import LinearAlgebra
internal import RenormAction

extension HiddenLayer {
  /// Numbers of the state of a network with a node prior: a scale for each unit, else none.
  var scaleCount: Int { scaleLaw == nil ? 0 : units }

  /// Scales drawn from their prior, from standard normal numbers.
  func priorScales(_ normal: ArraySlice<Double>) -> [Double] {
    guard let scaleLaw else { return [] }
    return normal.map { scaleLaw.quantile(NormalDistribution.cumulative($0)) }
  }

  /// Multiplies what belongs to the features of unit a by tau_a^(1/2): features themselves, or derivatives by
  /// the scaled ones. Nothing without a node prior.
  ///
  /// - Parameters:
  ///   - columns: rows x (N r), the column of unit a and coordinate b at a + N b.
  ///   - scales: tau.
  func scale(_ columns: MatrixView, by scales: UnsafePointer<Double>) {
    guard scaleLaw != nil else { return }
    for a in 0..<units {
      let root = scales[a].squareRoot()
      for b in 0..<rank {
        let column = columns.column(a + units * b).pointer
        for k in 0..<columns.rows { column[k] *= root }
      }
    }
  }

  /// (1 + max tau/N)^(-1/2): a unit adds tau_a/N to the weight of the kernel, which is of order 1, and the
  /// curvature of log p along its weights grows so. It is near 1 unless the law has heavy tails, or few open
  /// units.
  func stepFactor(_ scales: ArraySlice<Double>) -> Double {
    1 / (1 + (scales.max() ?? 0) / Double(units)).squareRoot()
  }

  /// What is recorded of the scales, in the order of the layout: the part of the units with tau > 0, or the
  /// mean of log tau.
  func scaleRecord(_ scales: UnsafePointer<Double>) -> [Double] {
    guard let scaleLaw else { return [] }
    let all = (0..<units).map { scales[$0] }
    let sum =
      ScaleQuantity(scaleLaw) == .openFraction
      ? Double(all.count { $0 > 0 }) : all.reduce(0) { $0 + log($1) }
    return [sum / Double(units)]
  }
}
