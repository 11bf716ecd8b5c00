internal import Renorm
internal import RenormFiles

/// Turns combinations of values into points: defaults are filled in, what does not apply is left out, alpha
/// becomes a width, and what is impossible is refused with its place.
struct PointResolver {
  private let data: SweepData
  /// P by requested count and seed.
  private var counts: [String: Int] = [:]
  private var checked: Set<NetworkDescription> = []
  /// Matrices by file.
  private var matrices: [String: MatrixValue] = [:]
  private let tolerance: Double
  private(set) var image = ImageShape(channels: 1, height: 1, width: 1)
  private(set) var outputs = 1

  init(_ specification: SweepSpecification, _ data: SweepData) {
    self.data = data
    tolerance = specification.tolerance
  }

  /// Takes shape and number of outputs from the examples.
  mutating func set(image: ImageShape, outputs: Int) { (self.image, self.outputs) = (image, outputs) }

  /// - Throws: `SpecificationError`, also for examples that cannot be selected.
  mutating func parameters(
    _ combination: Combinations.Combination, _ root: SpecificationPlace
  ) throws(SpecificationError) -> PointParameters {
    let values = combination.values
    let seed = values[.shuffleSeed]?.count.map { UInt32(clamping: $0) }
    let count = try trainingCount(values[.trainCount]?.count, seed, combination.places[.trainCount] ?? root)
    var network = NetworkDescription([:])
    for (key, value) in values {
      guard let parameter = key.parameter else { continue }
      network[parameter] =
        try value.matrix.map { (file) throws(SpecificationError) in
          .matrix(try matrix(file, combination.places[key] ?? root))
        } ?? value
    }
    if let alpha = values[.alpha] {
      // The infinite width among values of alpha is alpha = 0.
      network.width =
        try alpha.number.map { (alpha) throws(SpecificationError) in
          .finite(max(1, try units(count, alpha, combination.places[.alpha] ?? root)))
        } ?? .infinite
    }
    let parameters = PointParameters(network: network.completed, trainCount: count, shuffleSeed: seed)
    try check(parameters, combination.places, root)
    return parameters
  }

  /// The matrix of a file, which is read once.
  private mutating func matrix(
    _ file: MatrixValue, _ place: SpecificationPlace
  ) throws(SpecificationError) -> MatrixValue {
    if let known = matrices[file.source] { return known }
    do {
      let value = try MatrixValue(reading: file.source)
      matrices[file.source] = value
      return value
    } catch {
      throw SpecificationError(place, "\(error)")
    }
  }

  /// P/alpha, rounded; every width that a fit accepts is accepted.
  private func units(
    _ count: Int, _ alpha: Double, _ place: SpecificationPlace
  ) throws(SpecificationError) -> Int {
    guard let units = Int(exactly: (Double(count) / alpha).rounded()) else {
      throw SpecificationError(
        place, .alpha, is: "\(alpha)",
        accepted: "a number of which the width, \(count)/alpha here, is at most \(Int.max); "
          + "infinite-width: true is alpha = 0")
    }
    return units
  }

  private mutating func trainingCount(
    _ wanted: Int?, _ seed: UInt32?, _ place: SpecificationPlace
  ) throws(SpecificationError) -> Int {
    let key = "\(wanted.map(String.init) ?? "") \(seed.map { "\($0)" } ?? "")"
    if let count = counts[key] { return count }
    do {
      let count = try data.trainingCount(trainCount: wanted, shuffleSeed: seed)
      counts[key] = count
      return count
    } catch {
      throw SpecificationError(place, "\(error)")
    }
  }

  /// Refuses networks that cannot be built on the images; every kind of network once.
  private mutating func check(
    _ parameters: PointParameters, _ places: [SweepKey: SpecificationPlace], _ root: SpecificationPlace
  ) throws(SpecificationError) {
    let description = parameters.network
    var kind = description
    if description.width != .infinite { kind.width = .finite(1) }
    for parameter in Network.numbers where parameter != .width { kind[parameter] = nil }
    guard checked.insert(kind).inserted else { return }
    do {
      let network = try Network(description)
      // Memory is a matter of the machine that runs the point.
      _ = try network.memoryPlan(
        image: image, examples: 1, outputs: outputs,
        options: FitOptions(tolerance: tolerance, memoryLimit: .max))
    } catch {
      let key: SweepKey =
        switch error {
        case .invalidParameter(let name, _, _):
          SweepKey(rawValue: name.replacing(" ", with: "-")).flatMap { places[$0] == nil ? nil : $0 }
            ?? .readout
        case .maskLargerThanImage: .mask
        default: .architecture
        }
      throw SpecificationError(places[key] ?? places[.architecture] ?? root, "\(error)")
    }
  }
}
