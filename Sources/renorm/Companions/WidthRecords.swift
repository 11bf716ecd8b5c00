import Foundation
import RenormCompanions
import RenormFiles
import RenormSampling

/// The report of `renorm width predict`.
struct WidthPredictionRecord: CompanionRecord {
  /// A correlation function with its exponent.
  struct Function: Encodable {
    /// m, bare outputs included.
    let tensors: Int
    /// Sizes of the components of the cluster graph.
    let components: [Int]
    @Nullable var exponent: Int?
    let vanishes: Bool

    init(_ exponent: WidthExponent) {
      tensors = exponent.tensors
      components = exponent.components
      _exponent = Nullable(exponent.exponent)
      vanishes = exponent.vanishes
    }
  }

  let pattern: String
  let derivative: Int
  let isCumulant: Bool
  let selfContraction: Bool
  /// What was asked for: the pattern, or the leading term of its derivative.
  let function: Function
  /// The pattern itself.
  let undifferentiated: Function

  init(_ text: String, derivative: Int) throws {
    let pattern = try Pattern(text)
    self.pattern = text
    self.derivative = derivative
    isCumulant = pattern.groups != nil
    selfContraction = pattern.hasSelfContraction
    function = Function(try pattern.exponent(derivative: derivative))
    undifferentiated = Function(try pattern.exponent())
  }

  var warnings: [String] {
    selfContraction
      ? ["an index is contracted inside of one tensor; the published rule does not cover that"] : []
  }

  private enum CodingKeys: String, CodingKey {
    case pattern, derivative, isCumulant, selfContraction, undifferentiated
  }

  /// The keys of what was asked for are those of the report itself.
  func encode(to encoder: any Encoder) throws {
    try function.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(pattern, forKey: .pattern)
    try container.encode(derivative, forKey: .derivative)
    try container.encode(isCumulant, forKey: .isCumulant)
    try container.encode(selfContraction, forKey: .selfContraction)
    if derivative > 0 { try container.encode(undifferentiated, forKey: .undifferentiated) }
  }

  var summary: String {
    func describe(_ function: Function) -> String {
      let sizes = function.components.map(String.init).joined(separator: ", ")
      guard let exponent = function.exponent else {
        return "vanishes identically: an odd number of tensors (\(function.tensors))"
      }
      return "O(n^\(exponent)): \(function.tensors) tensors, components of \(sizes)"
    }
    let name = isCumulant ? "joint cumulant" : "average"
    var lines = ["\(name.padded(18))\(describe(undifferentiated))"]
    if derivative > 0 { lines.append("derivative \(derivative)".padded(18) + describe(function)) }
    return lines.joined(separator: "\n")
  }
}

/// The report of `renorm width table`.
struct WidthTableRecord: CompanionRecord {
  struct Row: Encodable {
    let name: String
    let pattern: String
    let tensors: Int
    @Nullable var exponent: Int?
    let vanishes: Bool
    /// Measured slopes by kind of network.
    let recorded: [String: Double]
  }

  let rows: [Row]

  init() throws {
    rows = try WidthTable.rows.map { row in
      let exponent = try Pattern(row.pattern).exponent()
      return Row(
        name: row.name, pattern: row.pattern, tensors: exponent.tensors, exponent: Nullable(exponent.exponent),
        vanishes: exponent.vanishes, recorded: row.recorded)
    }
  }

  var summary: String {
    let kinds = WidthTable.kinds
    let widest = rows.map(\.pattern.count).max() ?? 0
    let head =
      "pattern".padded(widest) + "  exponent" + kinds.map { $0.right(10) }.joined() + "   (slopes, measured)"
    let lines = rows.map { row in
      row.pattern.padded(widest) + (row.exponent.map(String.init) ?? "zero").right(10)
        + kinds.map { (row.recorded[$0].map { String(format: "%.2f", $0) } ?? "").right(10) }.joined()
    }
    return ([head] + lines).joined(separator: "\n")
  }
}

/// A slope, or why there is none.
struct SlopeRecord: Encodable {
  @Nullable var slope: Double?
  @Nullable var standardError: Double?
  @Nullable var chiSquared: Double?
  @Nullable var reason: LogLogFit.Refusal?

  init(_ fit: Result<LogLogFit, LogLogFit.Refused>) {
    switch fit {
    case .success(let fit):
      _slope = jsonNumber(fit.slope.mean)
      _standardError = jsonNumber(fit.slope.standardError)
      _chiSquared = jsonNumber(fit.chiSquared)
      _reason = Nullable(nil)
    case .failure(let refused):
      (_slope, _standardError, _chiSquared) = (Nullable(nil), Nullable(nil), Nullable(nil))
      _reason = Nullable(refused.reason)
    }
  }

