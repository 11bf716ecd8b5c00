extension Network {
  /// Determines the order parameter on a training set and builds the renormalized Gaussian process:
  ///
  /// 1. local kernels K_ij of the inputs (docs/theory.md, section 2);
  /// 2. Q, the minimum of the effective action S(Q), the saddle of S(Q, Qbar) for activations with means
  ///    (sections 3 and 4); Q = 1 at infinite width;
  /// 3. the Gaussian process with the kernel K_R = 1/(lambda1 n) sum_ij Q_ij K_ij and noise of variance T,
  ///    which predicts (section 7).
  ///
  /// Sources: Aiudi et al., Nat. Commun. 16 (2025), arXiv 2307.11807; Pacelli et al., Nat. Mach. Intell. 2023;
  /// Baglioni et al., PRL 133 (2024). Leading order in P, N -> infinity at fixed P/N. docs/costs.md has costs
  /// and memory.
  ///
  /// A result that has not converged is returned with `solution.convergence.converged == false`.
  ///
  /// - Throws: `RenormError`: `.unusableData` for an empty or non-finite training set,
  ///   `.maskLargerThanImage`, `.unsupported` for what the theory does not cover,
  ///   `.outOfMemory` where the kernels do not fit, `.numericalFailure` where a factorisation fails.
  public func fit(
    _ data: Dataset, options: FitOptions = FitOptions(), progress: (FitEvent) -> Void = { _ in }
  ) throws(RenormError) -> Posterior {
    try KernelFamily(self, data, options: options, isKept: false, progress: progress).fitOnce(progress)
  }
}

extension Dataset {
  /// - Throws: `RenormError.unusableData` for an empty set, and for numbers that are not finite.
  package func validate() throws(RenormError) {
    guard count > 0, outputs > 0 else {
      throw .unusableData("the training set is empty; at least one example with one target is needed")
    }
    guard inputs.elements.allSatisfy(\.isFinite), targets.elements.allSatisfy(\.isFinite) else {
      throw .unusableData("the training set contains NaN or infinity; only finite numbers are accepted")
    }
  }
}
