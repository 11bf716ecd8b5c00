internal import Foundation
public import Renorm
public import RenormFiles
public import RenormNextOrder

/// What a sweep varies, how, and on which data.
///
/// Read from a YAML file, or from the same keys as command-line options; both give the same specification.
public struct SweepSpecification: Sendable {
  /// A parameter and its values.
  public struct Axis: Sendable {
    /// The parameter.
    public let key: SweepKey
    /// Its values, in the order that was given.
    public let values: [ParameterValue]
    /// Where each value stands.
    let places: [SpecificationPlace]
  }

  /// The parameters that were given, the slowest first.
  public let axes: [Axis]
  /// Axes that run together instead of forming a grid.
  public let zips: [[SweepKey]]
  /// The files; paths are absolute.
  public let files: DataFiles
  /// Which examples are used, but for the axes `train-count` and `shuffle-seed`.
  public let selection: DataSelection
  /// The norm of the gradient at which a point has converged.
  public let tolerance: Double
  /// The largest number of steps of the solver.
  public let maximumIterations: Int
  /// How far in 1/N points go: `leading`, `next` or `condensed`.
  public let order: ExpansionOrder
  /// Draws of a hidden unit for the next order.
  public let draws: Int
  /// How many units are explicit, and from how many random laws their search begins, with `order: condensed`.
  public let condensed: CondensedOptions
  /// Where each key stands.
  let places: [SweepKey: SpecificationPlace]
  /// Where what is missing is missed.
  let root: SpecificationPlace

  /// Reads a YAML file. Paths in it are relative to its folder.
  ///
  /// - Throws: `SpecificationError` with file and line, `DataError` where the file cannot be read.
  public init(contentsOf path: String) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    try self.init(YAMLEntries.read(path), root: .file(path: path), folder: folder)
  }

  /// Reads command-line options. Paths are relative to the working directory.
  ///
  /// - Parameter options: keys without dashes, with text such as `0.1,1,10` or `logspace(1e-3,1,4)`.
  /// - Throws: `SpecificationError` naming the option.
  public init(options: [(key: SweepKey, text: String)]) throws(SpecificationError) {
    let entries = options.map { key, text in
      let place = SpecificationPlace.option(key.rawValue)
      // Groups of zipped keys are separated by semicolons.
      // So are lists of the values of layers.
      let value =
        key == .zip || key.isList && text.contains(";")
        ? .list(text.split(separator: ";").map { .scalar(String($0).trimmed, place) }, place)
        : key.isList ? .scalar(text.trimmed, place) : UntypedValue(argument: text, place)
      return RawEntry(key: key.rawValue, place: place, value: value)
    }
    try self.init(
      entries, root: .option("architecture"),
      folder: URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true))
  }

  /// Reads the keys that a store has kept.
  init(canonical: [String: [String]], store path: String) throws(SpecificationError) {
    let place = SpecificationPlace.file(path: path)
    let entries = canonical.sorted { $0.key < $1.key }.map { key, texts in
      let values = texts.map { UntypedValue.scalar($0, place) }
      return RawEntry(key: key, place: place, value: values.count == 1 ? values[0] : .list(values, place))
    }
    try self.init(entries, root: place, folder: URL(fileURLWithPath: "/", isDirectory: true))
  }

  init(_ entries: [RawEntry], root: SpecificationPlace, folder: URL) throws(SpecificationError) {
    let reader = try SpecificationReader(entries, root: root)
    self.root = root
    places = reader.places
    let resolve = { (path: String) in URL(fileURLWithPath: path, relativeTo: folder).standardizedFileURL.path }
    axes = try reader.axes(resolve)
    zips = try reader.zips(axes)
    files = try reader.files(resolve)
    selection = try reader.selection()
    tolerance =
      try reader.scalar(.tolerance).map { (text, place) throws(SpecificationError) in
        try SweepKey.tolerance.positive(text, place)
      } ?? 1e-8
    maximumIterations =
      try reader.scalar(.maxIterations).map { (text, place) throws(SpecificationError) in
        try SweepKey.maxIterations.positiveCount(text, place, "at least 1")
      } ?? 500
    order = try reader.order()
    draws = try reader.draws(order)
    condensed = try reader.condensed(order)
  }

  /// The values of an axis; nil where it was not given.
  func axis(_ key: SweepKey) -> Axis? { axes.first { $0.key == key } }
}

extension SweepSpecification {
  /// Every key that was given with the texts of its values, from which the specification can be read again.
  package var canonical: [String: [String]] {
    var result: [String: [String]] = [:]
    func set(_ key: SweepKey, _ texts: [String]?) { if let texts { result[key.rawValue] = texts } }
    for axis in axes {
      let finite = axis.key == .alpha ? axis.values.filter { $0 != .width(.infinite) } : axis.values
      set(axis.key, finite.map(\.text))
      if finite.count < axis.values.count { set(.infiniteWidth, ["true"]) }
    }
    set(.zip, zips.isEmpty ? nil : zips.map { $0.map(\.rawValue).joined(separator: ",") })
    set(.train, [files.train])
    set(.trainLabels, files.trainLabels.map { [$0] })
    set(.test, files.test.map { [$0] })
    set(.testLabels, files.testLabels.map { [$0] })
    set(.testFraction, selection.testFraction.map { ["\($0)"] })
    set(.testCount, selection.testCount.map { ["\($0)"] })
    set(.validationFraction, selection.validationFraction.map { ["\($0)"] })
    set(.validationCount, selection.validationCount.map { ["\($0)"] })
    set(.classes, selection.classes.map { $0.map(\.description) })
    set(.classification, selection.classification ? ["true"] : nil)
    set(.standardize, [selection.standardize.rawValue])
    set(.grayscale, selection.grayscale ? ["true"] : nil)
    set(.pixelStep, selection.pixelStep.map { ["\($0)"] })
    set(.shape, selection.shape.map { ["\($0)"] })
    set(.targetColumn, selection.targetColumn.map { [$0] })
    set(.dropColumns, selection.droppedColumns)
    set(.trainArray, selection.arrays?.train.map { [$0] })
    set(.targetArray, selection.arrays?.targets.map { [$0] })
    set(.testArray, selection.arrays?.test.map { [$0] })
    set(.testTargetArray, selection.arrays?.testTargets.map { [$0] })
    set(.layout, selection.layout.map { [$0.rawValue] })
    set(.centerTargets, selection.targets == .center ? ["true"] : nil)
    set(.standardizeTargets, selection.targets == .standardize ? ["true"] : nil)
    set(.tolerance, ["\(tolerance)"])
    set(.maxIterations, ["\(maximumIterations)"])
    // Left out where they are the default, so that sweeps from before there were these keys can go on.
    if order != .leading { set(.order, [order.rawValue]) }
    if order == .next {
      set(.draws, ["\(draws)"])
    }
    let usual = CondensedOptions()
    if condensed.neurons != usual.neurons { set(.neurons, ["\(condensed.neurons)"]) }
    if condensed.starts != usual.starts { set(.orderStarts, ["\(condensed.starts)"]) }
    return result
  }
}
