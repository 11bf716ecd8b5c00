import Foundation
import GSLNumerics
import LinearAlgebra
import RenormFiles
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// Filter priors, hidden biases and padding: kernels against double loops over pixels, and fits against fits of
/// networks that are the same by another road.
@Suite struct HiddenPriorTests {
  private let shape = ImageShape(channels: 2, height: 4, width: 5)
  private let mask = Extent(height: 3, width: 2)

  private func inputs(_ count: Int, seed: UInt32) -> Matrix {
    let generator = RandomGenerator(seed: seed)
    return Matrix(rows: shape.count, columns: count) { _, _ in generator.gaussian() }
  }

  private func data(_ count: Int = 7, seed: UInt32 = 1) -> Dataset {
    let generator = RandomGenerator(seed: seed + 100)
    return Dataset(
      shape: shape, inputs: inputs(count, seed: seed),
      targets: Matrix(rows: count, columns: 1) { _, _ in generator.gaussian() })
  }

  /// x_i: the pixels under the mask at a corner, zeros off the image.
  private func patch(_ x: [Double], _ top: Int, _ left: Int) -> [Double] {
    var patch: [Double] = []
    for channel in 0..<shape.channels {
      for y in top..<top + mask.height {
        for z in left..<left + mask.width {
          let isInside = (0..<shape.height).contains(y) && (0..<shape.width).contains(z)
          patch.append(isInside ? x[(channel * shape.height + y) * shape.width + z] : 0)
        }
      }
    }
    return patch
  }

  /// x^T F x'/(lambda0 M) + 1/lambda_bias by a double loop over pixels of equal channels.
  private func covariance(
    _ x: [Double], _ y: [Double], _ lambda0: Double, _ bias: Double?, _ f: (Double) -> Double
  ) -> Double {
    let area = mask.height * mask.width
    var sum = 0.0
    for d in x.indices {
      for e in y.indices where d / area == e / area {
        let down = Double(d % area / mask.width - e % area / mask.width)
        let across = Double(d % mask.width - e % mask.width)
        sum += x[d] * y[e] * f((down * down + across * across).squareRoot())
      }
    }
    return sum / (lambda0 * Double(x.count)) + (bias.map { 1 / $0 } ?? 0)
  }

  private let filters: [(name: String, f: @Sendable (Double) -> Double)] = [
    ("exponential", { exp(-$0 / 1.5) }),
    ("matern32", { (1 + 3.0.squareRoot() * $0 / 1.5) * exp(-3.0.squareRoot() * $0 / 1.5) }),
    (
      "matern52",
      { d in
        let t = 5.0.squareRoot() * d / 1.5
        return (1 + t + t * t / 3) * exp(-t)
      }
    ),
    ("squared-exponential", { exp(-$0 * $0 / 4.5) }),
    ("independent", { $0 == 0 ? 1 : 0 }),
  ]

