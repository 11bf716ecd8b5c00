import LinearAlgebra
import Renorm
import RenormKernels
import Testing

@testable import RenormNextOrder

@Suite struct SketchTests {
  /// delta and dm by probes are, within their errors, those of A^-1 itself.
  @Test(arguments: try SmallProblem.all) func agrees(_ small: SmallProblem) throws {
    let posterior = try small.posterior()
    let points = SmallProblem.points
    let options = NextOrderOptions(draws: 200_000, seed: 3, threads: 2)
    let expansion = try Expansion(posterior, points.inputs, options)
    let leading = try posterior.predict(points.inputs)
    let full = try expansion.cumulants(leading, points.targets.column(0), options)
    let sketch = try TrustSketch(
      posterior, points: points.inputs, leading: leading, targets: points.targets.column(0),
      plan: SketchPlan(blocks: 64, probes: 6), seed: 9, threads: 2, memoryLimit: 1 << 30)
    func close(_ own: Double, _ error: Double, _ other: Double, _ otherError: Double, _ what: String) {
      let total = (error * error + otherError * otherError).squareRoot()
      #expect(abs(own - other) < 4 * total, "\(what): \(own) (\(error)), \(other) (\(otherError))")
    }
    let error = try #require(sketch.biasError)
    let bias = try #require(full.bias)
    close(
      try #require(sketch.biasShift), error, -biasOfResponse(full, points, leading) + bias.values[0],
      bias.variances[0].squareRoot(), "bias")
    close(sketch.delta, sketch.deltaError, full.value.values[0], full.value.variances[0].squareRoot(), "delta")
    for p in 0..<3 {
      close(
        sketch.means[p], sketch.meanErrors[p], full.mean.values[p], full.mean.variances[p].squareRoot(),
        "mean \(p)")
    }
  }

  /// The part of Cov(m, delta) in the change of the bias, which a sketch leaves out.
  private func biasOfResponse(_ full: CumulantEstimate, _ points: Dataset, _ leading: Prediction) -> Double {
    let residuals = zip(points.targets.column(0), leading.mean.elements).map(-)
    return -2 * dot(residuals, full.meanResponse.values) / 3
  }

  /// sigma is that of the average, freed of noise, and its error says how far to trust it.
  @Test func sigma() throws {
    let small = SmallProblem(architecture: Convolutional(mask: SmallProblem.mask))
    let posterior = try small.posterior()
    let inputs = SmallProblem.points.inputs
    let leading = try posterior.predict(inputs)
    func sketch(_ blocks: Int, _ seed: UInt32) throws -> TrustSketch {
      try TrustSketch(
        posterior, points: inputs, leading: leading, targets: nil,
        plan: SketchPlan(blocks: blocks, probes: 6, drawsOfBlock: 64), seed: seed, threads: 2,
        memoryLimit: 1 << 30)
    }
    let long = try sketch(256, 1)
    let short = try (2..<18).map { try sketch(16, $0) }
    let squares = short.map { $0.sigma * $0.sigma }
    let mean = squares.reduce(0, +) / 16
    let deviation = (squares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 15).squareRoot()
    // Clipped at zero, which only adds.
    #expect(mean > long.sigma * long.sigma - deviation)
    #expect(abs(mean - long.sigma * long.sigma) < 3 * deviation / 4 + 2 * long.sigma * long.sigmaError)
    #expect(short[0].draws == 1024 && short[0].biasShift == nil)
  }

  /// The same on any number of threads, up to the rounding of sums over tiles.
  @Test func threadsDoNotMatter() throws {
    let posterior = try SmallProblem(architecture: Convolutional(mask: SmallProblem.mask)).posterior()
    let inputs = SmallProblem.points.inputs
    let leading = try posterior.predict(inputs)
    let all = try [1, 2, 3].map { threads in
      try TrustSketch(
        posterior, points: inputs, leading: leading, targets: nil, plan: SketchPlan(), threads: threads,
        memoryLimit: 1 << 30)
    }
    for other in all.dropFirst() {
      expectClose(other.delta, all[0].delta, relative: 1e-9)
      expectClose(other.means, all[0].means, relative: 1e-9)
    }
    #expect(throws: RenormError.self) {
      try TrustSketch(
        posterior, points: inputs, leading: leading, targets: nil, plan: SketchPlan(), threads: 1,
        memoryLimit: 1000)
    }
  }
}
