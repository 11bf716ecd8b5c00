import GSLNumerics
import LinearAlgebra
import RenormFiles
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// What a fit refuses, and what it reports while it runs.
@Suite struct FitTests {
  private let shape = ImageShape(channels: 1, height: 4, width: 4)

  private func data(count: Int = 3, outputs: Int = 1) -> Dataset {
    let generator = RandomGenerator(seed: 1)
    return Dataset(
      shape: shape, inputs: Matrix(rows: 16, columns: count) { _, _ in generator.gaussian() },
      targets: Matrix(rows: count, columns: outputs) { _, _ in generator.gaussian() })
  }

  private func network(_ architecture: any Architecture = FullyConnected(), _ width: Width = .finite(5))
    throws
    -> Network
  {
    try Network(architecture: architecture, width: width, temperature: 0.1)
  }

  @Test func emptyTrainingSets() {
    let expected = RenormError.unusableData(
      "the training set is empty; at least one example with one target is needed")
    #expect(throws: expected) { try network().fit(data(count: 0)) }
    #expect(throws: expected) { try network().fit(data(outputs: 0)) }
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity]) func nonFiniteData(value: Double) throws {
    let expected = RenormError.unusableData(
      "the training set contains NaN or infinity; only finite numbers are accepted")
    let good = data()
    var inputs = good.inputs
    inputs[3, 1] = value
    var targets = good.targets
    targets[2, 0] = value
    #expect(throws: expected) {
      try network().fit(Dataset(shape: shape, inputs: inputs, targets: good.targets))
    }
    #expect(throws: expected) {
      try network().fit(Dataset(shape: shape, inputs: good.inputs, targets: targets))
    }
  }

  @Test(arguments: [0.0, -1, .nan, .infinity]) func tolerance(value: Double) {
    #expect(
      throws: RenormError.invalidParameter(
        name: "tolerance", value: "\(value)", accepted: "a positive number, at most 0.0001")
    ) { try network().fit(data(), options: FitOptions(tolerance: value)) }
  }

  @Test func limits() {
    #expect(throws: RenormError.invalidParameter(name: "max-iterations", value: "0", accepted: "at least 1")) {
      try network().fit(data(), options: FitOptions(maximumIterations: 0))
    }
    #expect(throws: RenormError.invalidParameter(name: "threads", value: "0", accepted: "1 to 1024")) {
      try network().fit(data(), options: FitOptions(threads: 0))
    }
  }

  @Test func masks() {
    #expect(throws: RenormError.maskLargerThanImage(mask: "5x5", image: "4x4")) {
      try network(Convolutional(mask: Extent(5))).fit(data())
    }
  }

  @Test func orderParametersOfSeveralOutputs() throws {
    let cnn = Convolutional(mask: Extent(2))
    #expect(try network(cnn).fit(data(outputs: 2)).orderParameter.rows == 8)
    #expect(try network(cnn, .infinite).fit(data(outputs: 2)).orderParameter.rows == 4)
    #expect(try network().fit(data(outputs: 2)).orderParameter.rows == 2)
    let pooled = try Network(architecture: cnn, width: .finite(5), temperature: 0.1, readout: MeanPooling())
    #expect(try pooled.fit(data(outputs: 2)).orderParameter.rows == 2)
  }

  @Test func predictionsNeedTheTrainingShape() throws {
    let posterior = try network().fit(data())
    #expect(throws: RenormError.shapeMismatch(expected: "1x4x4", got: "15 values")) {
      try posterior.predict(Matrix(rows: 15, columns: 2))
    }
  }

  /// Finite inputs whose squares overflow must not turn into NaN predictions.
  @Test(arguments: [1e155, 1e200]) func overflowingInputs(scale: Double) throws {
    let good = data()
    let huge = Dataset(shape: shape, inputs: scale * good.inputs, targets: good.targets)
    for activation in ActivationTests.builtIn {
      for width in [Width.infinite, .finite(5)] {
        let network = try Network(
          architecture: FullyConnected(), activation: activation, width: width, temperature: 0.1)
        #expect(throws: RenormError.self, "\(activation.name), \(width)") {
          let prediction = try network.fit(huge).predict(huge.inputs)
          if prediction.mean.elements.allSatisfy(\.isFinite),
            prediction.variance.elements.allSatisfy(\.isFinite)
          {
            throw RenormError.unusableData("finite all the same")
          }
        }
      }
    }
  }

  @Test func eventsComeInOrder() throws {
    for width in [Width.finite(5), .infinite] {
      var events: [FitEvent] = []
      let posterior = try network(Convolutional(mask: Extent(2)), width).fit(data()) { events.append($0) }
      guard case .computingKernels(let plan)? = events.first else {
        Issue.record("first event \(String(describing: events.first))")
        continue
      }
      #expect(plan.bytes > 0 && plan.bytes <= plan.limit && plan.storage == .float64)
      #expect(events.dropFirst().first == .solving && events.last == .factoring)
      let evaluations = events.compactMap { event -> Int? in
        guard case .evaluated(let count, _) = event else { return nil }
        return count
      }
      #expect(evaluations == Array(1..<posterior.solution.convergence.evaluations + 1))
    }
  }
}
