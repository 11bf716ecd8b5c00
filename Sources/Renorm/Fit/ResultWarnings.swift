internal import LinearAlgebra
internal import RenormKernels

/// Remarks on results that hold, but perhaps not as meant.
enum ResultWarnings {
  /// One line each.
  static func of(
    _ network: Network, on grid: PatchGrid, _ training: Dataset, _ convergence: Convergence
  ) -> [String] {
    var warnings: [String] = []
    if grid.droppedRows > 0 || grid.droppedColumns > 0 {
      warnings.append(
        "the stride does not tile the image: the last \(grid.droppedRows) rows and \(grid.droppedColumns) columns "
          + "of pixels are dropped")
    }
    if let window = network.architecture.window,
      window.stride.height > window.mask.height || window.stride.width > window.mask.width
    {
      warnings.append(
        "the stride \(window.stride) is larger than the mask \(window.mask): pixels between patches are not seen"
      )
    }
    if let offset = targetOffset(network, training) {
      warnings.append(
        "the targets have mean \(offset), which a network with the odd activation '\(network.activation.name)' and no bias "
          + "can hardly produce; centre the targets, or take relu")
    }
    if let remark = precision(convergence) { warnings.append(remark) }
    return warnings
  }

  /// What is not exact about an order parameter that counts as determined.
  private static func precision(_ convergence: Convergence) -> String? {
    guard convergence.converged else { return nil }
    let error = convergence.orderParameterError
    if convergence.roundingError > Convergence.remarkableError {
      return "rounding limits the order parameter: its relative error is about \(error); the temperature is close to the "
        + "rounding of the kernel; a higher one, or no nearly equal examples with different targets, would help"
    }
    if convergence.isLimitedByRounding {
      return "rounding limits the order parameter: gradient norm \(convergence.gradientNorm), tolerance "
        + "\(convergence.tolerance); its relative error is about \(error)"
    }
    if error > Convergence.remarkableError {
      return "the tolerance \(convergence.tolerance) leaves a relative error of about \(error) in the order parameter"
    }
    return nil
  }

  /// The mean of real-valued targets where it is larger than their deviation and the activation is odd.
  private static func targetOffset(_ network: Network, _ training: Dataset) -> Double? {
    let targets = training.targets.elements
    guard training.classes == nil, network.activation.isOdd, targets.count > 1 else { return nil }
    let mean = targets.reduce(0, +) / Double(targets.count)
    let square = targets.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(targets.count)
    return mean * mean > square ? mean : nil
  }
}
