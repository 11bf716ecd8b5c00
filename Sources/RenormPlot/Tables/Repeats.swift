/// Points of a sweep that differ in the shuffle seed only, averaged.
struct Repeats: Equatable, Sendable {
  let mean: Double
  /// The standard error of the mean; nil for a single point.
  let standardError: Double?
  let count: Int

  init(_ values: [Double]) {
    precondition(!values.isEmpty)
    count = values.count
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    standardError =
      values.count > 1 ? (square / Double(values.count - 1) / Double(values.count)).squareRoot() : nil
  }
}

/// The values of some parameters.
typealias SweepKey = [SweepParameter: SweepValue]

/// What a sweep found for one combination of parameters.
struct Average: Equatable, Sendable {
  let key: SweepKey
  let alpha: Double?
  let y: Repeats
  /// Past leading order; nil unless all members have it.
  var corrected: Repeats?
}

/// Groups points whose parameters agree in all of `keys`, in the order of their values.
///
/// - Returns: the averages, and the number of points that agree with another in every parameter; of those the
///   last is taken.
func averaged(_ points: [SweepPoint], by keys: [SweepParameter]) -> (averages: [Average], duplicates: Int) {
  var groups: [SweepKey: [SweepKey: SweepPoint]] = [:]
  var duplicates = 0
  for point in points {
    let key = point.parameters.restricted(to: keys)
    if groups[key, default: [:]].updateValue(point, forKey: point.parameters) != nil { duplicates += 1 }
  }
  // Sorted, as the last digits of a mean depend on the order of its terms.
  let averages = groups.map { key, members in
    let corrected = members.values.compactMap(\.corrected)
    return Average(
      key: key, alpha: members.values.compactMap(\.alpha).min(), y: Repeats(members.values.map(\.y).sorted()),
      corrected: corrected.count == members.count ? Repeats(corrected.sorted()) : nil)
  }
  return (averages.sorted { $0.key.precedes($1.key) }, duplicates)
}

extension [Average] {
  /// Those of the most repeats: where repeats failed, an average may be one over easier training sets.
  var complete: [Average] {
    let most = map(\.y.count).max()
    return filter { $0.y.count == most }
  }
}

extension SweepKey {
  func restricted(to parameters: [SweepParameter]) -> SweepKey { filter { parameters.contains($0.key) } }

  /// The order of keys: by the first parameter that differs.
  func precedes(_ other: SweepKey) -> Bool {
    for parameter in SweepParameter.allCases where self[parameter] != other[parameter] {
      guard let own = self[parameter] else { return true }
      guard let value = other[parameter] else { return false }
      return own < value
    }
    return false
  }
}

extension [SweepPoint] {
  /// The distinct values of a parameter.
  func values(_ parameter: SweepParameter) -> [SweepValue] {
    Set(compactMap { $0.parameters[parameter] }).sorted()
  }

  /// The parameters with more than one value, shuffle seeds aside.
  var varying: [SweepParameter] {
    SweepParameter.allCases.filter { $0 != .shuffleSeed && values($0).count > 1 }
  }

  /// What all points have in common, for a title.
  func common(without hidden: [SweepParameter]) -> GnuplotText {
    let shown: [SweepParameter] = [.architecture, .trainCount, .width, .temperature, .lambda1]
    return shown.filter { !hidden.contains($0) }.compactMap { parameter in
      let values = values(parameter)
      return values.count == 1 ? parameter.description(of: values[0]) : nil
    }.joined()
  }
}

/// A line on points that stand in the table twice.
func duplicateWarning(_ count: Int) -> [String] {
  guard count > 0 else { return [] }
  let subject = count == 1 ? "1 point of the table repeats" : "\(count) points of the table repeat"
  return ["\(subject) another in all known parameters; the last is taken"]
}
