extension Network {
  /// Determines the order parameter on a training set and builds the renormalized Gaussian process.
  ///
  /// A result that has not converged is returned with `solution.convergence.converged == false`.
  ///
  /// - Throws: `RenormError`: `.unusableData` for an empty or non-finite training set,
  ///   `.maskLargerThanImage`, `.unsupported` for several outputs on more than one position at finite width,
  ///   `.outOfMemory` where the kernels do not fit, `.numericalFailure` where a factorisation fails.
  public func fit(
    _ data: Dataset, options: FitOptions = FitOptions(), progress: (FitEvent) -> Void = { _ in }
  ) throws(RenormError) -> Posterior {
    try KernelFamily(self, data, options: options, progress: progress).fit(progress: progress)
  }
}

extension Dataset {
  package func validate() throws(RenormError) {
    guard count > 0, outputs > 0 else {
      throw .unusableData("the training set is empty; at least one example with one target is needed")
    }
    guard inputs.elements.allSatisfy(\.isFinite), targets.elements.allSatisfy(\.isFinite) else {
      throw .unusableData("the training set contains NaN or infinity; only finite numbers are accepted")
    }
  }
}
