import Foundation
import LinearAlgebra
import Testing

@testable import Renorm
@testable import RenormKernels

/// Predictive variances far below the kernel, against 60-digit arithmetic at infinite width (by another
/// program, K_R(x, x) - k^T (T + K_R)^-1 k with kernels from their closed forms).
@Suite struct SmallVarianceTests {
  /// Numbers between -1 and 1 that every program computes alike.
  static func value(_ i: Int, _ j: Int) -> Double {
    let whole = i * 7919 + j * 104729 + i * j * 31
    return Double(whole % 1009) / 504.5 - 1
  }

  static func inputs(_ count: Int, _ size: Int, from offset: Int = 0, scale: Double = 1) -> Matrix {
    Matrix(rows: size, columns: count) { j, i in scale * value(i + 3 * j + offset, j + 1) }
  }

  struct Case: CustomTestStringConvertible {
    let activation: String
    let count: Int
    let size: Int
    let temperature: Double
    var scale = 1.0
    let variances: [Double]

    var testDescription: String { "\(activation), \(count) of \(size) inputs at \(scale), T \(temperature)" }
  }

  private static func posterior(_ reference: Case, outputs: Int = 1) throws -> (
    KernelFamily, Network, Posterior
  ) {
    let x = inputs(reference.count, reference.size, scale: reference.scale)
    let y = Matrix(rows: reference.count, columns: outputs) { i, c in value(i + 7, c + 90) }
    let data = Dataset(
      shape: ImageShape(channels: 1, height: 1, width: reference.size), inputs: x, targets: y)
    let network = try Network(
      architecture: FullyConnected(), activation: Activations.builtIn.named(reference.activation),
      width: .infinite, temperature: reference.temperature)
    let family = try KernelFamily(network, data)
    return (family, network, try family.fit())
  }

  /// The predictions of a fit, by itself and as a member of a family.
  private static func predictions(
    _ reference: Case, outputs: Int = 1, at points: Matrix
  ) throws -> (posterior: Posterior, predictions: [Prediction]) {
    let (family, network, posterior) = try posterior(reference, outputs: outputs)
    return (
      posterior,
      [try posterior.predict(points), try family.member(network, at: family.heldOut(points)).prediction]
    )
  }

  /// Points that are combinations of linear examples, or multiples on a line.
  static let inRange = [
    Case(
      activation: "linear", count: 8, size: 3, temperature: 1e-12,
      variances: [
        7.9287131311669511e-13, 3.8135201868483015e-13, 1.2185643471438547e-13, 1.4384561205361167e-14,
      ]),
    Case(
      activation: "linear", count: 12, size: 4, temperature: 1e-15,
      variances: [
        5.4501829551092156e-16, 2.7297248851107492e-16, 1.1035483846117914e-16, 5.7165345361234337e-17,
      ]),
    Case(
      activation: "linear", count: 9, size: 2, temperature: 1e-2,
      variances: [0.0046805631833685739, 0.0023051248283501181, 0.00078730924491307085, 0.0001271164330574319]),
    Case(
      activation: "relu", count: 7, size: 1, temperature: 1e-12,
      variances: [
        1.7509080677268834e-12, 9.4901724049330871e-13, 3.9078937944278781e-13, 7.6224484575320509e-14,
      ]),
  ]

  @Test(arguments: inRange, [1, 3]) func pointsInTheRange(reference: Case, outputs: Int) throws {
    let test = Self.inputs(4, reference.size, from: 40)
    let (posterior, predictions) = try Self.predictions(reference, outputs: outputs, at: test)
    for prediction in predictions {
      for (p, exact) in reference.variances.enumerated() {
        for d in 0..<outputs {
          expectClose(prediction.variance[p, d], exact, relative: 1e-11)
          #expect(prediction.varianceError[p, d] < 1e-10 * exact)
        }
      }
      #expect(PredictionRounding(prediction).warnings.isEmpty)
    }
    let covariance = try posterior.predictiveCovariance(of: test)
    expectClose(covariance.diagonal, reference.variances, relative: 1e-11)
    // Of positive definite matrices, the determinants of all pairs.
    for p in 1..<4 {
      #expect(covariance[0, p] * covariance[0, p] <= covariance[0, 0] * covariance[p, p] * (1 + 1e-9))
    }
  }

  /// Training examples, their opposites (erf) and multiples (relu) among points of full rank.
  @Test(arguments: [
    Case(
      activation: "erf", count: 6, size: 2, temperature: 1e-6,
      variances: [9.9881625666187013e-7, 9.982363625323923e-7, 9.9832814708552688e-7]),
    Case(
      activation: "erf", count: 6, size: 2, temperature: 1e-12,
      variances: [9.9999999879546269e-13, 9.9999999819077467e-13, 9.9999999830666367e-13]),
    Case(
      activation: "relu", count: 6, size: 2, temperature: 1e-6,
      variances: [9.9983194297297887e-7, 3.9987358198484898e-6, 9.9992884320452024e-7]),
    Case(
      activation: "relu", count: 6, size: 2, temperature: 1e-12,
      variances: [9.9999999983164396e-13, 3.9999999987327447e-12, 9.9999999992878497e-13]),
  ]) func examplesAgain(reference: Case) throws {
    let x = Self.inputs(6, 2)
    let factor = reference.activation == "erf" ? -1.0 : 2
    let test = Matrix(rows: 2, columns: 3) { i, p in p == 1 ? factor * x[i, 3] : x[i, p == 0 ? 0 : 5] }
    for prediction in try Self.predictions(reference, at: test).predictions {
      expectClose(prediction.variance.column(0), reference.variances, relative: 1e-11)
      #expect(PredictionRounding(prediction).largest < 1e-9)
    }
  }

