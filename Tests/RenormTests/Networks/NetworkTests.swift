import Testing

@testable import Renorm

@Suite struct NetworkTests {
  private func network(
    width: Width = .finite(5), temperature: Double = 0.1, lambda0: Double = 1, lambda1: Double = 1
  ) throws -> Network {
    try Network(
      architecture: FullyConnected(), width: width, temperature: temperature, lambda0: lambda0,
      lambda1: lambda1)
  }

  @Test(arguments: [0, -3]) func widthMustBePositive(units: Int) {
    #expect(
      throws: RenormError.invalidParameter(
        name: "width", value: "\(units)", accepted: "a positive number of hidden units, or 'infinite'")
    ) { try network(width: .finite(units)) }
  }

  @Test(arguments: [0.0, -1, .nan, .infinity]) func parametersMustBePositive(value: Double) {
    let expected = { (name: String) in
      RenormError.invalidParameter(name: name, value: "\(value)", accepted: "a positive number")
    }
    #expect(throws: expected("temperature")) { try network(temperature: value) }
    #expect(throws: expected("lambda0")) { try network(lambda0: value) }
    #expect(throws: expected("lambda1")) { try network(lambda1: value) }
  }

  @Test func correlatedReadoutsBelongToTheCNN() throws {
    let mask = Extent(2)
    for architecture: any Architecture in [FullyConnected(), LocallyConnected(mask: mask)] {
      #expect(
        throws: RenormError.unsupported(
          what: "the readout 'mean-pool' on the architecture '\(architecture.name)'",
          instead:
            "correlated readouts are defined where all positions share their filters (cnn); take 'independent'")
      ) {
        try Network(architecture: architecture, width: .finite(3), temperature: 1, readout: MeanPooling())
      }
    }
    _ = try Network(
      architecture: Convolutional(mask: mask), width: .infinite, temperature: 1, readout: MeanPooling())
  }

  @Test func unitsOfAWidth() {
    #expect(Width.finite(7).units == 7 && Width.infinite.units == nil)
  }
}
