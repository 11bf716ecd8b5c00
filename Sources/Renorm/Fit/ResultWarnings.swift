internal import Foundation
internal import LinearAlgebra
internal import RenormKernels

/// Remarks on results that hold, but perhaps not as meant.
enum ResultWarnings {
  /// One line each.
  static func of(
    _ network: Network, on grid: PatchGrid, _ training: Dataset, _ solution: Solution
  ) -> [String] {
    var warnings: [String] = []
    if grid.droppedRows > 0 || grid.droppedColumns > 0 {
      warnings.append(
        "the stride does not tile the image: the last \(grid.droppedRows) rows and \(grid.droppedColumns) "
          + "columns of pixels are dropped")
    }
    if let window = network.architecture.window,
      window.stride.height > window.mask.height || window.stride.width > window.mask.width
    {
      warnings.append(
        "the stride \(window.stride) is larger than the mask \(window.mask): pixels between patches are "
          + "not seen"
      )
    }
    if network.depth > 1, !network.activation.isOdd, network.width != .infinite {
      warnings.append(
        "with several hidden layers and the activation '\(network.activation.name)', which is not odd, the theory is "
          + "rougher than with an odd one: what a layer adds beside its linear part moves with the norm of what is "
          + "below")
    }
    if let offset = targetOffset(network, training) { warnings.append(offset) }
    if let remark = nodeScales(network, solution) { warnings.append(remark) }
    if let remark = precision(solution.convergence) { warnings.append(remark) }
    return warnings
  }

  /// Scales of units so unequal that the mean over units is one unit's.
  private static func nodeScales(_ network: Network, _ solution: Solution) -> String? {
    guard let units = network.width.units, let conjugate = try? network.conjugateScales(solution) else {
      return nil
    }
    let share = conjugate.share(ofLargest: 1 / Double(units))
    // The largest of few units has much of any law.
    guard share > max(0.5, 3 / Double(units)) else { return nil }
    return
      "\(String(format: "%.0f", 100 * share)) percent of the mean square of readout weights comes from the "
      + "largest 1/N of the node scales: single units carry it, which this order in 1/N does not describe; "
      + "'renorm compare' shows by how much it is off"
  }

  /// Means that rounding of the kernel has part in, at any width.
  static func predictions(_ error: Double) -> [String] {
    guard !(error <= Convergence.remarkableError) else { return [] }
    return [
      "rounding limits the predictions: their relative error is about \(error); the temperature is close to the "
        + "rounding of the kernel; a higher one, or no nearly equal examples with different targets, would help"
    ]
  }

  /// What is not exact about an order parameter that counts as determined.
  private static func precision(_ convergence: Convergence) -> String? {
    guard convergence.converged else { return nil }
    let error = convergence.orderParameterError
    if convergence.roundingError > Convergence.remarkableError {
      return "rounding limits the order parameter: its relative error is about \(error); the temperature is "
        + "close to the rounding of the kernel; a higher one, or no nearly equal examples with different "
        + "targets, would help"
    }
    if convergence.isLimitedByRounding {
      return "rounding limits the order parameter: gradient norm \(convergence.gradientNorm), tolerance "
        + "\(convergence.tolerance); its relative error is about \(error)"
    }
    if error > Convergence.remarkableError {
      return "the tolerance \(convergence.tolerance) leaves a relative error of about \(error) in the order "
        + "parameter"
    }
    return nil
  }

  /// Targets whose mean an odd network can hardly produce: f(-x) = -f(x) for every draw of its weights.
  /// Real-valued ones with a mean larger than their deviation, and classes of which one has three quarters of
  /// the examples: conventions, at which an offset is half of the targets' mean square, and a quarter of it for
  /// two classes.
  private static func targetOffset(_ network: Network, _ training: Dataset) -> String? {
    guard network.activation.isOdd, network.lambdaBias == nil, network.supplied == nil, training.count > 1
    else { return nil }
    let reason =
      "which a network with the odd activation '\(network.activation.name)' and no bias can hardly produce"
    let targets = training.targets
    if let classes = training.classes {
      let counts = classCounts(training.classIndices, classes.count)
      guard let largest = counts.indices.max(by: { counts[$0] < counts[$1] }),
        4 * counts[largest] >= 3 * training.count, counts[largest] < training.count
      else { return nil }
      return
        "the classes are imbalanced: \(counts[largest]) of \(training.count) training examples are of class "
        + "\(classes[largest]), an offset \(reason); balance the training examples, or take relu"
    }
    for output in 0..<targets.columns {
      let values = (0..<targets.rows).map { targets[$0, output] }
      let mean = values.reduce(0, +) / Double(values.count)
      let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      guard mean * mean > square else { continue }
      let which = targets.columns == 1 ? "the targets have" : "the targets of output \(output) have"
      return "\(which) mean \(String(format: "%.4g", mean)), \(reason); centre the targets, or take relu"
    }
    return nil
  }

  private static func classCounts(_ indices: [Int], _ classes: Int) -> [Int] {
    indices.reduce(into: [Int](repeating: 0, count: classes)) { counts, index in counts[index] += 1 }
  }
}
