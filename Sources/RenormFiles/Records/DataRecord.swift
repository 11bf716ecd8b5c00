/// What the targets are: keys of the key `data` of a report.
public struct TargetsRecord: Codable, Equatable, Sendable {
  /// Class labels in the order of the outputs (of two, -1 and +1); null for regression.
  @Nullable public var classes: [ClassLabel]?
  /// The shift and scale of real-valued targets; the key is left out where there is none.
  public let targetScaling: TargetScaling?

  init(_ classes: [ClassLabel]?, _ targetScaling: TargetScaling?) {
    _classes = Nullable(classes)
    self.targetScaling = targetScaling
  }

  /// Their place in a report, for those who need no more of it.
  public struct Key: Codable, Equatable, Sendable {
    /// Null for a network that was not fitted from files.
    @Nullable public var data: TargetsRecord?
  }
}

/// Where examples came from and how they were prepared: the key `data` of a report.
public struct DataRecord: Codable, Equatable, Sendable {
  /// The files, with checksums.
  public let sources: [DataSource]
  /// What the targets are; its keys are those of this record.
  public let targets: TargetsRecord
  /// What was selected from the files.
  public let selection: DataSelection
  /// Shape of one example as the network sees it.
  public let shape: ImageShape
  /// The shift and scale of the inputs.
  public let standardization: Standardization
  /// The heading of the targets; the key is left out where there is none.
  public let targetHeading: String?
  /// Positions of the held-out examples in their file, from 0, in the order of the predictions; null without
  /// any.
  @Nullable public var testIndices: [Int]?

  /// The examples of a fit, or with other sources those that it predicts.
  package init(_ recipe: DataRecipe, sources: [DataSource], testIndices: [Int]?) {
    self.sources = sources
    targets = TargetsRecord(recipe.classes, recipe.targetScaling)
    selection = recipe.selection
    shape = recipe.shape
    standardization = recipe.standardization
    targetHeading = recipe.targetHeading
    _testIndices = Nullable(testIndices)
  }

  /// The examples that were loaded.
  package init(_ data: LoadedData) {
    self.init(data.recipe, sources: data.sources, testIndices: data.test.map { _ in data.testIndices })
  }

  /// Class labels in the order of the outputs; nil for regression.
  public var classes: [ClassLabel]? { targets.classes }
  /// The shift and scale of real-valued targets; nil where there is none.
  public var targetScaling: TargetScaling? { targets.targetScaling }

  private enum CodingKeys: String, CodingKey {
    case sources, selection, shape, standardization, targetHeading, testIndices
  }

  public init(from decoder: any Decoder) throws {
    targets = try TargetsRecord(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    sources = try container.decode([DataSource].self, forKey: .sources)
    selection = try container.decode(DataSelection.self, forKey: .selection)
    shape = try container.decode(ImageShape.self, forKey: .shape)
    standardization = try container.decode(Standardization.self, forKey: .standardization)
    targetHeading = try container.decodeIfPresent(String.self, forKey: .targetHeading)
    _testIndices = try container.decode(Nullable<[Int]>.self, forKey: .testIndices)
  }

  public func encode(to encoder: any Encoder) throws {
    try targets.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(sources, forKey: .sources)
    try container.encode(selection, forKey: .selection)
    try container.encode(shape, forKey: .shape)
    try container.encode(standardization, forKey: .standardization)
    try container.encodeIfPresent(targetHeading, forKey: .targetHeading)
    try container.encode(_testIndices, forKey: .testIndices)
  }
}
