internal import Foundation
internal import GSLNumerics
internal import LinearAlgebra
package import Renorm
package import RenormSampling

/// How far a trained network of finite width is from the infinitely wide one: E L_n - L_inf = c/n for the test
/// loss, and a deviation of order n^(-1/2) of single networks (A. Andreassen and E. Dyer, arXiv 2008.08675).
///
/// Every network is trained together with the linear recursion of the infinite kernel from the same outputs at
/// initialisation. With one hidden layer these have the covariance of infinite width exactly, so that the mean
/// difference of both is E L_n - L_inf. Noise is reduced by averaging over both signs of the readout, and by
/// regression on differences that vanish in the mean: those of the tangent kernel and of f0 f0'.
package struct WidthGap: Sendable {
  /// How positions are read out.
  package enum Head: String, CaseIterable, Sendable {
    case gap, flatten
  }

  /// The results at one width.
  package struct Row: Equatable, Sendable {
    package let width: Int
    /// E L_n - L_inf.
    package let difference: Estimate
    /// n (E L_n - L_inf).
    package var scaled: Estimate {
      Estimate(mean: Double(width) * difference.mean, standardError: Double(width) * difference.standardError)
    }
    /// The root mean square over networks and test inputs of f_n - f_inf from the same f0.
    package let deviation: Estimate
  }

  package let rows: [Row]
  /// Slopes against the width, or why there is none; expected are -1 and -1/2.
  package let differenceFit: Result<LogLogFit, LogLogFit.Refused>
  package let deviationFit: Result<LogLogFit, LogLogFit.Refused>
  /// Weighted sum of squared deviations of n (E L_n - L_inf) from their mean: about the number of widths less 1
  /// where the difference goes as 1/n.
  package let chiSquared: Double

  /// Trains `nets` networks of every width for `steps` steps of gradient descent.
  ///
  /// - Parameter relativeRate: the step size times the largest eigenvalue of the kernel; below 2 the recursion
  ///   at infinite width is stable.
  /// - Throws: `RenormError.invalidParameter`; `.numericalFailure` where training diverges.
  package init(
    _ head: Head, widths: [Int], steps: Int = 20, nets: Int, relativeRate: Double = 0.6, seed: UInt32,
    threads: Int? = nil
  ) throws(RenormError) {
    guard !widths.isEmpty, widths.allSatisfy({ (1...65_536).contains($0) }) else {
      throw .invalidParameter(
        name: "widths", value: widths.map(String.init).joined(separator: ","),
        accepted: "a list of numbers from 1 to 65536")
    }
    guard (10...10_000_000).contains(nets) else {
      throw .invalidParameter(name: "nets", value: "\(nets)", accepted: "a number from 10 to 10000000")
    }
    guard (1...100_000).contains(steps) else {
      throw .invalidParameter(name: "steps", value: "\(steps)", accepted: "a number from 1 to 100000")
    }
    guard relativeRate > 0, relativeRate < 2 else {
      throw .invalidParameter(
        name: "rate", value: "\(relativeRate)", accepted: "a number between 0 and 2, the limit of stability")
    }
    let problem = GapProblem(head, relativeRate: relativeRate)
    var rows: [Row] = []
    for (index, width) in widths.enumerated() {
      let runs = SeededDraws.map(nets, seed: seed &+ UInt32(index) &* 7919, threads: threads, block: 8) {
        Run(problem, width: width, steps: steps, $0)
      }
      guard runs.allSatisfy({ $0.difference.isFinite && $0.deviation.isFinite }) else {
        throw .numericalFailure(what: "training diverges at width \(width)", advice: "take a smaller rate")
      }
      let moments = SampleMoments(runs.map(\.deviation)).mean
      let root = moments.mean.squareRoot()
      rows.append(
        Row(
          width: width, difference: ControlVariates.mean(runs.map(\.difference), runs.map(\.controls)),
          deviation: Estimate(mean: root, standardError: moments.standardError / (2 * root))))
    }
    self.rows = rows
    differenceFit = LogLogFit.fit(widths, rows.map(\.difference))
    deviationFit = LogLogFit.fit(widths, rows.map(\.deviation))
    let weights = rows.map { 1 / ($0.scaled.standardError * $0.scaled.standardError) }
    let mean = zip(weights, rows).reduce(0) { $0 + $1.0 * $1.1.scaled.mean } / weights.reduce(0, +)
    chiSquared = zip(weights, rows).reduce(0) {
      $0 + $1.0 * ($1.1.scaled.mean - mean) * ($1.1.scaled.mean - mean)
    }
  }

  /// One network and its mirror image.
  private struct Run {
    /// The mean of L_n - L of the linear recursion.
    let difference: Double
    /// The mean squared difference of the outputs on test inputs.
    let deviation: Double
    /// Numbers with mean 0.
    let controls: [Double]

    init(_ problem: GapProblem, width: Int, steps: Int, _ random: RandomGenerator) {
      let network = GapNetwork(problem, width: width, random)
      let start = network.outputs
      let tangent = network.tangent
      controls = (0..<problem.count).flatMap { i in
        (0...i).filter { $0 < problem.trainCount || i == $0 }.flatMap { j in
          [tangent[i, j] - problem.tangent[i, j], start[i] * start[j] - problem.covariance[i, j]]
        }
      }
      var (difference, deviation) = (0.0, 0.0)
      for (sign, first) in [(1.0, network), (-1.0, network.mirrored)] {
        var trained = first
        for _ in 0..<steps { trained.step() }
        let finite = trained.outputs
        let infinite = problem.linear(start.map { sign * $0 }, steps: steps)
        difference += (problem.loss(finite) - problem.loss(infinite)) / 2
        deviation +=
          zip(finite, infinite).dropFirst(problem.trainCount).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
          / Double(2 * problem.testCount)
      }
      self.difference = difference
      self.deviation = deviation
    }
  }
}

/// Means with less noise, by regression on numbers whose means are known to be 0.
enum ControlVariates {
  /// The intercept of the regression of y on the controls, with its error; the plain mean where there are fewer
  /// than five draws for each control, or the controls depend on each other.
  static func mean(_ y: [Double], _ controls: [[Double]]) -> Estimate {
    let plain = SampleMoments(y).mean
    guard let count = controls.first?.count, count > 0, y.count >= 5 * (count + 1) else { return plain }
    let size = Double(y.count)
    let middle = (0..<count).map { k in controls.reduce(0) { $0 + $1[k] } / size }
    let centred = Matrix(columns: (0..<count).map { k in controls.map { $0[k] - middle[k] } })
    let scales = centred.columnNormsSquared.map { $0 > 0 ? 1 / $0.squareRoot() : 0 }
    let scaled = Matrix(rows: y.count, columns: count) { centred[$0, $1] * scales[$1] }
    let gram = scaled.asTranspose * scaled + 1e-10 * Matrix.identity(count)
    guard let factor = try? Cholesky(gram) else { return plain }
    let residuals = y.map { $0 - plain.mean }
    let coefficients = factor.solve(scaled.asTranspose * residuals)
    let rest = zip(residuals, scaled * coefficients).map { $0 - $1 }
    let variance = rest.reduce(0) { $0 + $1 * $1 } / (size - Double(count) - 1)
    let shift = (0..<count).reduce(0) { $0 + coefficients[$1] * scales[$1] * middle[$1] }
    return Estimate(mean: plain.mean - shift, standardError: (variance / size).squareRoot())
  }
}
