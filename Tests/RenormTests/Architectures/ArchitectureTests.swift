import RenormFiles
import Testing

@testable import Renorm

@Suite struct ArchitectureTests {
  let image = ImageShape(channels: 2, height: 4, width: 6)

  @Test func fullyConnectedSeesTheWholeImageOnce() throws {
    let grid = try FullyConnected().grid(on: image)
    #expect(grid.positions == 1 && grid.offsets == Array(0..<48) && grid.origins == [0])
    #expect(FullyConnected().sharedFilterGroups(positions: 1) == [0..<1])
  }

  @Test func strideDefaultsToTheMask() throws {
    #expect(Convolutional(mask: Extent(2)).window?.stride == Extent(2))
    #expect(LocallyConnected(mask: Extent(height: 2, width: 3)).window?.stride == Extent(height: 2, width: 3))
    #expect(try Convolutional(mask: Extent(2)).grid(on: image).positions == 6)
    #expect(try LocallyConnected(mask: Extent(2), stride: Extent(1)).grid(on: image).positions == 15)
  }

  @Test func filtersAreSharedInACNNOnly() {
    #expect(Convolutional(mask: Extent(2)).sharedFilterGroups(positions: 6) == [0..<6])
    #expect(LocallyConnected(mask: Extent(2)).sharedFilterGroups(positions: 3) == [0..<1, 1..<2, 2..<3])
  }

  @Test func namesAreThoseOfTheCommandLine() {
    #expect(FullyConnected().name == "fc")
    #expect(LocallyConnected(mask: Extent(1)).name == "lcn")
    #expect(Convolutional(mask: Extent(1)).name == "cnn")
  }
}
