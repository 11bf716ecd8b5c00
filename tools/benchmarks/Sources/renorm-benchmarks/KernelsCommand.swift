import ArgumentParser
import LinearAlgebra
import Renorm
import RenormFiles

struct KernelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Time every pass of a CNN's fit beside plain BLAS and LAPACK, and the whole fit beside its floor."
  )

  @OptionGroup var options: BenchmarkOptions
  @Option(help: "Data: mnist or cifar.") var source = Problem.Source.mnist
  @Option(help: "Number of positions n: 4, 16, 36 or 64.") var positions = 16
  @Option(help: "Number of training examples P.") var examples = 1000
  @Option(help: "Number of points to predict.") var heldOut = 500
  @Option(help: "Order of the matrices of the plain dgemm.") var dgemmOrder = 1500
  @Option(help: "Rows of the dgemm whose inner dimension is that of a patch.") var innerRows = 4096

  func validate() throws {
    guard heldOut >= 1, dgemmOrder >= 1, innerRows >= 1 else {
      throw ValidationError("held-out, dgemm-order and inner-rows are positive")
    }
  }

  func run() throws {
    var problem = try Problem.convolutional(positions: positions, source: source, examples: examples)
    problem.heldOut = heldOut
    options.apply()
    let report = try KernelReport(problem, options, dgemmOrder: dgemmOrder, innerRows: innerRows)
    print(report.table)
    try options.write(report)
  }
}

/// Times of the passes of a fit and of what they are compared with.
struct KernelReport: Codable {
  struct Row: Codable {
    let work: String
    let milliseconds: Double
    let rate: Double?
    let unit: String
    let beside: String
    /// This time over the time of what stands beside it.
    let ratio: Double?
  }

  /// What a fit would cost at the speed of plain BLAS and LAPACK.
  struct Floor: Codable {
    let matrixProducts: Double
    let activation: Double
    let factorisations: Double
    let passes: Double
    let total: Double
    let fit: FitTiming
    let ratio: Double
  }

  let machine: Machine
  let problem: Problem
  let positions: Int
  let bankBytes: Int
  private(set) var rows: [Row] = []
  let floor: Floor

  private enum Name {
    static let bank = "bank build", dgemm = "dgemm", inner = "dgemm, inner M"
    static let kernel = "renormalized kernel", gradient = "gradient", evaluation = "evaluation"
    static let plain = "dgemv A x", transposed = "dgemv A^T x"
    static let factor = "Cholesky", dpotrf = "dpotrf", inverse = "inverse", dpotri = "dpotri"
    static let curvature = "curvature", fit = "fit", predict = "predict"
  }

