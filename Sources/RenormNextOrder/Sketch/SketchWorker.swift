internal import LinearAlgebra
internal import RenormKernels

/// Draws units for `TrustSketch`, one block after the other, with storage of its own.
final class SketchWorker {
  private let frame: FeatureFrame
  private let draws: HiddenUnitDraws
  private let drawsOfBlock: Int
  private let step: Int
  private let workspace: FeatureWorkspace
  private let statistics: UnitStatistics
  private let filters: WorkArray
  private let probed: WorkArray
  private let sums: (training: WorkArray, points: WorkArray)

  /// - Parameters:
  ///   - drawsOfBlock: at most those of a piece.
  ///   - step: draws of which features are held at once.
  init(
    _ frame: FeatureFrame, _ sources: FeatureSources, _ draws: HiddenUnitDraws, drawsOfBlock: Int, probes: Int,
    step: Int
  ) {
    self.frame = frame
    self.draws = draws
    self.drawsOfBlock = drawsOfBlock
    self.step = step
    workspace = FeatureWorkspace(sources, draws: step)
    statistics = UnitStatistics(draws: step, order: sources.largestColumns)
    filters = WorkArray(draws.inputs * draws.pieceSize)
    probed = WorkArray(probes * step * sources.largestColumns)
    sums = (WorkArray(sources.training.count), WorkArray(sources.points?.count ?? 0))
  }

  /// - Parameters:
  ///   - probes: P x m.
  ///   - u: A^-1 y.
  func block(_ number: Int, _ probes: Matrix, u: [Double]) -> BlockAverages {
    sums.training.clear()
    sums.points.clear()
    var value = 0.0
    u.withUnsafeBufferPointer { u in
      probes.withUnsafeElements { elements in
        guard let u = u.baseAddress, let base = elements.baseAddress else { return }
        let z = MatrixView(base, probes.rows, probes.columns)
        for (index, unit) in frame.units.enumerated() {
          draws.piece(number * frame.units.count + index, into: filters)
          for range in drawsOfBlock.blocks(of: step) {
            workspace.compute(
              unit, MatrixView(filters.pointer + draws.inputs * range.lowerBound, draws.inputs, range.count))
            let features = workspace.training
            let psi = probed.matrix(probes.columns, features.columns)
            psi.setProduct(z.transposed, features)
            statistics.begin(draws: range.count, order: unit.columns.count)
              .setProduct(features.transposed, MatrixView(u, probes.rows, 1))
            statistics.compute(psi)
            value += statistics.valueOfProbes(psi)
            sums.training.matrix(probes.rows, 1).setProduct(features, statistics.v, adding: 1)
            sums.points.matrix(sums.points.count, 1).setProduct(workspace.points, statistics.v, adding: 1)
          }
        }
      }
    }
    let scale = 1 / Double(drawsOfBlock)
    return BlockAverages(
      value: scale * value, training: sums.training.values.scaled(by: scale),
      points: Array(sums.points.values.prefix(sums.points.count)).scaled(by: scale))
  }
}
