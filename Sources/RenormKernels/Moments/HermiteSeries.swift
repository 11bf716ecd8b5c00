internal import Foundation
internal import LinearAlgebra
internal import Synchronization

/// The Gaussian moments of a smooth function s, known pointwise, from its Hermite coefficients
///
///     alpha_k(v) = E[ s(v^(1/2) z) He_k(z) ] / k!^(1/2),   z ~ N(0, 1),
///
/// by F. G. Mehler's expansion (J. reine angew. Math. 66 (1866)) in the correlation u = cab/(caa cbb)^(1/2):
///
///     E[s(a) s(b)] = sum_k alpha_k(caa) alpha_k(cbb) u^k,     E[s(a)] = alpha_0(caa).
///
/// Every term, and so the sum wherever it ends, is a positive semidefinite kernel. What a sum leaves out is at
/// most the root of the products of the squares of coefficients left out of either, here 1e-13 (E[s(a)^2]
/// E[s(b)^2])^(1/2); with coefficients to 1e-14 of the root of E[s(a)^2], which by Parseval's relation the sum
/// of their squares confirms, errors are below 1e-12 of that scale. A function with singularities at a distance
/// d from the real axis needs about 100 v/d^2 terms (tanh: d = pi/2, and the odd ones only).
///
/// Coefficients are tabulated for an octave of variances when they are first needed (`HermiteOctave`). Where a
/// function is not smooth enough, or a variance too large, `PolarQuadrature` computes every moment by itself.
final class HermiteSeries: Sendable {
  let function: @Sendable (Double) -> Double
  let isOdd: Bool
  private let isSmooth: Bool
  /// By the exponent of the variance; nil for an octave without a series.
  private let octaves = Mutex<[Int: HermiteOctave?]>([:])

  /// - Parameters:
  ///   - isOdd: whether s(-h) = -s(h): coefficients of even order are then left out.
  ///   - isSmooth: whether to try a series.
  init(isOdd: Bool, isSmooth: Bool = true, _ function: @escaping @Sendable (Double) -> Double) {
    self.function = function
    self.isOdd = isOdd
    self.isSmooth = isSmooth
  }

  /// Variances below this, of denormal standard deviations, count as 0.
  private static let leastVariance = 1e-300

  /// The table of the octave of a variance; nil where there is none.
  private func octave(_ variance: Double) -> HermiteOctave? {
    guard isSmooth, variance.isFinite else { return nil }
    let exponent = variance >= Self.leastVariance ? Int(variance.exponent) : Int.min
    return octaves.withLock { octaves in
      if let known = octaves[exponent] { return known }
      let made =
        exponent == .min
        ? HermiteOctave(constant: function(0), isOdd: isOdd)
        : HermiteOctave(exponent: exponent, isOdd: isOdd, function)
      octaves[exponent] = .some(made)
      return made
    }
  }

  /// Whether moments at a variance come from coefficients.
  func hasSeries(variance: Double) -> Bool { octave(variance) != nil }

  func mean(variance: Double) -> Double {
    if isOdd { return 0 }
    return octave(variance)?.coefficients(variance)[0] ?? PolarQuadrature(function).mean(variance)
  }

  func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    guard let (a, b) = coefficients(caa, cbb) else {
      return PolarQuadrature(function).secondMoment(caa, cab, cbb).value
    }
    let (u, ratio) = power(Self.correlation(caa, cab, cbb))
    return zip(a, b).reversed().reduce(0) { ($0 * ratio) + $1.0 * $1.1 } * u
  }

  /// |sum_k k alpha_k alpha_k u^k|; without a series the size of the moment.
  func secondMomentSensitivity(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    guard let (a, b) = coefficients(caa, cbb) else { return abs(secondMoment(caa, cab, cbb)) }
    let (u, ratio) = power(Self.correlation(caa, cab, cbb))
    var (sum, factor) = (0.0, u)
    for (j, (x, y)) in zip(a, b).enumerated() {
      sum += Double(isOdd ? 2 * j + 1 : j) * factor * x * y
      factor *= ratio
    }
    return abs(sum)
  }

  private func coefficients(_ caa: Double, _ cbb: Double) -> (ArraySlice<Double>, ArraySlice<Double>)? {
    guard let a = octave(caa), let b = octave(cbb) else { return nil }
    let terms = min(a.terms, b.terms)
    return (a.coefficients(caa).prefix(terms), b.coefficients(cbb).prefix(terms))
  }

  /// The first power of u, and the factor from one to the next.
  private func power(_ u: Double) -> (first: Double, ratio: Double) { isOdd ? (u, u * u) : (1, u) }

  /// cab/(caa cbb)^(1/2), from -1 to 1; 0 where a variance is 0.
  private static func correlation(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    guard caa >= leastVariance, cbb >= leastVariance else { return 0 }
    return min(max(cab * (1 / caa.squareRoot() * (1 / cbb.squareRoot())), -1), 1)
  }
}

