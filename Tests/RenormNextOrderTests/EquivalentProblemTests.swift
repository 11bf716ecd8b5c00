import LinearAlgebra
import Renorm
import RenormKernels
import Testing

@testable import RenormNextOrder

/// Biases of hidden units, filter priors, padding and strides against problems without them, whose patches are
/// made by hand: the same draws, so that all numbers agree up to the tolerance of the fits.
@Suite struct EquivalentProblemTests {
  private static let activations: [any Activation] = [Erf(), ReLU()]

  private static func next(
    _ architecture: any Architecture, _ activation: any Activation, _ training: Dataset, _ points: Dataset,
    lambda0: Double = 0.8, lambdaBias: Double? = nil, filter: any FilterPrior = IndependentFilter()
  ) throws -> NextOrder {
    let network = try Network(
      architecture: architecture, activation: activation, width: .finite(30), temperature: 0.1,
      lambda0: lambda0, lambda1: 1.3, lambdaBias: lambdaBias, filter: filter)
    let posterior = try network.fit(training, options: FitOptions(tolerance: 1e-12, threads: 1))
    return try NextOrder(
      posterior, points: points.inputs, targets: points.targets.column(0),
      options: NextOrderOptions(draws: 2048, meanDraws: 1024, threads: 1))
  }

  /// Images with pixels rearranged: `place` names that of the old image for every new one, nil for zero.
  private static func images(
    _ data: Dataset, _ shape: ImageShape, _ place: (_ row: Int, _ column: Int) -> (row: Int, column: Int)?
  ) -> Dataset {
    let (old, width) = (data.shape, shape.width)
    let inputs = Matrix(rows: shape.height * width, columns: data.count) { pixel, example in
      guard let source = place(pixel / width, pixel % width), (0..<old.height).contains(source.row),
        (0..<old.width).contains(source.column)
      else { return 0 }
      return data.inputs[source.row * old.width + source.column, example]
    }
    return Dataset(shape: shape, inputs: inputs, targets: data.targets)
  }

  /// delta, sigma and corrections agree: rounding, and gradients of fits of 1e-12 over curvatures of order 1.
  private static func expectEqual(_ a: NextOrder, _ b: NextOrder, tolerance: Double = 1e-8) {
    expectClose(a.delta, b.delta, relative: tolerance)
    expectClose(a.sigma, b.sigma, relative: tolerance)
    expectClose(a.leading.prediction.mean, b.leading.prediction.mean, relative: tolerance)
    #expect(a.omitted == b.omitted)
    for (a, b) in [(a.mixture, b.mixture), (a.corrected, b.corrected)] {
      expectClose(a.orderParameter, b.orderParameter, relative: tolerance)
      expectClose(a.prediction.mean, b.prediction.mean, relative: tolerance)
      expectClose(a.prediction.variance, b.prediction.variance, relative: tolerance)
      expectClose(a.logEvidence, b.logEvidence, relative: tolerance)
    }
  }

  /// h = w.x/sqrt(lambda0 M) + b with b of variance 1/lambdaBias is h of one more input, a constant.
  @Test(arguments: activations) func hiddenBias(activation: any Activation) throws {
    let (lambda0, lambdaBias) = (0.8, 2.5)
    func extended(_ data: Dataset) -> Dataset {
      let scale = (17.0 / 16).squareRoot()
      return Dataset(
        shape: ImageShape(channels: 1, height: 1, width: 17),
        inputs: Matrix(rows: 17, columns: data.count) {
          $0 < 16 ? scale * data.inputs[$0, $1] : (17 * lambda0 / lambdaBias).squareRoot()
        }, targets: data.targets)
    }
    let (training, points) = (SmallProblem.training, SmallProblem.points)
    let biased = try Self.next(
      FullyConnected(), activation, training, points, lambda0: lambda0, lambdaBias: lambdaBias)
    let plain = try Self.next(
      FullyConnected(), activation, extended(training), extended(points), lambda0: lambda0)
    Self.expectEqual(biased, plain)
    // The bias matters, or this test shows nothing.
    let without = try Self.next(FullyConnected(), activation, training, points, lambda0: lambda0)
    #expect(abs(without.delta - biased.delta) > 1e-3 * abs(biased.delta))
  }

