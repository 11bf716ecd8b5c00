internal import Foundation
internal import LinearAlgebra
internal import Renorm

/// The probabilities of classes over draws of f, of which a prediction is the average: p(c | x) = < p(c | f(x))
/// > (docs/classification.md).
struct ClassAverages {
  private let layout: DrawLayout
  private let batches: Batches
  let classes: Int
  /// p of every chain, draw, and place point + tests * class.
  private let values: [[[Double]]]
  /// Sums over batches, and over all.
  private let sums: [[Double]]
  private let total: [Double]

  init(_ draws: [[DrawRecord]], _ layout: DrawLayout, _ likelihood: any LatentLikelihood) {
    self.layout = layout
    let (tests, outputs) = (layout.testCount, layout.outputs)
    let toLatents = likelihood.contrasts?.transposed
    let classes = likelihood.logProbabilities(at: [Double](repeating: 0, count: likelihood.latents)).count
    self.classes = classes
    let values = draws.map { chain in
      chain.map { draw in
        var row = [Double](repeating: 0, count: tests * classes)
        for x in 0..<tests {
          let f = (0..<outputs).map { draw[layout.mean(x, output: $0)] }
          let logarithms = likelihood.logProbabilities(at: toLatents.map { $0 * f } ?? f)
          for c in 0..<classes { row[x + tests * c] = exp(logarithms[c]) }
        }
        return row
      }
    }
    self.values = values
    let batches = Batches(lengths: draws.map(\.count))
    self.batches = batches
    sums = batches.ranges.map { batch in
      values[batch.chain][batch.draws].reduce(into: [Double](repeating: 0, count: tests * classes)) {
        $0.add(1, $1)
      }
    }
    total = sums.reduce(into: [Double](repeating: 0, count: tests * classes)) { $0.add(1, $1) }
  }

  /// The probabilities with their errors, for every test point and class.
  func probabilities(_ average: AverageEstimator) -> [[Estimate]] {
    (0..<layout.testCount).map { x in
      (0..<classes).map { c in average(values.map { $0.map { $0[x + layout.testCount * c] } }) }
    }
  }

  /// The averages over all draws, or all but those of a batch.
  private func means(without omitted: Int?) -> [Double] {
    let count = Double(batches.total - (omitted.map { batches.ranges[$0].draws.count } ?? 0))
    guard let omitted else { return total.map { $0 / count } }
    return zip(total, sums[omitted]).map { ($0 - $1) / count }
  }

  /// Scores of the averaged probabilities, jackknifed; of the accuracy, which jumps, the error by the
  /// bootstrap.
  func scores(_ targets: Matrix) -> (nll: Estimate, brier: Estimate, accuracy: Estimate) {
    let own = (0..<targets.rows).map { targets.classIndex(row: $0) }
    let tests = layout.testCount
    let count = Double(max(tests, 1))
    let accuracy = { (p: [Double]) in
      Double(
        own.indices.count { x in
          classIndex(ofLargest: (0..<classes).map { p[x + tests * $0] }) == own[x]
        }) / count
    }
    let error = batches.bootstrapError { chosen in
      accuracy(chosen.reduce(into: [Double](repeating: 0, count: tests * classes)) { $0.add(1, sums[$1]) })
    }
    return (
      batches.jackknife { omitted in
        loss(means(without: omitted), own)
      },
      batches.jackknife { omitted in
        let p = means(without: omitted)
        return p.indices.reduce(0.0) { sum, k in
          let rest = p[k] - (k / tests == own[k % tests] ? 1 : 0)
          return sum + rest * rest
        } / count
      }, Estimate(mean: accuracy(total), standardError: error)
    )
  }

  /// The mean over points of -log p of the label for every draw, by chain.
  func losses(_ targets: Matrix) -> [[Double]] {
    let own = (0..<targets.rows).map { targets.classIndex(row: $0) }
    return values.map { chain in chain.map { loss($0, own) } }
  }

  /// The mean over points of -log of the probability, among p, of their classes.
  private func loss(_ p: [Double], _ own: [Int]) -> Double {
    let tests = layout.testCount
    return own.indices.reduce(0) { $0 - log(p[$1 + tests * own[$1]]) } / Double(max(tests, 1))
  }
}