  var text: String {
    guard let slope else { return "not resolved: \(reason?.rawValue ?? "no fit")" }
    return withError(slope, standardError ?? .nan)
  }
}

/// The report of `renorm width measure`.
struct WidthMeasurementRecord: CompanionRecord {
  struct Row: Encodable {
    let width: Int
    let estimate: Double
    @Nullable var standardError: Double?
  }

  let quantity: String
  let pattern: String
  let architecture: String
  let activation: String
  let nets: Int
  let seed: UInt32
  let estimates: [Row]
  let fit: SlopeRecord
  let predicted: Int
  let verdict: WidthMeasurement.Verdict

  init(
    _ measurement: WidthMeasurement, architecture: ConvNet1D.Architecture, activation: ConvNet1D.Nonlinearity,
    nets: Int, seed: UInt32
  ) {
    quantity = measurement.quantity.rawValue
    pattern = measurement.quantity.pattern
    self.architecture = architecture.rawValue
    self.activation = activation.rawValue
    self.nets = nets
    self.seed = seed
    estimates = zip(measurement.widths, measurement.estimates).map {
      Row(width: $0, estimate: $1.mean, standardError: jsonNumber($1.standardError))
    }
    fit = SlopeRecord(measurement.fit)
    predicted = measurement.predicted
    verdict = measurement.verdict
  }

  private enum CodingKeys: String, CodingKey {
    case quantity, pattern, architecture, activation, nets, seed, estimates, predicted, verdict
  }

  /// The keys of the fit are those of the report itself.
  func encode(to encoder: any Encoder) throws {
    try fit.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(quantity, forKey: .quantity)
    try container.encode(pattern, forKey: .pattern)
    try container.encode(architecture, forKey: .architecture)
    try container.encode(activation, forKey: .activation)
    try container.encode(nets, forKey: .nets)
    try container.encode(seed, forKey: .seed)
    try container.encode(estimates, forKey: .estimates)
    try container.encode(predicted, forKey: .predicted)
    try container.encode(verdict, forKey: .verdict)
  }

  var summary: String {
    let head = [
      "quantity          \(quantity): \(pattern), \(architecture) with \(activation), \(nets) networks of "
        + "every width"
    ]
    let rows = estimates.map {
      "n = \($0.width)".padded(18) + withError($0.estimate, $0.standardError ?? .nan)
    }
    return (head + rows + ["slope             \(fit.text), predicted \(predicted): \(verdict.rawValue)"])
      .joined(separator: "\n")
  }
}

/// The report of `renorm width gap`.
struct WidthGapRecord: CompanionRecord {
  struct Row: Encodable {
    let width: Int
    /// E L_n - L_inf.
    let difference: Double
    let differenceError: Double
    /// n times that.
    let scaled: Double
    let scaledError: Double
    /// Root mean square of single networks.
    let deviation: Double
    let deviationError: Double
  }

  let head: String
  let steps: Int
  let nets: Int
  let seed: UInt32
  let rows: [Row]
  let difference: SlopeRecord
  let deviation: SlopeRecord
  @Nullable var chiSquared: Double?

  init(_ gap: WidthGap, head: WidthGap.Head, steps: Int, nets: Int, seed: UInt32) {
    self.head = head.rawValue
    self.steps = steps
    self.nets = nets
    self.seed = seed
    rows = gap.rows.map {
      Row(
        width: $0.width, difference: $0.difference.mean, differenceError: $0.difference.standardError,
        scaled: $0.scaled.mean, scaledError: $0.scaled.standardError, deviation: $0.deviation.mean,
        deviationError: $0.deviation.standardError)
    }
    difference = SlopeRecord(gap.differenceFit)
    deviation = SlopeRecord(gap.deviationFit)
    _chiSquared = jsonNumber(gap.chiSquared)
  }

  var summary: String {
    let head = [
      "network           convolutional, \(head), \(steps) steps, \(nets) networks of every width",
      "width        E L_n - L_inf                   times n               single networks",
    ]
    let lines = rows.map {
      "\($0.width)".padded(10) + withError($0.difference, $0.differenceError).right(24)
        + withError($0.scaled, $0.scaledError).right(24) + withError($0.deviation, $0.deviationError).right(24)
    }
    let count = max(rows.count - 1, 0)
    return
      (head + lines + [
        "slopes            E L_n - L_inf \(difference.text) (1/n: -1), single networks \(deviation.text) "
          + "(n^-1/2: -0.5)",
        "times n constant  chi squared \(chiSquared.map(twoDigits) ?? "unknown") for \(count) "
          + "degree\(count == 1 ? "" : "s") of freedom",
      ]).joined(separator: "\n")
  }
}
