import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import Testing

@testable import RenormCompanions

@Suite struct ConvNet1DTests {
  private let inputs = WidthMeasurement.inputs

  private func moved(
    _ p: ConvNet1D.Parameters, _ direction: ConvNet1D.Parameters, _ step: Double
  ) -> ConvNet1D.Parameters {
    ConvNet1D.Parameters(
      tensors: zip(p.tensors, direction.tensors).map { JetMatrix($0.value + step * $1.value) })
  }

  private func output(_ net: ConvNet1D, _ p: ConvNet1D.Parameters, _ k: Int) -> Double {
    net.forward(p, inputs[k]).output[0]
  }

  private func kernel(_ net: ConvNet1D, _ p: ConvNet1D.Parameters) -> Double {
    ConvNet1D.Parameters.dot(net.gradient(p, inputs[0]), net.gradient(p, inputs[1]))[0]
  }

  /// The output by loops over the definition.
  private func direct(_ net: ConvNet1D, _ p: ConvNet1D.Parameters, _ x: Matrix) -> Double {
    let (n, s, taps) = (net.width, net.positions, net.taps)
    func act(_ z: Double) -> Double { net.nonlinearity == .tanh ? tanh(z) : max(0, z) }
    func layer(_ w: Matrix, _ channels: Int, _ input: (Int, Int) -> Double) -> [[Double]] {
      (0..<n).map { c in
        (0..<s).map { t in
          var sum = 0.0
          for k in 0..<taps {
            for i in 0..<channels { sum += w[c, k * channels + i] * input(i, (t + k - taps / 2 + s) % s) }
          }
          return act(sum / Double(taps * channels).squareRoot())
        }
      }
    }
    let h1 = layer(p.tensors[0].value, net.inputs) { i, t in net.architecture == .mlp ? x.elements[i] : x[i, t]
    }
    var h2 = layer(p.tensors[1].value, n) { h1[$0][$1] }
    if net.architecture == .skip { for c in 0..<n { for t in 0..<s { h2[c][t] += h1[c][t] } } }
    let v = p.tensors[2].value
    var f = 0.0
    for c in 0..<n {
      for t in 0..<s {
        f +=
          net.architecture == .flatten
          ? v[c, t] * h2[c][t] / Double(n * s).squareRoot()
          : v[c, 0] * h2[c][t] / Double(s) / Double(n).squareRoot()
      }
    }
    return f
  }

  /// Output, gradient, O3, O4 and Hessian against the definition and central differences.
  @Test(arguments: ConvNet1D.Architecture.allCases) func derivatives(architecture: ConvNet1D.Architecture) {
    let net = ConvNet1D(architecture, .tanh, width: 5)
    let random = RandomGenerator(seed: 5)
    let p = net.parameters { random.gaussian() }
    expectNear(output(net, p, 0), direct(net, p, inputs[0]), 1e-13)
    let direction = net.parameters { random.gaussian() }
    let step = 1e-5
    let slope =
      (output(net, moved(p, direction, step), 0) - output(net, moved(p, direction, -step), 0)) / (2 * step)
    expectNear(ConvNet1D.Parameters.dot(net.gradient(p, inputs[0]), direction)[0], slope, 1e-8)

    let third = { (q: ConvNet1D.Parameters) in WidthMeasurement.third(net, q) }
    let along2 = net.gradient(p, inputs[2])
    expectNear(
      third(p), (kernel(net, moved(p, along2, step)) - kernel(net, moved(p, along2, -step))) / (2 * step), 1e-8)
    let along3 = net.gradient(p, inputs[3])
    expectNear(
      WidthMeasurement.fourth(net, p),
      (third(moved(p, along3, step)) - third(moved(p, along3, -step))) / (2 * step), 1e-8)

    // H r by differences of gradients.
    let signs = net.parameters { random.bits() & 1 == 0 ? 1 : -1 }
    let exact = net.gradient(p.moved(along: signs, bit: 0), inputs[0])
    let up = net.gradient(moved(p, signs, step), inputs[0])
    let down = net.gradient(moved(p, signs, -step), inputs[0])
    for k in 0..<3 {
      let difference = (0.5 / step) * (up.tensors[k].value - down.tensors[k].value)
      let plane = exact.tensors[k][1] ?? Matrix(rows: difference.rows, columns: difference.columns)
      for (a, b) in zip(plane.elements, difference.elements) { expectNear(a, b, 1e-7) }
    }
  }

  @Test func relu() {
    let net = ConvNet1D(.skip, .relu, width: 4)
    let random = RandomGenerator(seed: 6)
    let p = net.parameters { random.gaussian() }
    expectNear(output(net, p, 1), direct(net, p, inputs[1]), 1e-13)
    // Homogeneous of degree 1 in the readout: <grad_V f, V> = f.
    let gradient = net.gradient(p, inputs[1])
    expectNear(gradient.tensors[2].value.innerProduct(p.tensors[2].value), output(net, p, 1), 1e-12)
  }

  /// The slopes of quick quantities at small widths.
  @Test(arguments: [WidthMeasurement.Quantity.ntk, .ntkVariance, .conn4]) func quickSlopes(
    quantity: WidthMeasurement.Quantity
  ) throws {
    let measurement = try WidthMeasurement(quantity, .gap, .tanh, widths: [8, 16, 32], nets: 250, seed: 1)
    #expect(measurement.verdict == .agrees, "\(measurement.fit)")
  }

  @Test(
    .enabled(if: SlowTests.areOn, SlowTests.comment), arguments: ConvNet1D.Architecture.allCases,
    [WidthMeasurement.Quantity.ntkVariance, .conn4, .o3f, .o3o3, .o4, .hess])
  func slopes(architecture: ConvNet1D.Architecture, quantity: WidthMeasurement.Quantity) throws {
    let widths = quantity == .o3o3 ? [32, 64, 128] : [16, 32, 64, 128]
    let measurement = try WidthMeasurement(quantity, architecture, .tanh, widths: widths, nets: 500, seed: 2)
    #expect(measurement.verdict == .agrees, "\(measurement.fit), predicted \(measurement.predicted)")
  }

  @Test(
    .enabled(if: SlowTests.areOn, SlowTests.comment),
    arguments: [WidthMeasurement.Quantity.ntkVariance, .conn4, .o3f])
  func reluSlopes(quantity: WidthMeasurement.Quantity) throws {
    let measurement = try WidthMeasurement(
      quantity, .gap, .relu, widths: [16, 32, 64, 128], nets: 500, seed: 3)
    #expect(measurement.verdict == .agrees, "\(measurement.fit)")
  }

  @Test func refusals() {
    func refused(
      _ quantity: WidthMeasurement.Quantity, _ act: ConvNet1D.Nonlinearity, _ widths: [Int], _ nets: Int
    )
      -> Bool
    {
      do { _ = try WidthMeasurement(quantity, .gap, act, widths: widths, nets: nets, seed: 1) } catch {
        return true
      }
      return false
    }
    #expect(refused(.o4, .relu, [4], 10) && refused(.ntk, .tanh, [], 10) && refused(.ntk, .tanh, [4, 0], 10))
    #expect(refused(.ntk, .tanh, [4, 9999], 10) && refused(.ntk, .tanh, [4], 1))
  }
}
