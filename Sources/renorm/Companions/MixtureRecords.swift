import Foundation
import RenormCompanions
import RenormFiles
import RenormSampling

/// The report of `renorm mogp laws`.
struct MixtureLawsRecord: CompanionRecord {
  struct Parameter: Encodable {
    let name: String
    let standard: Double
    let accepted: String
  }

  struct Law: Encodable {
    let name: String
    let law: String
    let a: String
    let rho: String
    let psi: String
    let parameters: [Parameter]
  }

  let laws = NodeLaws.all.map { family in
    Law(
      name: family.name, law: family.law, a: family.location, rho: family.density, psi: family.exponent,
      parameters: family.parameters.map {
        Parameter(name: $0.name, standard: $0.standard, accepted: $0.accepted)
      })
  }

  private enum CodingKeys: String, CodingKey { case laws }

  var summary: String {
    laws.map { law in
      let parameters = law.parameters.map { "--\($0.name) (\(fourDigits($0.standard)))" }.joined(separator: " ")
      return "\(law.name.padded(24))\(parameters)\n    lambda = \(law.law)\n"
        + "    a = \(law.a), rho(dw)/dw = \(law.rho), psi(t) = \(law.psi)"
    }.joined(separator: "\n")
  }
}

/// The cells of a row that name a law's parameters and the width p.
func lawCells(_ parameters: [String: Double], width p: Int) -> [(heading: String, value: String)] {
  parameters.sorted { $0.key < $1.key }.map { ($0.key, fourDigits($0.value)) } + [("p", "\(p)")]
}

/// The report of `renorm mogp triplet`.
struct MixtureTripletRecord: TabulatedRecord {
  struct Exponent: Encodable {
    let t: Double
    let exponent: Double
  }

  struct FiniteExponent: Encodable {
    let t: Double
    @Nullable var exponent: Double?
    @Nullable var standardError: Double?
  }

  struct Tail: Encodable {
    let x: Double
    let rho: Double
    /// From drawn nodes.
    @Nullable var finite: Double?
    @Nullable var standardError: Double?
  }

  let law: String
  /// Those of the law that were given.
  let parameters: [String: Double]
  let a: Double
  /// a from drawn nodes.
  @Nullable var finiteA: Double?
  @Nullable var finiteAError: Double?
  let laplace: [Exponent]
  let finite: [FiniteExponent]
  let tail: [Tail]
  /// E S and E S_p; null where infinite or not known.
  @Nullable var mean: Double?
  @Nullable var finiteMean: Double?
  let p: Int
  let draws: Int
  let seed: UInt32

  init(
    _ law: any NodeLaw, _ parameters: [String: Double], times: [Double], tails: [Double], finite: [Estimate],
    triplet: (a: Estimate, tails: [Estimate]), width: Int, draws: Int, seed: UInt32
  ) {
    self.law = law.name
    self.parameters = parameters
    a = law.locationA
    laplace = times.map { Exponent(t: $0, exponent: law.laplaceExponent($0)) }
    self.finite = zip(times, finite).map {
      FiniteExponent(t: $0, exponent: jsonNumber($1.mean), standardError: jsonNumber($1.standardError))
    }
    tail = zip(tails, triplet.tails).map {
      Tail(
        x: $0, rho: law.levyTail($0), finite: jsonNumber($1.mean), standardError: jsonNumber($1.standardError))
    }
    _finiteA = jsonNumber(triplet.a.mean)
    _finiteAError = jsonNumber(triplet.a.standardError)
    _mean = jsonNumber(law.mean)
    _finiteMean = Nullable(law.finiteMean(width: width))
    p = width
    self.draws = draws
    self.seed = seed
  }

  var warnings: [String] {
    guard let mean, let finiteMean, finiteMean < 0.98 * mean else { return [] }
    return [
      "width \(p) is not near the limit: E S_p is \(fourDigits(finiteMean)), in the limit \(fourDigits(mean))"
    ]
  }

  var row: [(heading: String, value: String)] {
    var row = lawCells(parameters, width: p)
    row.append(("a", fourDigits(a)))
    for (limit, finite) in zip(laplace, finite) {
      row.append(("psi(\(fourDigits(limit.t)))", fourDigits(limit.exponent)))
      row.append(("drawn", withError(finite.exponent ?? .nan, finite.standardError ?? .nan)))
    }
    return row
  }

