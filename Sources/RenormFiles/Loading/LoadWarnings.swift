internal import LinearAlgebra
internal import Renorm

/// Remarks on data that can be used, but perhaps not as meant.
enum LoadWarnings {
  /// Remarks on the training examples.
  static func training(
    _ file: ExampleFile, _ dataset: Dataset, _ training: TrainingExamples, _ recipe: DataRecipe
  ) -> [String] {
    var warnings =
      file.warnings + channels(file, recipe.selection.layout) + SortedFile.warnings(file, training, recipe)
    if let labels = training.labels, let classes = training.classes {
      warnings += absentClasses(
        classes, among: training.indices.map { labels[$0] }, of: .training, path: file.path)
    } else if let targets = file.targets {
      warnings += integerTargets(targets) + constantTargets(targets, dataset)
      if let scaling = recipe.targetScaling, recipe.selection.targets == .standardize {
        warnings += scaling.scale == 1 ? equalTargets(targets, dataset) : unlikeTargets(targets, dataset)
      }
    }
    let contradicting = contradictingDuplicates(dataset)
    if contradicting > 0 {
      warnings.append(
        "\(file.path): \(DataError.counted(contradicting, "training example")) "
          + "with the inputs of an earlier one but another target")
    }
    return warnings
  }

  /// Targets taken as real numbers whose type and few values suggest class labels.
  static func integerTargets(_ targets: ExampleFile.Targets) -> [String] {
    guard targets.source.array.elementType.isInteger, targets.values.columns == 1 else { return [] }
    let distinct = Set(targets.values.elements).count
    guard (2...20).contains(distinct) else { return [] }
    return [
      "\(targets.path): the targets are integers of \(distinct) different values, read as real numbers; "
        + "`classification` takes them as labels"
    ]
  }

  /// Training targets that teach nothing.
  private static func constantTargets(_ targets: ExampleFile.Targets, _ dataset: Dataset) -> [String] {
    let values = dataset.targets
    guard values.rows > 1 else { return [] }
    let constant = (0..<values.columns).filter { output in
      (1..<values.rows).allSatisfy { values[$0, output] == values[0, output] }
    }
    guard !constant.isEmpty else { return [] }
    let which = values.columns == 1 ? "the targets are" : "\(constant.count) of \(values.columns) targets are"
    return [
      "\(targets.path): \(which) the same in all training examples, so there is nothing to learn; "
        + "`target-column` names another column, `shuffle-seed` mixes a sorted file"
    ]
  }

  /// Targets that were to be scaled and differ by less than what rounding leaves of their differences.
  private static func equalTargets(_ targets: ExampleFile.Targets, _ dataset: Dataset) -> [String] {
    let values = dataset.targets
    let differs = (0..<values.columns).contains { c in
      (0..<values.rows).contains { values[$0, c] != values[0, c] }
    }
    guard differs, meanSquare(values) < 1e-12 * meanSquare(targets.values) else { return [] }
    return [
      "\(targets.path): the targets differ by about the rounding of their size, so they are centred and not scaled; "
        + "subtract their mean before writing them"
    ]
  }

  /// Scaled targets of which some are far smaller than the others: one number scales all.
  private static func unlikeTargets(_ targets: ExampleFile.Targets, _ dataset: Dataset) -> [String] {
    let scales = FeatureScales(dataset.targets.transposed)
    guard let (small, large) = scales.unlike else { return [] }
    return [
      "\(targets.path): target \(small) varies \(Int(scales.deviations[large] / scales.deviations[small])) times less "
        + "than target \(large), and `standardize-targets` scales all by one number; its noise and its error are those "
        + "of the larger ones: scale targets before, or fit them apart"
    ]
  }

  /// Classes without an example.
  static func absentClasses(
    _ classes: [ClassLabel], among labels: [ClassLabel], of part: DataPart, path: String
  ) -> [String] {
    let present = Set(labels)
    let absent = classes.filter { !present.contains($0) }
    guard !absent.isEmpty else { return [] }
    let noun = absent.count == 1 ? "class" : "classes"
    return ["\(path): no \(part.rawValue) example of \(noun) \(DataError.listed(absent))"]
  }

  /// Examples left out because the model does not know their class.
  static func unknownClasses(_ count: Int, path: String) -> [String] {
    guard count > 0 else { return [] }
    let verb = count == 1 ? "is" : "are"
    return [
      "\(path): \(DataError.counted(count, "example")) of classes not in the training data \(verb) left out"
    ]
  }

  /// Held-out inputs that are divided by 255 where the training inputs were not, or the reverse.
  static func scale(_ file: ExampleFile, _ recipe: DataRecipe) -> [String] {
    guard let trainBytes = recipe.inputsAreBytes, trainBytes != file.inputsAreBytes else { return [] }
    let training = "the training inputs\(recipe.source(.train).map { " in \($0.path)" } ?? "")"
    let difference =
      trainBytes
      ? "the inputs are not unsigned bytes and are taken as they are, but \(training) are unsigned bytes, "
        + "divided by 255"
      : "the inputs are unsigned bytes, divided by 255, but \(training) are not and are taken as they are"
    return ["\(file.path): \(difference); make sure that both are scaled alike"]
  }

  /// Images whose channels seem to come last, where nobody says whether they do.
  static func channels(_ file: ExampleFile, _ layout: ImageLayout?) -> [String] {
    guard layout == nil, file.hasImageShape, file.inputs.array.shape.count == 4,
      [1, 3, 4].contains(file.shape.width),
      file.shape.channels != 1, file.shape.channels != 3
    else { return [] }
    return [
      "\(file.path): images are read as \(file.shape) (channels x rows x columns), but the last axis looks like channels; "
        + "`layout nhwc` reads channels last (`layout nchw` says that they come first)"
    ]
  }

  /// Number of examples whose inputs equal those of an earlier example with another target.
  static func contradictingDuplicates(_ dataset: Dataset) -> Int {
    var seen: [UInt64: [Int]] = [:]
    var result = 0
    let size = dataset.shape.count
    dataset.inputs.withUnsafeElements { elements in
      func sameInputs(_ i: Int, _ j: Int) -> Bool {
        (0..<size).allSatisfy { elements[i * size + $0] == elements[j * size + $0] }
      }
      for example in 0..<dataset.count {
        // FNV-1a over the patterns of 64 bits; -0 + 0 is 0.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for k in 0..<size { hash = (hash ^ (elements[example * size + k] + 0).bitPattern) &* 0x100_0000_01b3 }
        if let earlier = seen[hash]?.first(where: { sameInputs($0, example) }) {
          if dataset.targets.row(earlier) != dataset.targets.row(example) { result += 1 }
        } else {
          seen[hash, default: []].append(example)
        }
      }
    }
    return result
  }
}
