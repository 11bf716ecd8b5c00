import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import Renorm
@testable import RenormKernels

/// Predictive means at small temperature, against 60-digit arithmetic on the same inputs at infinite width (by
/// another program, k^T (T + K_R)^-1 y with kernels from their closed forms).
@Suite struct SmallTemperatureMeanTests {
  enum Examples: Sendable {
    /// In a plane, up to the rounding of the inputs.
    case lowrank
    /// Half of them multiples of the others, up to rounding.
    case multiples
    /// Half of them copies of the others, with some pixels one unit of 2^-52 larger.
    case ulp
    case free
  }

  struct Case: CustomTestStringConvertible {
    let activation: String
    let examples: Examples
    let count: Int
    let size: Int
    let temperature: Double
    let means: [Double]

    var testDescription: String { "\(activation), \(examples), \(count) of \(size), T \(temperature)" }
  }

  private static func value(_ i: Int, _ j: Int) -> Double { SmallVarianceTests.value(i, j) }

  private static func inputs(_ reference: Case) -> Matrix {
    let half = reference.count / 2
    return Matrix(rows: reference.size, columns: reference.count) { j, i in
      switch reference.examples {
      case .lowrank: value(i, 1) * value(50, j + 1) + value(i + 3, 2) * value(51, j + 1)
      case .multiples: (i < half ? 1 : 1.1 + 0.3 * Double(i)) * value(i % half + 3 * j, j + 1)
      case .ulp: value(i % half + 3 * j, j + 1) * (i >= half && j % 2 == 0 ? 1 + Double.ulpOfOne : 1)
      case .free: value(i + 3 * j, j + 1)
      }
    }
  }

  /// The estimate is not below the error, nor a hundred times above it: what passes without a warning is right
  /// to 1e-6. Means are right to a few units of 2^-52 of their terms besides.
  @Test(arguments: cases) func estimate(reference: Case) throws {
    let data = Dataset(
      shape: ImageShape(channels: 1, height: 1, width: reference.size), inputs: Self.inputs(reference),
      targets: Matrix(rows: reference.count, columns: 1) { i, _ in Self.value(i + 7, 90) })
    let network = try Network(
      architecture: FullyConnected(), activation: Activations.builtIn.named(reference.activation),
      width: .infinite, temperature: reference.temperature)
    let test = SmallVarianceTests.inputs(4, reference.size, from: 40)
    let family = try KernelFamily(network, data)
    for prediction in [
      try family.fit().predict(test), try family.member(network, at: family.heldOut(test)).prediction,
    ] {
      let exact = Matrix(columns: [reference.means])
      let size = meanSquare(exact).squareRoot()
      let error = meanSquare(prediction.mean - exact).squareRoot() / size
      let estimate = PredictionRounding(prediction).means
      #expect(error <= estimate + 1e-14, "\(error), \(estimate)")
      #expect(estimate < 1e-9 || estimate < 100 * error, "\(error), \(estimate)")
    }
  }