  /// Filters of covariance F = L L^T see the patches L^T x: patches that tile the image, so that they may be
  /// turned in place.
  @Test(arguments: activations) func filterPrior(activation: any Activation) throws {
    let root = Matrix(rows: 4, columns: 4) {
      $0 < $1 ? 0 : $0 == $1 ? 1 + 0.2 * Double($0) : 0.3 - 0.4 * Double($1)
    }
    let filter = MatrixFilter(root * root.asTranspose)
    let architecture = Convolutional(mask: SmallProblem.mask)
    let factor = try #require(try FilterFactor(filter, on: architecture.grid(on: SmallProblem.training.shape)))
    let basis = factor.basis
    try #require(basis.columns == 4 && factor.repeats == 1)
    expectClose(basis * basis.asTranspose, root * root.asTranspose, absolute: 1e-12)
    func turned(_ data: Dataset) -> Dataset {
      let inputs = Matrix(rows: 16, columns: data.count) { pixel, example in
        let (row, column) = (pixel / 4, pixel % 4)
        return (0..<4).reduce(0) { sum, q in
          let source = (row / 2 * 2 + q / 2) * 4 + column / 2 * 2 + q % 2
          return sum + basis[q, row % 2 * 2 + column % 2] * data.inputs[source, example]
        }
      }
      return Dataset(shape: data.shape, inputs: inputs, targets: data.targets)
    }
    let (training, points) = (SmallProblem.training, SmallProblem.points)
    Self.expectEqual(
      try Self.next(architecture, activation, training, points, filter: filter),
      try Self.next(architecture, activation, turned(training), turned(points)))
  }

  /// Images with a frame of zeros, for filters that are shared and that are not.
  @Test(arguments: activations, [true, false]) func padding(activation: any Activation, isShared: Bool) throws {
    func architecture(_ padding: Padding) -> any Architecture {
      let (mask, stride) = (Extent(3), Extent(3))
      return isShared
        ? Convolutional(mask: mask, stride: stride, padding: padding)
        : LocallyConnected(mask: mask, stride: stride, padding: padding)
    }
    func framed(_ data: Dataset) -> Dataset {
      Self.images(data, ImageShape(channels: 1, height: 6, width: 6)) { ($0 - 1, $1 - 1) }
    }
    let (training, points) = (SmallProblem.training, SmallProblem.points)
    Self.expectEqual(
      try Self.next(architecture(.pixels(1)), activation, training, points),
      try Self.next(architecture(.valid), activation, framed(training), framed(points)))
  }

  /// Patches that overlap, side by side in a larger image.
  @Test(arguments: activations, [true, false]) func stride(activation: any Activation, isShared: Bool) throws {
    func architecture(_ stride: Int) -> any Architecture {
      let (mask, stride) = (Extent(2), Extent(stride))
      return isShared
        ? Convolutional(mask: mask, stride: stride) : LocallyConnected(mask: mask, stride: stride)
    }
    func apart(_ data: Dataset) -> Dataset {
      Self.images(data, ImageShape(channels: 1, height: 6, width: 6)) { ($0 / 2 + $0 % 2, $1 / 2 + $1 % 2) }
    }
    let (training, points) = (SmallProblem.training, SmallProblem.points)
    Self.expectEqual(
      try Self.next(architecture(1), activation, training, points),
      try Self.next(architecture(2), activation, apart(training), apart(points)))
  }

  /// The same by probes alone.
  @Test func sketch() throws {
    func sketch(_ data: Dataset, _ points: Dataset, _ padding: Padding) throws -> TrustSketch {
      let network = try Network(
        architecture: Convolutional(mask: Extent(3), stride: Extent(3), padding: padding), width: .finite(30),
        temperature: 0.1)
      let posterior = try network.fit(data, options: FitOptions(tolerance: 1e-12, threads: 1))
      return try TrustSketch(
        posterior, points: points.inputs, leading: posterior.predict(points.inputs), targets: nil,
        plan: SketchPlan(blocks: 4, probes: 4), threads: 1, memoryLimit: 1 << 30)
    }
    func framed(_ data: Dataset) -> Dataset {
      Self.images(data, ImageShape(channels: 1, height: 6, width: 6)) { ($0 - 1, $1 - 1) }
    }
    let (training, points) = (SmallProblem.training, SmallProblem.points)
    let (a, b) = (
      try sketch(training, points, .pixels(1)), try sketch(framed(training), framed(points), .valid)
    )
    expectClose(a.delta, b.delta, relative: 1e-8)
    expectClose(a.means, b.means, relative: 1e-8)
  }
}
