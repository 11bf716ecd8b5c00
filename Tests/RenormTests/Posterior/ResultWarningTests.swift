import LinearAlgebra
import Testing

@testable import Renorm
@testable import RenormKernels

/// Remarks on targets that an odd network without bias can hardly learn.
@Suite struct ResultWarningTests {
  private func warnings(
    _ targets: [Double], classes: [ClassLabel]?, _ activation: any Activation = Erf()
  ) throws -> [String] {
    let count = targets.count
    let data = Dataset(
      shape: ImageShape(channels: 1, height: 1, width: 2),
      inputs: Matrix(rows: 2, columns: count) { i, p in Double((p * 7 + i * 3) % count) / Double(count) - 0.4 },
      targets: Matrix(columns: [targets]), classes: classes)
    return try Network(
      architecture: FullyConnected(), activation: activation, width: .finite(20), temperature: 0.1
    ).fit(data).warnings
  }

  @Test func imbalancedClasses() throws {
    let classes: [ClassLabel] = ["ham", "spam"]
    let imbalanced = (0..<20).map { $0 < 16 ? -1.0 : 1 }
    let found = try warnings(imbalanced, classes: classes)
    #expect(
      found.contains { $0.hasPrefix("the classes are imbalanced: 16 of 20 training examples are of class ham") }
    )
    #expect(try warnings(imbalanced, classes: classes, ReLU()).isEmpty)
    #expect(try warnings((0..<20).map { $0 < 12 ? -1.0 : 1 }, classes: classes).isEmpty)
  }

  @Test func offsetTargets() throws {
    let shifted = (0..<20).map { 3 + Double($0 % 3) }
    #expect(
      try warnings(shifted, classes: nil).contains {
        $0.hasPrefix("the targets have mean 3.95, which a network")
      })
    #expect(try warnings(shifted.map { $0 - 3.95 }, classes: nil).isEmpty)
  }
}