  init(_ problem: Problem, _ options: BenchmarkOptions, dgemmOrder square: Int, innerRows height: Int) throws {
    let loaded = try problem.load()
    let data = loaded.train
    let threads = options.threads
    let passes = try SolverPasses(problem, data, threads: threads)
    let p = data.count
    let packed = p * (p + 1) / 2
    let left = noise(square * square)
    let right = left
    var product = left
    let inner = passes.patchSize
    let patches = noise(height * inner)
    var covariances = [Double](repeating: 0, count: height * height)
    let array = noise(packed * passes.pairs)
    let weights = noise(passes.pairs)
    let entries = noise(packed)
    var tall = [Double](repeating: 0, count: packed)
    var short = [Double](repeating: 0, count: passes.pairs)
    let covariance = passes.covariance()
    let spd = positiveDefinite(order: p)
    var factored = spd
    var inverted = spd
    let u = noise(p)
    let value = try passes.evaluate()
    var fits: [FitTiming] = []
    let posterior = try problem.fit(data, threads: threads).posterior
    guard let points = loaded.test?.inputs else { throw BenchmarkError("no held-out points") }
    var factorTime: [Double] = []
    var inverseTime: [Double] = []

    let timings = try Timings(repetitions: options.repetitions, [
      Contender(Name.bank) { passes.buildBank() },
      Contender(Name.dgemm) {
        PlainBLAS.multiplyTransposed(left, right, &product, rows: square, columns: square, inner: square)
      },
      Contender(Name.inner) {
        PlainBLAS.multiplyTransposed(
          patches, patches, &covariances, rows: height, columns: height, inner: inner)
      },
      Contender(Name.kernel) { passes.kernelPass() },
      Contender(Name.plain) {
        PlainBLAS.multiply(array, rows: packed, columns: passes.pairs, transposed: false, weights, &tall)
      },
      Contender(Name.gradient) { passes.gradientPass(covariance, u) },
      Contender(Name.transposed) {
        PlainBLAS.multiply(array, rows: packed, columns: passes.pairs, transposed: true, entries, &short)
      },
      Contender(Name.factor) { _ = try Cholesky(covariance) },
      Contender(Name.dpotrf) {
        factored = spd
        factorTime.append(measure { PlainBLAS.factor(&factored, order: p) })
      },
      Contender(Name.inverse) { passes.invert(value) },
      Contender(Name.dpotri) {
        inverted = factored
        inverseTime.append(measure { PlainBLAS.invert(&inverted, order: p) })
      },
      Contender(Name.evaluation) { _ = try passes.evaluate() },
      Contender(Name.curvature) { try passes.curvature(at: value) },
      Contender(Name.fit) { fits.append(try problem.fit(data, threads: threads).timing) },
      Contender(Name.predict) { _ = try posterior.predict(points) },
    ])
    withExtendedLifetime((product, covariances, tall, short, inverted)) {}

    machine = Machine(threads: threads)
    self.problem = problem
    positions = passes.positions
    bankBytes = 8 * passes.elements
    // The first of each is the round that is not counted.
    let dpotrf = median(Array(factorTime.dropFirst()))
    let dpotri = median(Array(inverseTime.dropFirst()))
    let order = Double(p)
    let bankFlops = 2 * Double(inner) * passes.activationValues
    let dgemmRate = 2 * Double(square) * Double(square) * Double(square) / timings[Name.dgemm]
    let innerRate = 2 * Double(height) * Double(height) * Double(inner) / timings[Name.inner]
    let arrayBytes = 8 * Double(packed) * Double(passes.pairs)

    let fit = Self.middle(of: Array(fits.dropFirst()))
    let matrixProducts = bankFlops / dgemmRate
    let activation = 1.2e-9 * passes.activationValues / Double(threads)
    let factorisations = Double(fit.count) * (dpotrf + dpotri)
    let bankPasses = Double(fit.count) * (timings[Name.plain] + timings[Name.transposed])
    let total = matrixProducts + activation + factorisations + bankPasses
    floor = Floor(
      matrixProducts: matrixProducts, activation: activation, factorisations: factorisations,
      passes: bankPasses,
      total: total, fit: fit, ratio: fit.total / total)

    func row(
      _ work: String, _ seconds: Double, _ amount: Double? = nil, _ unit: String = "", _ beside: String = "",
      _ other: Double? = nil
    ) {
      rows.append(
        Row(
          work: work, milliseconds: 1e3 * seconds, rate: amount.map { $0 / seconds / 1e9 }, unit: unit,
          beside: beside, ratio: other.map { seconds / $0 }))
    }
    row(Name.dgemm, timings[Name.dgemm], dgemmRate * timings[Name.dgemm], "GFLOP/s")
    row(Name.inner, timings[Name.inner], innerRate * timings[Name.inner], "GFLOP/s")
    row(
      Name.bank, timings[Name.bank], bankFlops, "GFLOP/s of its products", "products + 1.2 ns",
      matrixProducts + activation)
    let perValue = timings[Name.bank] * Double(threads) / passes.activationValues
    rows.append(
      Row(
        work: "  per activation value and core", milliseconds: 1e3 * perValue, rate: 1e9 * perValue, unit: "ns",
        beside: "", ratio: nil))
    row(Name.plain, timings[Name.plain], arrayBytes, "GB/s")
    row(Name.kernel, timings[Name.kernel], Double(bankBytes), "GB/s", Name.plain, timings[Name.plain])
    row(Name.transposed, timings[Name.transposed], arrayBytes, "GB/s")
    row(
      Name.gradient, timings[Name.gradient], Double(bankBytes), "GB/s", Name.transposed,
      timings[Name.transposed])
    row(Name.dpotrf, dpotrf, order * order * order / 3, "GFLOP/s")
    row(Name.factor, timings[Name.factor], order * order * order / 3, "GFLOP/s", Name.dpotrf, dpotrf)
    row(Name.dpotri, dpotri, 2 * order * order * order / 3, "GFLOP/s")
    row(Name.inverse, timings[Name.inverse], 2 * order * order * order / 3, "GFLOP/s", Name.dpotri, dpotri)
    let parts = dpotrf + dpotri + timings[Name.plain] + timings[Name.transposed]
    row(Name.evaluation, timings[Name.evaluation], nil, "", "dpotrf + dpotri + 2 dgemv", parts)
    row(Name.curvature, timings[Name.curvature], nil, "", Name.evaluation, timings[Name.evaluation])
    row(Name.fit, fit.total, nil, "", "floor", total)
    row(Name.predict, timings[Name.predict], Double(points.columns), "10^9 points/s")
  }

  /// The fit of median total time.
  private static func middle(of fits: [FitTiming]) -> FitTiming {
    fits.sorted { $0.total < $1.total }[fits.count / 2]
  }

  var table: String {
    var lines = [
      machine.description, problem.name + ", n = \(positions), bank \(bankBytes >> 20) MiB", "",
      "work".padded(34) + "ms".leftPadded(12) + "rate".leftPadded(10) + "  " + "unit".padded(26)
        + "against".padded(28)
        + "ratio".leftPadded(8),
    ]
    for row in rows {
      lines.append(
        row.work.padded(34) + row.milliseconds.text(4).leftPadded(12) + (row.rate?.text(4) ?? "").leftPadded(10)
          + "  "
          + row.unit.padded(26) + row.beside.padded(28) + (row.ratio?.text(3) ?? "").leftPadded(8))
    }
    let fit = floor.fit
    lines += [
      "",
      "floor \(floor.total.text(4)) s: matrix products \(floor.matrixProducts.text(3)), activation "
        + "\(floor.activation.text(3)), dpotrf + dpotri \(floor.factorisations.text(3)), dgemv "
        + "\(floor.passes.text(3))",
      "fit   \(fit.total.text(4)) s: kernels \(fit.kernels.text(3)), solve \(fit.solve.text(3)), factor "
        + "\(fit.factor.text(3)); \(fit.evaluations) + \(fit.curvatureEvaluations) evaluations; ratio "
        + floor.ratio.text(3),
    ]
    return lines.joined(separator: "\n")
  }
}