  static let cases = [
    Case(
      activation: "linear", examples: .lowrank, count: 9, size: 5, temperature: 1e-06,
      means: [-0.07894770885640514, -0.082703070523290702, -0.086458432190176259, -0.090213793857061825]),
    Case(
      activation: "linear", examples: .lowrank, count: 9, size: 5, temperature: 1e-09,
      means: [-0.078947806991311839, -0.08270316829945112, -0.086458529607590396, -0.09021389091572968]),
    Case(
      activation: "linear", examples: .lowrank, count: 9, size: 5, temperature: 1e-11,
      means: [-0.078947769309969052, -0.082703123537341721, -0.086458477764714383, -0.090213831992087055]),
    Case(
      activation: "linear", examples: .lowrank, count: 9, size: 5, temperature: 1e-13,
      means: [-0.078943991413795593, -0.082698637592975344, -0.086453283772155089, -0.090207929951334843]),
    Case(
      activation: "linear", examples: .lowrank, count: 9, size: 5, temperature: 1e-15,
      means: [-0.078566201698830734, -0.082250043059003407, -0.085933884419176071, -0.089617725779348747]),
    Case(
      activation: "relu", examples: .multiples, count: 8, size: 3, temperature: 1e-06,
      means: [0.84983677761913456, 0.57454306945030951, 0.29725506854906428, 0.032950915607144795]),
    Case(
      activation: "relu", examples: .multiples, count: 8, size: 3, temperature: 1e-09,
      means: [0.84991096398649789, 0.57459226690558935, 0.29727910943964286, 0.03295291206851055]),
    Case(
      activation: "relu", examples: .multiples, count: 8, size: 3, temperature: 1e-11,
      means: [0.8499111557368296, 0.5745924097271798, 0.2972792014757748, 0.032952943183027049]),
    Case(
      activation: "relu", examples: .multiples, count: 8, size: 3, temperature: 1e-13,
      means: [0.84992297871033044, 0.57460181630833058, 0.29728602260625531, 0.032955856807187748]),
    Case(
      activation: "relu", examples: .multiples, count: 8, size: 3, temperature: 1e-15,
      means: [0.85110520253980591, 0.57554242566762262, 0.29796811182947647, 0.03324721724498243]),
    Case(
      activation: "erf", examples: .ulp, count: 8, size: 3, temperature: 1e-06,
      means: [1.0864180487192116, 0.87024882200052545, 0.54589855180719605, 0.1628151567874585]),
    Case(
      activation: "erf", examples: .ulp, count: 8, size: 3, temperature: 1e-09,
      means: [1.0870651817758617, 0.87080321987779825, 0.54626276186721714, 0.16299388103396119]),
    Case(
      activation: "erf", examples: .ulp, count: 8, size: 3, temperature: 1e-11,
      means: [1.0870656975608416, 0.87080367678696915, 0.54626307556006491, 0.16299406691096154]),
    Case(
      activation: "erf", examples: .ulp, count: 8, size: 3, temperature: 1e-13,
      means: [1.0870529852886773, 0.87079428976172641, 0.54625826149479934, 0.16299489856809402]),
    Case(
      activation: "erf", examples: .ulp, count: 8, size: 3, temperature: 1e-15,
      means: [1.0857811151628772, 0.86985503645659524, 0.54577649313379925, 0.16307788672044714]),
    Case(
      activation: "erf", examples: .free, count: 10, size: 2, temperature: 1e-06,
      means: [-1.4945215467307879, 0.23086603140612057, -0.17449592895036602, -0.65643467854021097]),
    Case(
      activation: "erf", examples: .free, count: 10, size: 2, temperature: 1e-09,
      means: [-1.5699567285112154, 0.29517266868029389, -0.20386671716961645, -0.69312463195516805]),
    Case(
      activation: "erf", examples: .free, count: 10, size: 2, temperature: 1e-11,
      means: [-1.5700426934260923, 0.29525075180360115, -0.20389649400474064, -0.69316147137331525]),
    Case(
      activation: "erf", examples: .free, count: 10, size: 2, temperature: 1e-13,
      means: [-1.5700435532097615, 0.29525153281300441, -0.20389679177665903, -0.69316183976659739]),
    Case(
      activation: "erf", examples: .free, count: 10, size: 2, temperature: 1e-15,
      means: [-1.5700435618076116, 0.29525154062311627, -0.20389679475437857, -0.69316184345053012]),
    Case(
      activation: "linear", examples: .free, count: 9, size: 3, temperature: 1e-06,
      means: [-0.42326230440991072, -0.29048113717091995, -0.15769996993192909, -0.024918802692938162]),
    Case(
      activation: "linear", examples: .free, count: 9, size: 3, temperature: 1e-09,
      means: [-0.4232630161158039, -0.29048162554182573, -0.15770023496784747, -0.024918844393869135]),
    Case(
      activation: "linear", examples: .free, count: 9, size: 3, temperature: 1e-11,
      means: [-0.42326301682109921, -0.29048162602579771, -0.15770023523049612, -0.024918844435194451]),
    Case(
      activation: "linear", examples: .free, count: 9, size: 3, temperature: 1e-13,
      means: [-0.42326301682815216, -0.29048162603063743, -0.1577002352331226, -0.024918844435607704]),
    Case(
      activation: "linear", examples: .free, count: 9, size: 3, temperature: 1e-15,
      means: [-0.42326301682822269, -0.29048162603068582, -0.15770023523314887, -0.024918844435611837]),
  ]
}

