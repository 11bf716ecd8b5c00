internal import LinearAlgebra

/// Infinite width: the one kernel sum_ij S_ij K_ij, at lambda1 n = 1 (docs/theory.md, section 6): there Q' = 1
/// and Q = B B^T = S. K_ij are second moments, so that means need no part of their own. Of a deep network it is
/// K_L, all lambdas inside.
struct AveragedKernel: TrainingKernels {
  private let rule: RenormalizedKernel
  private let range: RangeExamples
  private let kernel: PackedSymmetric
  let space: OrderParameterSpace

  /// - Parameter deep: the kernel of convolutional layers; nil for others.
  init(
    _ local: LocalKernels, _ layers: DeepKernels?, _ deep: RenormalizedKernel?, _ range: RangeExamples,
    _ space: OrderParameterSpace
  ) {
    rule =
      deep
      ?? RenormalizedKernel(
        local: local, layers: layers,
        weights: layers.map { .identity($0.count) } ?? space.matrix(space.identity.dense), meanWeights: nil)
    kernel = PackedSymmetric(lowerTriangleOf: rule.training(range.inputs))
    self.range = range
    self.space = space
  }

  func dataTerm(_ network: Network, _ parameters: ActionParameters) throws(RenormError) -> any DataTerm {
    throw .unsupported(
      what: "a finite width in a family made for infinite width",
      instead: "make the family for a network of finite width")
  }

  func outside(_ temperature: Double) -> OutsideRange { range.outside(temperature, isWhitened: false) }

  func trainingKernel(_ scale: Double, _ solution: Solution) -> PackedSymmetric { scale * kernel }

  func heldOut(_ inputs: Matrix, bytes: Int) -> any PointKernels {
    HeldOutKernel(
      factor: .scale, cross: rule.cross(range.inputs, inputs), variances: rule.diagonal(inputs), features: [],
      range: range.coordinates(of: inputs))
  }

  func regression(
    _ network: Network, _ solved: SolvedAction
  ) throws(RenormError) -> (any Regression)? { nil }
}