  /// Points anywhere: the estimate is not below the error, and what it lets pass as right is.
  @Test(arguments: [
    Case(
      activation: "erf", count: 10, size: 2, temperature: 1e-3,
      variances: [
        0.00096408412223633577, 0.0003972209197938022, 0.00041011013146834967, 0.00019980150067164266,
      ]),
    Case(
      activation: "erf", count: 10, size: 2, temperature: 1e-6,
      variances: [1.0016187350073052e-5, 3.4209484699558768e-6, 1.7338858468199389e-6, 9.561750942822254e-6]),
    Case(
      activation: "erf", count: 10, size: 2, temperature: 1e-9,
      variances: [7.9724107126917052e-6, 2.4669012021354462e-6, 7.7175657777467049e-7, 8.6003926452134349e-6]),
    Case(
      activation: "erf", count: 10, size: 2, temperature: 1e-12,
      variances: [7.9702906557452244e-6, 2.4658944189276678e-6, 7.7076744510895539e-7, 8.5993734090726706e-6]),
    Case(
      activation: "relu", count: 10, size: 2, temperature: 1e-3,
      variances: [
        0.00093363608377444878, 0.00034278677621767815, 0.00026098652999584803, 7.5029399738848447e-5,
      ]),
    Case(
      activation: "relu", count: 10, size: 2, temperature: 1e-6,
      variances: [1.7634686938980742e-5, 3.7198230099994606e-6, 1.1297323816730249e-5, 1.1067250042430299e-7]),
    Case(
      activation: "relu", count: 10, size: 2, temperature: 1e-9,
      variances: [1.5504796393785987e-5, 3.2656453995776039e-6, 1.0721857784745688e-5, 5.4181836158117205e-9]),
    Case(
      activation: "relu", count: 10, size: 2, temperature: 1e-12,
      variances: [1.5502644283696296e-5, 3.2651887041894683e-6, 1.0721280767874374e-5, 5.3128094526206003e-9]),
    Case(
      activation: "erf", count: 10, size: 2, temperature: 1e-6, scale: 1e6,
      variances: [0.044086121216731836, 0.033980732417322665, 0.078818371775384916, 0.0026055332072083477]),
    Case(
      activation: "erf", count: 10, size: 2, temperature: 1e-10, scale: 1e6,
      variances: [0.044085188870330039, 0.03398023160070053, 0.078817859853915613, 0.0026047114304253616]),
    Case(
      activation: "erf", count: 10, size: 1, temperature: 1e-6, scale: 1e6,
      variances: [1.6938144906242015e-7, 1.3292832757946946e-7, 1.1594072470952415e-7, 1.9809868220080037e-7]),
    Case(
      activation: "erf", count: 10, size: 1, temperature: 1e-10, scale: 1e6,
      variances: [
        7.042461329746918e-11, 3.1781390133396526e-11, 4.0992495349896222e-11, 6.5796091257573154e-10,
      ]),
  ]) func estimate(reference: Case) throws {
    let test = Self.inputs(4, reference.size, from: 40, scale: reference.scale)
    for prediction in try Self.predictions(reference, at: test).predictions {
      for (p, exact) in reference.variances.enumerated() {
        let (error, estimate) = (abs(prediction.variance[p, 0] - exact), prediction.varianceError[p, 0])
        // Closed forms are right to a few units themselves.
        #expect(error <= estimate + 1e-14 * exact, "\(error) of \(exact), \(estimate)")
        #expect(estimate < 1e-8 * exact || estimate < 3e4 * error + 1e-15, "\(error) of \(exact), \(estimate)")
      }
    }
  }

  /// Where nothing is left, it is said; no variance passes that is off by 1e-4.
  @Test func lostVariances() throws {
    let reference = Case(
      activation: "erf", count: 10, size: 1, temperature: 1e-10, scale: 1e6, variances: [])
    let (_, _, posterior) = try Self.posterior(reference)
    let prediction = try posterior.predict(Self.inputs(4, 1, from: 40, scale: 1e6))
    let rounding = PredictionRounding(prediction)
    #expect(rounding.isMeanVarianceLost && rounding.isAnyVarianceLost)
    #expect(rounding.warnings.contains { $0.contains("predictive variances") })
  }

  @Test func nothingToLose() {
    let none = PredictionRounding(
      Prediction(mean: Matrix(rows: 2, columns: 1), variance: Matrix(rows: 2, columns: 1)))
    #expect(none.meanVariance == 0 && none.largest == 0 && none.warnings.isEmpty)
    let clipped = PredictionRounding(
      Prediction(
        mean: Matrix(rows: 1, columns: 1), variance: Matrix(rows: 1, columns: 1),
        varianceError: .identity(1)))
    #expect(clipped.isMeanVarianceLost && clipped.warnings.count == 1)
  }
}