/// Estimates of the error of order parameters where the shortcuts of well-behaved problems fail.
@Suite struct OrderParameterErrorTests {
  /// Four examples and multiples of them up to rounding.
  private static let inputs: [[Double]] = [
    [-0.16976049772313542, 0.8684602112115102, -1.1297159617807548, -0.4218588261783162],
    [0.2429388530987352, 1.8014208584493328, -0.7644641157203993, -1.0790604591369424],
    [-0.5632871985040379, 0.9692722011381628, -0.23500550689182578, 1.324347019236957],
    [-1.872529517606024, 1.128523141900478, 1.0348662399295387, -1.4186656898014849],
    [-0.3625220058776312, 1.8545889180107018, -2.4124982079439463, -0.9008757037975156],
    [0.6299254017950486, 4.670972730736849, -1.982208111673909, -2.7979369483840166],
    [-1.1490934514281703, 1.9772938954359127, -0.4794060467486711, 2.701638686739471],
    [-2.617167982757383, 1.5772967032096283, 1.4463957786058002, -1.9828186347266148],
  ]
  private static let targets: [[Double]] = [
    [119867089.93900783, 7379335.9583266275],
    [151011941.31223458, -895629.8110398961],
    [-74215545.51991773, 47792929.8799656],
    [-7658841.293719657, -125418666.19736308],
    [-88506658.1450772, 176677931.7484588],
    [35435059.53235256, 41638653.50301778],
    [-27655171.832101155, -68971956.37660919],
    [89165581.55709343, -10462645.267369168],
  ]

  /// Targets far above the temperature, which multiples up to rounding do not share: against 80-digit
  /// arithmetic (by another program, both equations of the saddle on the same inputs). What the relation leaves
  /// reaches R; Qbar is that of exact multiples to 5e-14. The equations have a second root with Qbar within 2e-6
  /// and R = ((4487114, -25327533), (-25327533, 123804347)), which is not positive definite.
  @Test func inexactRelation() throws {
    let data = Dataset(
      shape: ImageShape(channels: 1, height: 1, width: 4),
      inputs: Matrix(rows: 4, columns: 8) { Self.inputs[$1][$0] },
      targets: Matrix(rows: 8, columns: 2) { Self.targets[$0][$1] })
    let network = try Network(
      architecture: FullyConnected(), activation: ReLU(), width: .finite(5), temperature: 0.0918)
    let solution = try network.fit(data).solution
    let qbar = Matrix(
      rows: 2, columns: 2,
      elements: [48019419.875713701695, -28959295.992005780125, -28959295.992005780125, 110686683.70095441424])
    let r = Matrix(
      rows: 2, columns: 2,
      elements: [5981119.8073769327567, -25548458.616557087006, -25548458.616557087006, 123837010.83754167599])
    #expect(try relativeError(solution.weights.covariance.dense, qbar) < 1e-12)
    let mean = try #require(solution.weights.mean).dense
    let error = try relativeError(mean, r)
    #expect(error > 1e-8 && error < solution.convergence.roundingError, "\(error), \(solution.convergence)")
    #expect(solution.convergence.roundingError < 100 * error)
  }

  /// ||L^-1 (a - b) L^-T||_F, b = L L^T.
  private func relativeError(_ a: Matrix, _ b: Matrix) throws -> Double {
    let root = try Cholesky(b)
    let change = root.solveLower(root.solveLower(a - b).transposed)
    return change.innerProduct(change).squareRoot()
  }

  /// Small order parameters, where the action is nearly flat, against the root of the one equation: linear, K =
  /// 1.
  @Test(arguments: [(1e-8, 1e-18, 1.307669683e-8), (1e-6, 1e-14, 1.307669683e-6)])
  func flatActions(size: Double, temperature: Double, exact: Double) throws {
    let data = Dataset(
      shape: ImageShape(channels: 1, height: 1, width: 8),
      inputs: Matrix(rows: 8, columns: 5) { $0 == $1 ? 2 : 0 },
      targets: size * Matrix(columns: [[1, -2, 0.5, 1.5, -1]]))
    let network = try Network(
      architecture: FullyConnected(), activation: Linear(), width: .finite(5), temperature: temperature,
      lambda0: 0.5)
    let solution = try network.fit(data).solution
    // 1 - 1/q + (1/5) [5/(T + q) - |y|^2/(T + q)^2] = 0.
    let t = temperature
    let residual = { (q: Double) in 1 - 1 / q + 1 / (t + q) - size * size * 8.5 / 5 / ((t + q) * (t + q)) }
    #expect(residual(exact * (1 - 1e-8)) * residual(exact * (1 + 1e-8)) < 0)
    #expect(!solution.convergence.converged || abs(solution.orderParameter[0, 0] / exact - 1) < 1e-4)
    #expect(
      solution.convergence.orderParameterError >= abs(solution.orderParameter[0, 0] / exact - 1) - 1e-8,
      "\(solution.orderParameter[0, 0]), \(solution.convergence)")
  }
}
