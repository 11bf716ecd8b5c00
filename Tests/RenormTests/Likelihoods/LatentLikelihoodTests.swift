import Foundation
import GSLNumerics
import LinearAlgebra
import RenormAction
import TestSupport
import Testing

@testable import Renorm

/// Logistic and softmax likelihoods against sums written out, and derivatives against differences.
@Suite struct LatentLikelihoodTests {
  private static func likelihood(_ classes: Int, _ beta: Double) throws -> any LatentLikelihood {
    try #require(SoftmaxLikelihood().latent(temperature: 1 / beta, outputs: classes == 2 ? 1 : classes))
  }

  /// The label of a class in the row of a dataset.
  private static func label(_ own: Int, of classes: Int) -> [Double] {
    classes == 2 ? [own == 0 ? -1 : 1] : (0..<classes).map { ($0 == own ? 1 : 0) - 1 / Double(classes) }
  }

  @Test(arguments: [2, 3, 5], [0.1, 1, 30]) func derivatives(classes: Int, beta: Double) throws {
    let likelihood = try Self.likelihood(classes, beta)
    let generator = RandomGenerator(seed: UInt32(classes))
    let m = likelihood.latents
    #expect(m == classes - 1)
    for own in 0..<classes {
      let g = (0..<m).map { _ in 1.5 * generator.gaussian() }
      let label = Self.label(own, of: classes)
      func at(_ g: [Double]) -> LatentDerivatives { likelihood.derivatives(at: g, label: label) }
      let here = at(g)
      // beta log softmax of the logits, by the definition.
      let logits =
        classes == 2 ? [-g[0] / 2, g[0] / 2] : likelihood.contrasts.map { $0 * g } ?? []
      let total = log(logits.reduce(0) { $0 + exp($1) })
      expectClose(here.value, beta * (logits[own] - total), relative: 1e-13)
      expectClose(likelihood.logProbabilities(at: g), logits.map { $0 - total }, relative: 1e-13)

      let variance = Matrix.randomPositiveDefinite(m, generator)
      func trace(_ g: [Double]) -> Double {
        Matrix(rows: m, columns: m, elements: at(g).curvature).innerProduct(variance)
      }
      let force = likelihood.force(at: g, label: label, variance: variance)
      for c in 0..<m {
        func moved(_ t: Double) -> [Double] { g.indices.map { g[$0] + ($0 == c ? t : 0) } }
        expectClose(
          here.gradient[c], Naive.derivative(step: 1e-3) { at(moved($0)).value }, relative: 1e-8,
          absolute: 1e-9 * beta)
        for d in 0..<m {
          expectClose(
            here.curvature[c + m * d], -Naive.derivative(step: 1e-3) { at(moved($0)).gradient[d] },
            relative: 1e-8, absolute: 1e-9 * beta)
        }
        expectClose(
          force[c], -Naive.derivative(step: 1e-3) { trace(moved($0)) } / 2, relative: 1e-8,
          absolute: 1e-8 * beta)
      }
    }
  }

  /// Where a class is all but certain no digits are lost: at a margin of 40 and beta = 1e8 the gradient is beta
  /// exp(-40), as a sum of positive terms.
  @Test(arguments: [2, 3]) func certainClassesKeepTheirDigits(classes: Int) throws {
    let likelihood = try Self.likelihood(classes, 1e8)
    let logits = [40] + [Double](repeating: 0, count: classes - 1)
    let g = classes == 2 ? [-40.0] : likelihood.contrasts.map { $0.asTranspose * logits } ?? []
    let found = likelihood.derivatives(at: g, label: Self.label(0, of: classes))
    let rest = Double(classes - 1) * exp(-40.0)
    expectClose(found.value, -1e8 * rest, relative: 1e-13)
    let along = classes == 2 ? -found.gradient[0] : likelihood.contrasts.map { ($0 * found.gradient)[0] } ?? 0
    expectClose(along, 1e8 * rest, relative: 1e-13)
    #expect(found.curvature.allSatisfy { $0.isFinite } && found.curvature[0] > 0)
  }

  @Test(arguments: [2, 3, 7]) func contrastsAreOrthonormal(order: Int) {
    let h = Matrix.helmert(order)
    expectClose(h.asTranspose * h, .identity(order - 1), absolute: 1e-15)
    expectClose(
      h.asTranspose * [Double](repeating: 1, count: order), [Double](repeating: 0, count: order - 1),
      absolute: 1e-14)
  }
}