  /// Both correlations at once: sum_ij S_ij K_ij with S and F, a bias, and padding of one pixel.
  @Test(arguments: ["valid", "1"]) func filterAndReadoutAgainstLoops(padding: String) throws {
    let stride = Extent(height: 1, width: 2)
    let pad = padding == "1" ? 1 : 0
    let corners = (0...(4 + 2 * pad - mask.height)).flatMap { y in
      Swift.stride(from: 0, through: 5 + 2 * pad - mask.width, by: 2).map { (y - pad, $0 - pad) }
    }
    let (points, lambda0, bias) = (inputs(5, seed: 2), 0.7, 1.9)
    for filter in filters {
      let prior = try FilterPriors.builtIn.named(filter.name, [.filterLengthScale: .number(1.5)])
      let architecture = Convolutional(
        mask: mask, stride: stride, padding: try #require(Padding(text: padding)))
      let network = try Network(
        architecture: architecture, width: .infinite, temperature: 1, lambda0: lambda0, lambdaBias: bias,
        filter: prior, readout: ExponentialReadout(lengthScale: 2))
      let (local, readout) = try network.kernels(on: shape, threads: 2)
      #expect(local.positions == corners.count)
      let s = readout.covariance(positions: corners.count)
      let kernel = local.contract(s, points, points)
      let patches = (0..<5).map { p in corners.map { patch(points.column(p), $0.0, $0.1) } }
      func c(_ p: Int, _ i: Int, _ q: Int, _ j: Int) -> Double {
        covariance(patches[p][i], patches[q][j], lambda0, bias, filter.f)
      }
      for p in 0..<5 {
        for q in 0...p {
          var sum = 0.0
          for i in corners.indices {
            for j in corners.indices {
              sum += s[i, j] * Erf().secondMoment(c(p, i, p, i), c(p, i, q, j), c(q, j, q, j))
            }
          }
          expectClose(kernel[p, q], sum, relative: 1e-11, absolute: 1e-12, filter.name)
        }
      }
    }
  }

  /// A length scale far below a pixel is the identity: the factor's columns are those of pixels, in some order.
  @Test func independentWeightsAreTheIdentity() throws {
    let data = data()
    func fit(_ filter: any FilterPrior) throws -> Posterior {
      try Network(
        architecture: Convolutional(mask: mask, stride: Extent(1)), width: .finite(9), temperature: 0.1,
        filter: filter
      ).fit(data)
    }
    let plain = try fit(IndependentFilter())
    let same = try fit(CorrelatedFilter.squaredExponential(lengthScale: 0.01))
    expectClose(same.orderParameter, plain.orderParameter, relative: 1e-12, absolute: 1e-12)
    expectClose(try #require(same.logEvidence), try #require(plain.logEvidence), relative: 1e-12)
  }

  /// FC with a bias is FC without on inputs with one more pixel: h = M^(-1/2) w.x + b is (M + 1)^(-1/2) w'.x'
  /// with the old pixels times ((M + 1)/M)^(1/2), and the new one ((M + 1) lambda0/lambda_bias)^(1/2).
  @Test(arguments: ["erf", "relu", "tanh"]) func aBiasIsAConstantInput(activation: String) throws {
    let (data, m) = (data(), Double(shape.count))
    let (lambda0, bias) = (1.3, 0.6)
    let old = ((m + 1) / m).squareRoot()
    func augmented(_ x: Matrix) -> Matrix {
      Matrix(rows: x.rows + 1, columns: x.columns) { i, j in
        i < x.rows ? old * x[i, j] : ((m + 1) * lambda0 / bias).squareRoot()
      }
    }
    func network(_ bias: Double?) throws -> Network {
      try Network(
        architecture: FullyConnected(), activation: Activations.builtIn.named(activation), width: .finite(8),
        temperature: 0.2, lambda0: lambda0, lambdaBias: bias)
    }
    let one = try network(bias).fit(data)
    let other = try network(nil).fit(
      Dataset(
        shape: ImageShape(channels: 1, height: 1, width: shape.count + 1), inputs: augmented(data.inputs),
        targets: data.targets))
    expectClose(one.orderParameter, other.orderParameter, relative: 1e-12)
    let test = inputs(4, seed: 9)
    let (a, b) = (try one.predict(test), try other.predict(augmented(test)))
    expectClose(a.mean, b.mean, relative: 1e-12, absolute: 1e-12)
    expectClose(a.variance, b.variance, relative: 1e-12, absolute: 1e-12)
    expectClose(try #require(one.logEvidence), try #require(other.logEvidence), relative: 1e-12)
  }

  /// With a bias only equal examples count as one: opposites (erf), multiples (relu) and dependent ones
  /// (linear) have kernels of their own. At a temperature where rounding is no matter, the fit over all
  /// examples is the reference: those examples moved by 1e-9.
  @Test(arguments: ["erf", "relu", "linear"]) func exactRankWithABias(activation: String) throws {
    var data = data(6)
    let twin = Matrix(rows: shape.count, columns: 4) { i, k in [1.0, -1, 2, 0.5][k] * data.inputs[i, 0] }
    data = Dataset(
      shape: shape,
      inputs: Matrix(
        rows: shape.count, columns: 10, elements: data.inputs.elements + twin.elements),
      targets: Matrix(rows: 10, columns: 1) { i, _ in sin(Double(3 * i)) })
    let s = try Activations.builtIn.named(activation)
    func range(_ bias: Double?) throws -> RangeExamples {
      try RangeExamples(
        data,
        LocalKernels(
          architecture: FullyConnected(), activation: s, lambda0: 1, lambdaBias: bias, image: shape,
          threads: 1))
    }
    #expect(try range(2).inputs.columns == 9)
    #expect(try range(nil).inputs.columns < 9)
    let network = try Network(
      architecture: FullyConnected(), activation: s, width: .finite(12), temperature: 0.1, lambdaBias: 2)
    let moved = Dataset(
      shape: shape,
      inputs: Matrix(rows: shape.count, columns: 10) { i, k in
        data.inputs[i, k] + (k == 6 ? 1e-9 * Double(1 + i % 3) : 0)
      }, targets: data.targets)
    let (one, other) = (try network.fit(data), try network.fit(moved))
    expectClose(one.orderParameter, other.orderParameter, relative: 1e-6)
    expectClose(try #require(one.logEvidence), try #require(other.logEvidence), relative: 1e-6)
  }

  @Test func paddedGrids() throws {
    let image = ImageShape(channels: 1, height: 5, width: 6)
    func grid(_ mask: Int, _ stride: Int, _ padding: Padding) throws -> PatchGrid {
      try PatchGrid(mask: Extent(mask), stride: Extent(stride), padding: padding, on: image)
    }
    // A position for every stride.
    for (mask, stride) in [(3, 1), (2, 1), (3, 2), (4, 3), (2, 4)] {
      let same = try grid(mask, stride, .same)
      #expect(same.rows == (5 + stride - 1) / stride && same.columns == (6 + stride - 1) / stride)
    }
    let one = try grid(3, 2, .pixels(1))
    #expect(one.rows == 3 && one.columns == 3 && one.droppedRows == 0 && one.droppedColumns == 0)
    #expect(try grid(3, 1, .pixels(2)).positions == 7 * 8)
    #expect(try grid(3, 1, .pixels(0)) == grid(3, 1, .valid))
    #expect(one.seenPixels == Array(0..<30))
    #expect(throws: RenormError.self) { try grid(3, 1, .pixels(3)) }
    #expect(throws: RenormError.self) { try grid(3, 1, .pixels(-1)) }
    #expect(Padding(text: "0") == .valid && Padding(text: "2") == .pixels(2) && Padding(text: "x") == nil)
  }

  /// Padding by hand: an image with zeros around it.
  @Test func paddingIsZerosAround() throws {
    let data = data()
    let wide = ImageShape(channels: 2, height: 6, width: 7)
    func padded(_ x: Matrix) -> Matrix {
      Matrix(rows: wide.count, columns: x.columns) { k, j in
        let (c, y, z) = (k / 42, k / 7 % 6 - 1, k % 7 - 1)
        let isInside = (0..<4).contains(y) && (0..<5).contains(z)
        return isInside ? x[(c * 4 + y) * 5 + z, j] : 0
      }
    }
    func network(_ padding: Padding) throws -> Network {
      try Network(
        architecture: Convolutional(mask: mask, stride: Extent(2), padding: padding), width: .finite(9),
        temperature: 0.1)
    }
    let one = try network(.pixels(1)).fit(data)
    let other = try network(.valid).fit(
      Dataset(shape: wide, inputs: padded(data.inputs), targets: data.targets))
    expectClose(one.orderParameter, other.orderParameter, relative: 1e-13, absolute: 1e-13)
  }
}
