internal import Renorm

/// Turns combinations of values into points: defaults are filled in, what does not apply is left out, alpha
/// becomes a width, and what is impossible is refused with its place.
struct PointResolver {
  private let data: SweepData
  /// P by requested count and seed.
  private var counts: [String: Int] = [:]
  private var checked: Set<NetworkDescription> = []
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
    let architecture = values[.architecture]?.name ?? ""
    let isLocal = Architectures.all.contains { $0.name == architecture && $0.isLocal }
    let mask = values[.mask]?.extent ?? Extent(7)
    let readout = Self.takesReadout(architecture) ? values[.readout]?.name ?? "independent" : "independent"
    let takesLength = Readouts.all.contains { $0.name == readout && $0.hasLengthScale }
    let width: Int?
    if let alpha = values[.alpha]?.number {
      width = max(1, try units(count, alpha, combination.places[.alpha] ?? root))
    } else {
      width = values[.width]?.count
    }
    let parameters = PointParameters(
      network: NetworkDescription(
        architecture: architecture, window: isLocal ? Window(mask: mask, stride: values[.stride]?.extent) : nil,
        activation: values[.activation]?.name ?? "erf", width: width,
        temperature: values[.temperature]?.number ?? 0, lambda0: values[.lambda0]?.number ?? 1,
        lambda1: values[.lambda1]?.number ?? 1, readout: readout,
        lengthScale: takesLength ? values[.lengthScale]?.number : nil),
      trainCount: count, shuffleSeed: seed)
    try check(parameters, combination.places, root)
    return parameters
  }

  /// Whether readouts over positions apply: where all positions share their filters.
  static func takesReadout(_ architecture: String) -> Bool {
    let window = Window(mask: Extent(1))
    return
      (try? Network(
        architecture: Architectures.named(architecture, window: window), width: .infinite, temperature: 1,
        readout: MeanPooling())) != nil
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
    kind.width = description.width.map { _ in 1 }
    (kind.temperature, kind.lambda0, kind.lambda1) = (1, 1, 1)
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
