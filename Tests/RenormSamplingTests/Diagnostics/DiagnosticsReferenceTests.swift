import RenormSampling
import Testing

/// Numbers that another implementation (ArviZ 0.23) gives for the same series.
@Suite struct DiagnosticsReferenceTests {
  struct Reference: Sendable {
    let series: Series
    /// Nil where that implementation defines none: it does not split a single chain.
    let rHat: Double?
    let bulk, tail, error, mean, deviation: Double

    init(
      _ series: Series, rHat: Double?, bulk: Double, tail: Double, error: Double, mean: Double,
      deviation: Double
    ) {
      (self.series, self.rHat, self.bulk, self.tail) = (series, rHat, bulk, tail)
      (self.error, self.mean, self.deviation) = (error, mean, deviation)
    }
  }

  static let references = [
    Reference(
      Series(seed: 1, chainCount: 4, draws: 100, rho: 0.0, shift: 0.0, scale: 1.0, shape: .plain),
      rHat: 1.00623130774867, bulk: 430.7045893170562, tail: 413.09671148033857, error: 0.04568824540105823,
      mean: 0.06823921556611577, deviation: 0.9396898198949328),
    Reference(
      Series(seed: 2, chainCount: 4, draws: 500, rho: 0.9, shift: 0.0, scale: 1.0, shape: .plain),
      rHat: 1.0270472915310676, bulk: 115.19720317076019, tail: 264.26694710463266, error: 0.21528236054741945,
      mean: 0.15001761154832718, deviation: 2.308093679688715),
    Reference(
      Series(seed: 3, chainCount: 3, draws: 301, rho: -0.5, shift: 0.0, scale: 1.0, shape: .plain),
      rHat: 0.9989036319058197, bulk: 2200.198941719212, tail: 885.6709138547615, error: 0.023798282794239407,
      mean: -0.02866436030058252, deviation: 1.126777522579213),
    Reference(
      Series(seed: 4, chainCount: 4, draws: 200, rho: 0.3, shift: 0.5, scale: 1.0, shape: .plain),
      rHat: 1.0249355717818418, bulk: 369.03157205063644, tail: 457.4399182926147, error: 0.058534330480427395,
      mean: 0.10100063799259694, deviation: 1.1251740860178325),
    Reference(
      Series(seed: 5, chainCount: 4, draws: 200, rho: 0.0, shift: 0.0, scale: 3.0, shape: .plain),
      rHat: 1.1810786397034299, bulk: 761.4199998409708, tail: 35.55277916956672, error: 0.06404118026072947,
      mean: 0.031932096649895846, deviation: 1.7586623717127081),
    Reference(
      Series(seed: 6, chainCount: 2, draws: 400, rho: 0.5, shift: 0.0, scale: 1.0, shape: .steps),
      rHat: 1.0068763956149474, bulk: 238.73643869632528, tail: 441.5080845661197, error: 0.07661914198182794,
      mean: -0.331875, deviation: 1.1890390033823346),
    Reference(
      Series(seed: 7, chainCount: 1, draws: 1000, rho: 0.5, shift: 0.0, scale: 1.0, shape: .cube),
      rHat: nil, bulk: 300.45704642953217, tail: 549.8589188374124, error: 0.3011365199833186,
      mean: 0.5084304675936289, deviation: 6.245323657940244),
    Reference(
      Series(seed: 8, chainCount: 4, draws: 2000, rho: 0.99, shift: 0.0, scale: 1.0, shape: .plain),
      rHat: 1.1784746986204777, bulk: 17.546176528242604, tail: 81.06994524540609, error: 1.6625460677249406,
      mean: -0.7259147377917712, deviation: 6.909110722909257),
    Reference(
      Series(seed: 9, chainCount: 2, draws: 21, rho: 0.0, shift: 0.0, scale: 1.0, shape: .plain),
      rHat: 1.0811314974120054, bulk: 21.29725744390992, tail: 26.39386189258312, error: 0.21416005409285532,
      mean: -0.023820701868936138, deviation: 0.9642741654287501),
    Reference(
      Series(seed: 10, chainCount: 4, draws: 400, rho: -0.9, shift: 0.0, scale: 1.0, shape: .plain),
      rHat: 1.007228105553758, bulk: 5126.591972249479, tail: 557.8126108853121, error: 0.031828283741844335,
      mean: 0.002818531101754984, deviation: 2.278912222202658),
  ]

  /// 1e-9 for the order of sums and another normal quantile.
  @Test(arguments: references) func agrees(_ reference: Reference) throws {
    let found = Diagnostics(chains: reference.series.chains)
    func expectClose(_ a: Double?, _ b: Double, sourceLocation: SourceLocation = #_sourceLocation) {
      #expect(
        abs((a ?? .nan) - b) <= 1e-9 * max(abs(b), 1), "\(String(describing: a)), \(b)",
        sourceLocation: sourceLocation)
    }
    expectClose(found.mean, reference.mean)
    expectClose(found.standardDeviation, reference.deviation)
    if let rHat = reference.rHat { expectClose(found.rHat, rHat) }
    expectClose(found.bulkESS, reference.bulk)
    expectClose(found.tailESS, reference.tail)
    expectClose(found.standardError, reference.error)
  }
}
