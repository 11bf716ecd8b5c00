internal import Foundation
internal import LinearAlgebra
package import Renorm
package import RenormFiles

extension SampledNetwork {
  /// All draws, as a file holds them.
  package var drawsRecord: DrawsRecord {
    let samples = draws.counts.first ?? 0
    // Entries of the order parameter that are not recorded are 0, or not known.
    let other = layout.hasDiagonalOnly ? Double.nan : 0
    /// The recorded numbers at the given places of every draw.
    func quantity(_ places: [Int], _ shape: [Int] = []) -> DrawsRecord.Quantity {
      var values: [Double] = []
      values.reserveCapacity(draws.chains.count * samples * places.count)
      for chain in draws.chains {
        for draw in 0..<samples {
          let start = draw * draws.quantities.count
          values += places.map { $0 < 0 ? other : chain.values[start + $0] }
        }
      }
      return DrawsRecord.Quantity(shape: shape, values: values)
    }
    let order = layout.orderParameterOrder
    var entries = [Int](repeating: -1, count: order * order)
    for (pair, place) in zip(layout.orderParameterPairs, layout.orderParameter) {
      entries[pair.row * order + pair.column] = place
      entries[pair.column * order + pair.row] = place
    }
    let (tests, outputs) = (layout.testCount, layout.outputs)
    let means = (0..<tests).flatMap { point in (0..<outputs).map { layout.mean(point, output: $0) } }
    return DrawsRecord(
      chains: draws.chains.count, samples: samples, logDensity: quantity([layout.logDensity]),
      weightNorm: quantity([layout.weightNorm]), trainingLoss: quantity([layout.trainingLoss]),
      orderParameter: quantity(entries, [order, order]),
      mean: tests > 0 ? quantity(means, outputs == 1 ? [tests] : [tests, outputs]) : nil,
      variance: tests > 0 && !layout.variances.isEmpty ? quantity(Array(layout.variances), [tests]) : nil)
  }

  /// The sampled similarities beside those of the prior, as a file holds them.
  ///
  /// - Throws: `RenormError` as `Network.priorSimilarity`, `.unsupported` at infinite width.
  package func similarityRecord(_ network: Network, _ training: Dataset) throws(RenormError) -> SimilarityRecord
  {
    guard let width = network.width.units else {
      throw .unsupported(what: "sampled similarities at infinite width", instead: "take a finite width")
    }
    let count = layout.similarityCount
    let inputs = training.inputs.selectingColumns(0..<count)
    var pairs: [SimilarityRecord.Pair] = []
    for pair in estimates.similarity {
      let (i, j) = (pair.positions.row, pair.positions.column)
      pairs.append(
        SimilarityRecord.Pair(
          i: i, j: j, before: try network.priorSimilarity(of: inputs, on: training.shape, positions: i, j),
          after: Matrix(rows: count, columns: count) { pair.matrix[$0][$1].mean },
          standardError: Matrix(rows: count, columns: count) { pair.matrix[$0][$1].standardError }))
    }
    return SimilarityRecord(
      SimilarityRecord.Metadata(
        renormVersion: RenormVersion.current, architecture: network.architecture.name, width: width,
        positions: try network.architecture.grid(on: training.shape).positions, classes: training.classes),
      targets: training.targets.selectingRows(0..<count), pairs: pairs)
  }

  /// The sampled predictions at the held-out examples.
  package var prediction: Prediction {
    Prediction(
      mean: points { $0.mean[$1].mean }, variance: points { $0.variance[$1].mean },
      logProbabilities: estimates.probabilities.map { rows in
        Matrix(rows: rows.count, columns: rows.first?.count ?? 0) { log(rows[$0][$1].mean) }
      })
  }

  /// The Monte Carlo standard errors of the predictive means, points x D.
  package var meanErrors: Matrix { points { $0.mean[$1].standardError } }

  private func points(_ value: (PointEstimate, Int) -> Double) -> Matrix {
    let points = estimates.predictions
    return Matrix(rows: points.count, columns: points.first?.mean.count ?? 0) { value(points[$0], $1) }
  }
}
