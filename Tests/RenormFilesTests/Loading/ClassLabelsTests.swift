import LinearAlgebra
import Testing

@testable import RenormFiles

@Suite struct ClassLabelsTests {
  @Test func twoClasses() {
    let targets = ClassLabels.targets([8, 3, 3], classes: [3, 8])
    #expect(targets == Matrix(rows: 3, columns: 1, elements: [1, -1, -1]))
    #expect(ClassLabels.targets([8, 3, 3], classes: [8, 3]).elements == [-1, 1, 1])
  }

  @Test func moreClasses() {
    let targets = ClassLabels.targets([7, 2], classes: [2, 5, 7, 9])
    #expect(targets.row(0) == [-0.25, -0.25, 0.75, -0.25])
    #expect(targets.row(1) == [0.75, -0.25, -0.25, -0.25])
  }
}
