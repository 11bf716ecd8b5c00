import Foundation
import Testing

@testable import RenormSweep

@Suite struct SweepSpecificationTests {
  private let yaml = """
    architecture: [fc, cnn]
    width: {logspace: [10, 1000, 3]}
    infinite-width: true
    temperature: {logspace: [0.001, 1, 4]}
    lambda1: {linspace: [0.5, 2, 4]}
    mask: [2, 2x3]
    shuffle-seed: {linspace: [1, 3, 3]}
    train-count: 20
    tolerance: 1e-9
    max-iterations: 40
    validation-fraction: 0.2
    zip: [[temperature, lambda1]]
    """

  @Test func valuesOfAxes() throws {
    let specification = try SmallSweep().specification(yaml)
    func texts(_ key: SweepKey) -> [String]? { specification.axis(key)?.values.map(\.text) }
    #expect(texts(.width) == ["10", "100", "1000", "infinite"])
    // Decades are exact.
    #expect(texts(.temperature) == ["0.001", "0.01", "0.1", "1.0"])
    #expect(texts(.lambda1) == ["0.5", "1.0", "1.5", "2.0"])
    #expect(texts(.mask) == ["2", "2x3"])
    #expect(texts(.shuffleSeed) == ["1", "2", "3"])
    #expect(texts(.alpha) == nil)
    #expect(specification.zips == [[.temperature, .lambda1]])
    #expect(specification.tolerance == 1e-9 && specification.maximumIterations == 40)
    #expect(specification.selection.validationFraction == 0.2)
    // The order of the axes does not depend on the order of the lines.
    #expect(
      specification.axes.map(\.key)
        == [.architecture, .mask, .shuffleSeed, .trainCount, .width, .temperature, .lambda1])
  }

  /// Whole numbers of a range that coincide count once.
  @Test func roundedRanges() throws {
    let specification = try SmallSweep().specification(
      "architecture: fc\ntemperature: 1\nwidth: {logspace: [1, 4, 6]}")
    #expect(specification.axis(.width)?.values.map(\.text) == ["1", "2", "3", "4"])
  }

  @Test func optionsGiveTheSame() throws {
    let sweep = try SmallSweep()
    let fromFile = try sweep.specification(yaml)
    let fromOptions = try SweepSpecification(options: [
      (.train, sweep.scratch.path("data.csv")), (.classification, "true"), (.shape, "1x4x4"),
      (.testFraction, "0.25"),
      (.zip, "temperature,lambda1"), (.architecture, "fc,cnn"), (.width, "logspace(10,1000,3)"),
      (.infiniteWidth, "true"), (.temperature, "logspace(0.001, 1, 4)"), (.lambda1, "linspace(0.5,2,4)"),
      (.mask, "2, 2x3"), (.shuffleSeed, "1,2,3"), (.trainCount, "20"), (.tolerance, "1e-9"),
      (.maxIterations, "40"),
      (.validationFraction, "0.2"),
    ])
    #expect(fromFile.canonical == fromOptions.canonical)
  }

  /// What a store keeps gives the specification back.
  @Test(arguments: [
    "", "alpha: [0.5, 2]\ninfinite-width: true\nclasses: [1, 0]\ngrayscale: true\npixel-step: 2\nfeature",
  ])
  func canonicalForm(_ lines: String) throws {
    let text =
      lines.isEmpty
      ? yaml
      : "architecture: fc\ntemperature: [1, 2]\nlambda1: [1, 2]\nlambda0: [1, 2]\nactivation: [erf, relu]\n"
        + "zip: [[temperature, lambda1], [lambda0, activation]]\n"
        + lines.replacing("\nfeature", with: "\nstandardize: feature")
    let specification = try SmallSweep().specification(text)
    let again = try SweepSpecification(canonical: specification.canonical, store: "sweep.json")
    #expect(again.canonical == specification.canonical)
    #expect(again.axes.map(\.values) == specification.axes.map(\.values))
    #expect(again.zips == specification.zips)
    #expect(again.files == specification.files && again.selection == specification.selection)
  }

  @Test func pathsAreRelativeToTheFile() throws {
    let sweep = try SmallSweep()
    let specification = try sweep.specification("architecture: fc\ntemperature: 1\nwidth: 3")
    #expect(specification.files.train == sweep.scratch.path("data.csv"))
  }
}