  var summary: String {
    let rows = zip(laplace, finite).map { limit, finite in
      "t = \(fourDigits(limit.t))".padded(18) + fourDigits(limit.exponent).right(10) + "   "
        + (finite.exponent.map { withError($0, finite.standardError ?? .nan) } ?? "none: e^(-t S) underflows")
    }
    let tails = tail.map {
      "rho((\(fourDigits($0.x)), inf))".padded(18) + fourDigits($0.rho).right(10) + "   "
        + withError($0.finite ?? .nan, $0.standardError ?? .nan)
    }
    return
      ([
        "law               \(law), a = \(fourDigits(a)) "
          + "(drawn \(withError(finiteA ?? .nan, finiteAError ?? .nan))), "
          + "E S = \(mean.map(fourDigits) ?? "infinite")",
        "-log E e^(-t S)        limit   p = \(p), \(draws) draws",
      ] + rows + tails).joined(separator: "\n")
  }
}

/// The report of `renorm mogp sample`.
struct MixtureSampleRecord: CompanionRecord {
  struct Quantile: Encodable {
    let p: Double
    let value: Double
    let standardError: Double
  }

  struct Point: Encodable {
    /// The row of the input, from 0.
    let index: Int
    let quantiles: [Quantile]
    /// The probability that the output is exactly 0.
    let zeroProbability: Double
  }

  let law: String
  @Nullable var finite: Int?
  let layers: Int
  let draws: Int
  /// Those of the first input.
  let quantiles: [Quantile]
  let points: [Point]
  @Nullable var correlationOfSquares: Double?
  @Nullable var correlationOfSquaresError: Double?
  /// In the limit, of one hidden layer.
  @Nullable var correlationOfSquaresTheory: Double?
  let infiniteVariance: Bool
  let seed: UInt32

  init(
    _ network: MixtureNetwork, _ nodes: MixtureNetwork.Nodes,
    _ outputs: [(output: [Double], diagonal: [Double])],
    probabilities: [Double], seed: UInt32
  ) {
    law = network.law.name
    if case .finite(let width) = nodes { _finite = Nullable(width) } else { _finite = Nullable(nil) }
    layers = network.layers
    draws = outputs.count
    points = (0..<network.count).map { k in
      let values = outputs.map { $0.output[k] }
      let quantiles = SampleQuantiles(values)
      return Point(
        index: k,
        quantiles: probabilities.map {
          Quantile(p: $0, value: quantiles($0), standardError: quantiles.standardError($0))
        }, zeroProbability: Double(values.count { $0 == 0 }) / Double(values.count))
    }
    quantiles = points[0].quantiles
    infiniteVariance = network.law.levySquare.isInfinite
    let estimate =
      infiniteVariance
      ? Estimate(mean: .nan, standardError: .nan)
      : MixtureMoments.correlationOfSquares(outputs.map { $0.diagonal[0] })
    _correlationOfSquares = jsonNumber(estimate.mean)
    _correlationOfSquaresError = jsonNumber(estimate.standardError)
    _correlationOfSquaresTheory = Nullable(
      network.layers == 1
        ? MixtureMoments(
          network.law, weightScale: network.weightScale, biasScale: network.biasScale,
          inputVariance: network.firstKernel[0, 0]
        ).correlationOfSquares : nil)
    self.seed = seed
  }

  var summary: String {
    let shown = points.prefix(5).flatMap { point in
      [
        "input \(point.index)"
          + (point.zeroProbability > 0 ? ", output 0 in \(fourDigits(point.zeroProbability))" : "")
      ]
        + point.quantiles.map {
          "  quantile \(fourDigits($0.p))".padded(18) + withError($0.value, $0.standardError)
        }
    }
    let more = points.count > 5 ? ["... and \(points.count - 5) more inputs in the report"] : []
    let correlation: String =
      if infiniteVariance { "undefined: infinite variance" } else {
        withError(correlationOfSquares ?? .nan, correlationOfSquaresError ?? .nan)
          + (correlationOfSquaresTheory.map { ", in the limit \(fourDigits($0))" } ?? "")
      }
    return
      ([
        "prior             \(law), \(finite.map { "width \($0)" } ?? "infinite width"), \(layers) hidden layer"
          + "\(layers == 1 ? "" : "s"), \(draws) draws"
      ] + shown + more + ["correlation of squared outputs  \(correlation)"]).joined(separator: "\n")
  }
}
