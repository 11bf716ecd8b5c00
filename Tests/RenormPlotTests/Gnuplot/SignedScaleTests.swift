import Foundation
import Testing

@testable import RenormPlot

/// Colours and labels of signed numbers.
@Suite struct SignedScaleTests {
  @Test func linear() {
    let scale = SignedScale(.linear, of: [0.1, -0.43, 0])
    #expect(scale.limit == 0.43 && scale.place(-0.2) == -0.2)
    #expect(scale.ticks(perSide: 3).map(\.label) == ["−0.4", "−0.2", "0", "0.2", "0.4"])
    #expect(scale.ticks(perSide: 1).map(\.value) == [-0.4, 0, 0.4])
  }

  /// Zero stays zero, the scale is odd and grows, has slope 1/(c log 10) at zero, and far above c is a decade a
  /// unit.
  @Test func symmetricLog() {
    let scale = SignedScale(.symlog, of: [1, -1e-2, 1e-2, 1e-2, 3e-3, 0])
    #expect(scale.threshold == 1e-2 && scale.place(0) == 0)
    let values = (-40...40).map { Double($0) / 40 }
    for (a, b) in zip(values, values.dropFirst()) { #expect(scale.place(a) < scale.place(b)) }
    for value in values { #expect(scale.place(-value) == -scale.place(value)) }
    let step = 1e-9
    #expect(abs(scale.place(step) / step * scale.threshold * log(10.0) - 1) < 1e-6)
    #expect(abs(scale.place(1e4) - scale.place(1e3) - 1) < 1e-5)
  }

  /// The threshold follows the small numbers, but neither noise nor numbers that are all alike.
  @Test func thresholds() {
    #expect(SignedScale(.symlog, of: [1, 1e-9, 1e-9]).threshold == 1e-4)
    #expect(SignedScale(.symlog, of: [1, 0.9, -0.8]).threshold == 0.1)
    #expect(SignedScale(.symlog, of: [0, 0]).limit > 0)
  }

  /// Labels are symmetric, ascending and inside, and neighbours keep apart, whatever the numbers.
  @Test(arguments: 0..<200) func ticksAreReadable(seed: Int) {
    var random = Seeded(seed)
    let spread = Double.random(in: 0...8, using: &random)
    let largest = pow(10, Double.random(in: -6...6, using: &random))
    let values =
      (0..<20).map { _ in largest * pow(10, -Double.random(in: 0...spread, using: &random)) } + [largest]
    for kind in SignedScale.Kind.allCases {
      let scale = SignedScale(kind, of: values)
      for count in 1...4 {
        let ticks = scale.ticks(perSide: count)
        #expect((3...2 * count + 1).contains(ticks.count), "\(kind) \(values)")
        #expect(ticks.map(\.value) == ticks.reversed().map { -$0.value } && ticks[ticks.count / 2].value == 0)
        let places = ticks.map { scale.place($0.value) / scale.place(scale.limit) }
        #expect(places.allSatisfy { abs($0) <= 1.005 })
        for (a, b) in zip(places, places.dropFirst()) { #expect(b - a > 0.55 / (Double(count) + 0.5)) }
      }
    }
  }

  /// gnuplot's function is the scale's.
  @Test(.needsGnuplot) func sameInGnuplot() throws {
    let scale = SignedScale(.symlog, of: [0.7, -0.02, 0.05, 0.001])
    let values = [-0.7, -0.02, 0, 1e-3, 0.3]
    let prints = values.map { "print sprintf('%.15g', scaled(\($0)))" }
    let script = (["set print '-'"] + scale.commands(labelsPerSide: 3) + prints).joined(separator: "\n")
    let printed = String(decoding: try Gnuplot.draw(script).picture, as: UTF8.self).split(separator: "\n")
    #expect(printed.count == values.count)
    for (line, value) in zip(printed, values) {
      #expect(abs((Double(line) ?? .nan) - scale.place(value)) < 1e-13)
    }
  }
}
