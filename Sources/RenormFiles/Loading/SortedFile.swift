/// Files in the order of their targets, of which the last examples are no fair sample.
enum SortedFile {
  private static let fewest = 10

  /// A remark where a sorted file is cut, and not shuffled.
  static func warnings(_ file: ExampleFile, _ training: TrainingExamples, _ recipe: DataRecipe) -> [String] {
    let selection = recipe.selection
    let isCut =
      selection.testFraction != nil || selection.validationFraction != nil
      || selection.trainCount.map { $0 < file.count } ?? false
    guard isCut, selection.shuffleSeed == nil, let targets = file.targets else { return [] }
    let what: String
    if let labels = training.labels, let classes = training.classes {
      let kept = Set(classes)
      let used = labels.filter { kept.contains($0) }
      guard used.count >= fewest, used.count >= 2 * classes.count, runs(used) == Set(used).count else {
        return []
      }
      what = "classes"
    } else {
      guard file.count >= fewest, targets.values.columns == 1, isMonotone(targets.values.elements) else {
        return []
      }
      what = "targets"
    }
    return [
      "\(targets.path): the \(what) are sorted, and the file is cut in its order, so that training and held-out examples "
        + "differ; `shuffle-seed` mixes them"
    ]
  }

  /// Number of stretches of equal labels.
  private static func runs(_ labels: [ClassLabel]) -> Int {
    zip(labels, labels.dropFirst()).count { $0 != $1 } + 1
  }

  private static func isMonotone(_ values: [Double]) -> Bool {
    let pairs = zip(values, values.dropFirst())
    guard pairs.contains(where: { $0 != $1 }) else { return false }
    return pairs.allSatisfy { $0 <= $1 } || pairs.allSatisfy { $0 >= $1 }
  }
}