extension HermiteSeries {
  /// The moments of a block of covariances, as `Activation.replaceBySecondMoments`: coefficients of all rows
  /// and columns as matrices, then a polynomial in the correlation for every element.
  ///
  /// The larger the variances, the more terms: rows and columns are sorted, and every part of similar ones has
  /// the terms that it needs.
  func replaceBySecondMoments(
    _ covariances: UnsafeMutableBufferPointer<Double>, rowVariances: UnsafeBufferPointer<Double>,
    columnVariances: UnsafeBufferPointer<Double>
  ) {
    precondition(covariances.count == rowVariances.count * columnVariances.count)
    let count = rowVariances.count
    guard let source = covariances.baseAddress, let rows = parts(rowVariances),
      let columns = parts(columnVariances)
    else {
      for index in covariances.indices {
        covariances[index] = secondMoment(
          rowVariances[index % count], covariances[index], columnVariances[index / count])
      }
      return
    }
    var tile = [Double](repeating: 0, count: Self.partSize * Self.partSize)
    tile.withUnsafeMutableBufferPointer { tile in
      guard let tile = tile.baseAddress else { return }
      for column in columns {
        for row in rows {
          let height = row.places.count
          for (j, place) in column.places.enumerated() {
            let own = source + count * place
            for i in 0..<height { tile[i + height * j] = own[row.places[i]] }
          }
          SeriesBlock.replace(tile, stride: height, row.block, column.block, isOdd: isOdd)
          for (j, place) in column.places.enumerated() {
            let own = source + count * place
            for i in 0..<height { own[row.places[i]] = tile[i + height * j] }
          }
        }
      }
    }
  }

  private static let partSize = 64

  /// Elements of similar variances with their coefficients; nil where one has none.
  private func parts(_ variances: UnsafeBufferPointer<Double>) -> [(places: [Int], block: SeriesBlock)]? {
    let order = variances.indices.sorted { (variances[$0], $0) < (variances[$1], $1) }
    var result: [(places: [Int], block: SeriesBlock)] = []
    for range in order.count.blocks(of: Self.partSize) {
      let places = Array(order[range])
      let own = places.map { variances[$0] }
      guard let octaves = own.withUnsafeBufferPointer(octaves) else { return nil }
      result.append((places, SeriesBlock(self, own, octaves)))
    }
    return result
  }

  /// The tables that some variances need; nil where one has none.
  func octaves(_ variances: UnsafeBufferPointer<Double>) -> [(octave: HermiteOctave, places: [Int])]? {
    var places: [Int: [Int]] = [:]
    for (i, variance) in variances.enumerated() {
      places[variance >= Self.leastVariance ? Int(variance.exponent) : Int.min, default: []].append(i)
    }
    var result: [(octave: HermiteOctave, places: [Int])] = []
    for (_, places) in places.sorted(by: { $0.key < $1.key }) {
      guard let octave = octave(variances[places[0]]) else { return nil }
      result.append((octave, places))
    }
    return result
  }

  /// 1/v^(1/2), and 0 for variances that count as 0.
  func scale(_ variance: Double) -> Double { variance >= Self.leastVariance ? 1 / variance.squareRoot() : 0 }
}
