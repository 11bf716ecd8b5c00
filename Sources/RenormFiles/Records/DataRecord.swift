/// Where examples came from and how they were prepared: the key `data` of a report.
public struct DataRecord: Codable, Equatable, Sendable {
  /// The files, with checksums.
  public let sources: [DataSource]
  /// Class labels in the order of the outputs (of two, -1 and +1); null for regression.
  @Nullable public var classes: [ClassLabel]?
  /// What was selected from the files.
  public let selection: DataSelection
  /// Shape of one example as the network sees it.
  public let shape: ImageShape
  /// The shift and scale of the inputs.
  public let standardization: Standardization
  /// The shift and scale of real-valued targets; the key is left out where there is none.
  public let targetScaling: TargetScaling?
  /// The heading of the targets; the key is left out where there is none.
  public let targetHeading: String?
  /// Positions of the held-out examples in their file, from 0, in the order of the predictions; null without
  /// any.
  @Nullable public var testIndices: [Int]?

  /// The examples of a fit, or with other sources those that it predicts.
  package init(_ recipe: DataRecipe, sources: [DataSource], testIndices: [Int]?) {
    self.sources = sources
    _classes = Nullable(recipe.classes)
    selection = recipe.selection
    shape = recipe.shape
    standardization = recipe.standardization
    targetScaling = recipe.targetScaling
    targetHeading = recipe.targetHeading
    _testIndices = Nullable(testIndices)
  }

  /// The examples that were loaded.
  package init(_ data: LoadedData) {
    self.init(data.recipe, sources: data.sources, testIndices: data.test.map { _ in data.testIndices })
  }
}
