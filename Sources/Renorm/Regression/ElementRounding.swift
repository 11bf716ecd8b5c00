/// What rounding makes of the kernels of a regression.
struct ElementRounding: Sendable {
  /// The root mean square of the elements of k(X, X).
  let kernelSize: Double
  /// How many times larger errors of kernels are than 2^-52 (`LocalKernels.roundingAmplification`).
  let amplification: Double
  /// The relative error of an element of k(X, X): 2^-52 amplification, and more where it is held in single
  /// precision.
  let storage: Double

  init(kernelSize: Double, amplification: Double, storage: Double? = nil) {
    self.kernelSize = kernelSize
    self.amplification = amplification
    self.storage = storage ?? Double.ulpOfOne * amplification
  }
}
