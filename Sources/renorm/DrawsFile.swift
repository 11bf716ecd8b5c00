import Renorm
import RenormFiles
import RenormSampling

/// All draws as NPZ arrays, chains x samples and further axes.
struct DrawsFile {
  private let sampled: SampledNetwork

  init(_ sampled: SampledNetwork) { self.sampled = sampled }

  /// Writes the file at once: afterwards it is complete, or as it was before.
  func write(to path: String) throws(DataError) {
    let (draws, layout) = (sampled.draws, sampled.layout)
    let chains = draws.chains.count
    let samples = draws.counts.first ?? 0
    var archive = NPZWriter()
    // Entries of the order parameter that are not recorded are 0, or not known.
    let other = layout.hasDiagonalOnly ? Double.nan : 0
    /// Adds the recorded numbers at the given places of every draw.
    func add(_ name: String, _ places: [Int], _ shape: [Int]) {
      var values: [Double] = []
      values.reserveCapacity(chains * samples * places.count)
      for chain in draws.chains {
        for draw in 0..<samples {
          let start = draw * draws.quantities.count
          values += places.map { $0 < 0 ? other : chain.values[start + $0] }
        }
      }
      archive.add(name, values, shape: [chains, samples] + shape)
    }
    add("logDensity", [layout.logDensity], [])
    add("weightNorm", [layout.weightNorm], [])
    add("trainingLoss", [layout.trainingLoss], [])
    let order = layout.orderParameterOrder
    var places = [Int](repeating: -1, count: order * order)
    for (pair, place) in zip(layout.orderParameterPairs, layout.orderParameter) {
      places[pair.row * order + pair.column] = place
      places[pair.column * order + pair.row] = place
    }
    add("orderParameter", places, [order, order])
    if layout.testCount > 0 {
      let (tests, outputs) = (layout.testCount, layout.outputs)
      let means = (0..<tests).flatMap { point in
        (0..<outputs).map { layout.means.lowerBound + point + tests * $0 }
      }
      add("mean", means, outputs == 1 ? [tests] : [tests, outputs])
      if !layout.variances.isEmpty { add("variance", Array(layout.variances), [tests]) }
    }
    try archive.write(to: path)
  }
}

/// Estimates at test points as matrices, points x D.
struct PointEstimates {
  let prediction: Prediction
  let meanError: Matrix

  init(_ points: [PointEstimate]) {
    let outputs = points.first?.mean.count ?? 0
    func matrix(_ value: (PointEstimate, Int) -> Double) -> Matrix {
      Matrix(rows: points.count, columns: outputs) { value(points[$0], $1) }
    }
    prediction = Prediction(mean: matrix { $0.mean[$1].mean }, variance: matrix { $0.variance[$1].mean })
    meanError = matrix { $0.mean[$1].standardError }
  }
}
