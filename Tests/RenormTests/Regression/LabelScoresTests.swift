import Foundation
import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm

/// Probabilities of classes and the scores of labels.
@Suite struct LabelScoresTests {
  private func prediction(_ means: [[Double]], _ variances: [[Double]]) -> Prediction {
    let matrix = { (rows: [[Double]]) in
      Matrix(rows: rows.count, columns: rows[0].count) { rows[$0][$1] }
    }
    return Prediction(mean: matrix(means), variance: matrix(variances))
  }

  /// Phi(1/2), Phi(-1) and 1/2.
  @Test func probit() {
    let p = prediction([[1], [-2], [0]], [[3], [3], [0]]).classProbabilities(temperature: 1)
    expectClose(p[0, 1], 0.6914624612740131, relative: 1e-14)
    expectClose(p[1, 1], 0.15865525393145707, relative: 1e-14)
    expectClose(p[2, 1], 0.5)
    for row in 0..<3 { expectClose(p[row, 0] + p[row, 1], 1, relative: 1e-15) }
  }

  /// Two outputs: their difference is Gaussian.
  @Test(arguments: [(1.0, 0.0, 1.0, 2.0), (-3, 2, 0.01, 4), (0.2, 0.1, 1e-4, 1e-4)])
  func twoOutputs(a: Double, b: Double, va: Double, vb: Double) {
    let p = prediction([[a, b]], [[va, vb]]).classProbabilities(temperature: 0.1)
    let expected = NormalDistribution.cumulative((a - b) / (va + vb + 0.2).squareRoot())
    expectClose(p[0, 0], expected, relative: 1e-10)
    expectClose(p[0, 1], 1 - expected, relative: 1e-10)
  }

  /// Four outputs against adaptive quadrature of the integral over the winner.
  @Test func severalOutputs() {
    let (m, v) = ([0.3, -0.2, 1.1, 0.9], [0.5, 1.5, 0.2, 0.4])
    let p = prediction([m], [v]).classProbabilities(temperature: 0.3)
    for c in 0..<4 {
      let expected = Quadrature.integrate(from: -.infinity, to: .infinity, relative: 1e-11) { z in
        let y = m[c] + (v[c] + 0.3).squareRoot() * z
        return (0..<4).filter { $0 != c }.reduce(exp(-z * z / 2) / (2 * Double.pi).squareRoot()) {
          $0 * NormalDistribution.cumulative((y - m[$1]) / (v[$1] + 0.3).squareRoot())
        }
      }.value
      expectClose(p[0, c], expected, relative: 1e-9)
    }
    expectClose(p.row(0).reduce(0, +), 1, relative: 1e-14)
    // Equal outputs.
    let equal = prediction([[2, 2, 2]], [[1, 1, 1]]).classProbabilities(temperature: 0)
    for c in 0..<3 { expectClose(equal[0, c], 1.0 / 3, relative: 1e-13) }
  }

  /// A class that all but never occurs: log Phi(-60) = -1800 - log(60 sqrt(2 pi)) - 1/3600 + ...
  @Test func unlikelyLabelsStayFinite() {
    let one = prediction([[60]], [[0.5]]).labelScores(
      targets: Matrix(rows: 1, columns: 1, repeating: -1), isClassification: true, temperature: 0.5)
    let tail: Double = log(60 * (2 * Double.pi).squareRoot()) + 1.0 / 3600
    expectClose(one.nll, 1800 + tail, relative: 1e-9)
    // Three outputs, the label's far below: between the two of the larger and the smaller distance.
    let many = prediction([[60, 0, 0]], [[0.5, 0.5, 0.5]]).labelScores(
      targets: Matrix(rows: 1, columns: 3) { _, c in c == 1 ? 1 : 0 }, isClassification: true, temperature: 0.5)
    #expect(many.nll > 890 && many.nll < 920)
  }

  /// By hand: probabilities .9 right, .6 wrong and .65 right.
  @Test func scoresOfClasses() throws {
    let z = [0.9, 0.6, 0.65].map(NormalDistribution.quantile)
    let scores = prediction(z.map { [$0] }, z.map { _ in [0.75] }).labelScores(
      targets: Matrix(rows: 3, columns: 1, elements: [1, -1, 1]), isClassification: true, temperature: 0.25)
    let losses: [Double] = [0.9, 0.4, 0.65].map { -log($0) }
    expectClose(scores.nll, losses.reduce(0, +) / 3, relative: 1e-12)
    let squares: Double = 0.01 + 0.36 + 0.1225
    expectClose(try #require(scores.brier), 2 * squares / 3, relative: 1e-12)
    // A bin of .6 and .65, one of two right, and one of .9.
    let gap: Double = 2 * 0.125 + 0.1
    expectClose(try #require(scores.expectedCalibrationError), gap / 3, relative: 1e-10)
    let bins = try #require(scores.bins)
    #expect(bins.map(\.count) == [2, 1] && bins.map(\.accuracy) == [0.5, 1])
  }

  @Test func regression() {
    let scores = prediction([[1, 2]], [[0.5, 1]]).labelScores(
      targets: Matrix(rows: 1, columns: 2, elements: [2, 2]), isClassification: false, temperature: 0.5)
    // Variances 1 and 1.5, residuals 1 and 0.
    let first: Double = (log(2 * Double.pi) + 1) / 2
    let second: Double = log(3 * Double.pi) / 2
    expectClose(scores.nll, (first + second) / 2, relative: 1e-14)
    #expect(scores.brier == nil && scores.expectedCalibrationError == nil && scores.bins == nil)
  }
}
