public import Renorm
public import RenormFiles

/// Points that share kernels: the same examples, lambda0, architecture, activation, patches and readout.
package struct SweepGroup: Sendable {
  /// Number of the group, in the order of its first point.
  package let number: Int
  /// Indices of its points, in the order of the specification.
  package let points: [Int]
  /// The network that the kernels are computed for.
  package let network: Network
  /// P.
  package let trainCount: Int
  /// Seed of the permutation of the examples.
  package let shuffleSeed: UInt32?
  /// Whether one reduction of one kernel serves all points: FC, mean pooling, and a single position.
  package let hasOneKernel: Bool
}

/// Points that one process works through in a fixed order, each but a few starting from an earlier one.
package struct WorkUnit: Sendable {
  /// A point, and the points that its search starts from.
  package struct Step: Equatable, Sendable {
    /// Index of the point.
    package let point: Int
    /// Index of an earlier point of the unit; nil for the start at infinite width.
    package let predecessor: Int?
    /// Index of the point before the predecessor in the same row, to continue the line of both; nil where there
    /// is none.
    package let beforePredecessor: Int?
  }

  /// Number of the unit, from 0.
  package let number: Int
  /// Number of its group.
  package let group: Int
  /// Its points in the order of work.
  package let steps: [Step]
}

/// What a sweep computes and in which order; the same for every process that reads the same specification and
/// data.
public struct SweepPlan: Sendable {
  /// The specification.
  public let specification: SweepSpecification
  /// All points, in the order of the specification.
  public let points: [SweepPoint]
  /// Points that share kernels.
  package let groups: [SweepGroup]
  /// The units of work, those of a group one after the other.
  package let units: [WorkUnit]
  /// The data files with their checksums.
  public let sources: [DataSource]
  /// Shape of an example.
  public let image: ImageShape
  /// Number of outputs D.
  public let outputs: Int
  /// Whether the targets are classes.
  public let isClassification: Bool
  /// Number of held-out examples at which every point predicts: for tests and for validation.
  public let heldOutCounts: (test: Int, validation: Int)
  /// What a user should know about the specification and the data; each is one line.
  public let warnings: [String]

  /// Expands a specification.
  ///
  /// - Throws: `SpecificationError` for points that are impossible, `DataError` for data that cannot be used.
  public init(_ specification: SweepSpecification, _ data: SweepData) throws {
    let combinations = try Combinations(specification)
    var resolver = PointResolver(specification, data)
    let first = try Self.firstExamples(specification, data, combinations)
    resolver.set(image: first.train.shape, outputs: first.train.outputs)
    let content = data.sources.map { "\($0.role.rawValue) \($0.crc32) \($0.byteCount)" }.joined(separator: ";")
    let common = content + Self.selectionKey(specification)
    var points: [SweepPoint] = []
    var seen: Set<PointParameters> = []
    for index in 0..<combinations.count {
      let parameters = try resolver.parameters(combinations[index], specification.root)
      guard seen.insert(parameters).inserted else { continue }
      points.append(
        SweepPoint(
          index: points.count, identity: fingerprint(try parameters.text() + common), parameters: parameters))
    }
    self.specification = specification
    self.points = points
    sources = data.sources
    image = first.train.shape
    outputs = first.train.outputs
    isClassification = first.train.classes != nil
    heldOutCounts = (first.test?.count ?? 0, first.validation?.count ?? 0)
    warnings = Self.unused(specification, points) + first.warnings
    groups = try Self.groups(points, image)
    units = UnitPlanner(points).units(groups)
  }

  /// The examples of the first combination, to see shapes and what else is wrong with the data.
  private static func firstExamples(
    _ specification: SweepSpecification, _ data: SweepData, _ combinations: Combinations
  ) throws -> LoadedData {
    let first = combinations[0]
    do {
      return try data.load(
        trainCount: first.values[.trainCount]?.count,
        shuffleSeed: first.values[.shuffleSeed]?.count.map { UInt32(clamping: $0) })
    } catch {
      if case .tooFewExamples(_, .training, _, _) = error, let place = first.places[.trainCount] {
        throw SpecificationError(place, "\(error)")
      }
      throw error
    }
  }

  /// Everything else that results depend on.
  private static func selectionKey(_ specification: SweepSpecification) -> String {
    let paths = [SweepKey.train, .trainLabels, .test, .testLabels].map(\.rawValue)
    let swept = SweepKey.axes.map(\.rawValue) + [SweepKey.infiniteWidth.rawValue, SweepKey.zip.rawValue]
    return specification.canonical.filter { !paths.contains($0.key) && !swept.contains($0.key) }
      .sorted { $0.key < $1.key }.map { ";\($0.key)=\($0.value.joined(separator: ","))" }.joined()
  }

  private static func groups(_ points: [SweepPoint], _ image: ImageShape) throws -> [SweepGroup] {
    var numbers: [PointParameters: Int] = [:]
    var members: [[Int]] = []
    for point in points {
      let key = point.parameters.kernelKey
      if let number = numbers[key] {
        members[number].append(point.index)
      } else {
        numbers[key] = members.count
        members.append([point.index])
      }
    }
    // Factoring a readout prior takes a while where there are many positions.
    var kinds: [NetworkDescription: Bool] = [:]
    return try members.enumerated().map { number, indices in
      let parameters = indices.map { points[$0].parameters }
      var description = parameters[0].network
      let kind = description.kernels
      let hasOneKernel = try kinds[kind] ?? Network(description).hasOneKernel(on: image)
      kinds[kind] = hasOneKernel
      // One reduction serves infinite width too; many kernels are not needed for infinite width alone.
      if let finite = parameters.map(\.network).first(where: { $0.width != .infinite }) {
        (description[.width], description[.widths]) = (finite[.width], finite[.widths])
      } else if hasOneKernel {
        description.width = .finite(1)
      }
      return SweepGroup(
        number: number, points: indices, network: try Network(description),
        trainCount: parameters[0].trainCount,
        shuffleSeed: parameters[0].shuffleSeed, hasOneKernel: hasOneKernel)
    }
  }

  /// Keys that no point needs.
  private static func unused(_ specification: SweepSpecification, _ points: [SweepPoint]) -> [String] {
    let networks = points.map(\.parameters.network)
    return SweepKey.axes.filter { key in
      guard let parameter = key.parameter, specification.axis(key) != nil else { return false }
      return !networks.contains { $0.has(parameter) }
    }
    .map { "\($0.rawValue) has no effect on any point of this sweep" }
  }
}
