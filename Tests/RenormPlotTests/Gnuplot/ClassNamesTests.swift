import RenormFiles
import Testing

@testable import RenormPlot

/// Names of classes on an axis.
@Suite struct ClassNamesTests {
  @Test func longNamesLoseTheirMiddle() {
    #expect(ClassNames.cut("versicolor") == "versicolor")
    #expect(ClassNames.cut("virginica hybrid") == "virgini…brid")
    #expect(ClassNames.cut("class number 1") != ClassNames.cut("class number 2"))
  }

  private func places(_ command: String) -> [Double] {
    command.matches(of: /' ([\d.]+)/).compactMap { Double($0.1) }
  }

  @Test func roomyNamesStandLevel() {
    let names = ClassNames([4, "cat_1"], at: [0, 1], unit: 2)
    #expect(
      names.horizontal(offset: "0,0") == #"set xtics scale 0 norotate offset 0,0 ('4' 0.0, 'cat\_1' 1.0)"#)
    #expect(!names.areUpright && places(names.vertical(offset: "0,0")) == [0, 1])
  }

  @Test func crowdedNamesStandUpright() {
    let names = ClassNames(["setosa", "versicolor", "virginica"], at: [0, 1, 2], unit: 0.7)
    #expect(names.areUpright && names.horizontal(offset: "0,0").contains("rotate by 90"))
    #expect(places(names.horizontal(offset: "0,0")) == [0, 1, 2])
  }

  /// Of many classes every some names are shown; a small class between large ones loses its name.
  @Test func overlappingNamesAreLeftOut() {
    let many = ClassNames((0..<100).map { .integer($0) }, at: (0..<100).map(Double.init), unit: 0.05)
    for command in [many.horizontal(offset: "0,0"), many.vertical(offset: "0,0")] {
      let shown = places(command)
      #expect(shown.first == 0 && (8...25).contains(shown.count))
      for (a, b) in zip(shown, shown.dropFirst()) { #expect((b - a) * 0.05 >= ClassNames.line - 1e-9) }
    }
    let uneven = ClassNames([1, 2, 3], at: [1, 2.05, 5], unit: 0.15)
    #expect(places(uneven.vertical(offset: "0,0")) == [1, 5])
  }
}
