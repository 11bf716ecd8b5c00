import RenormFiles
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

@Suite struct PatchGridTests {
  /// Two channels of 3 x 4 pixels: pixel (channel, row, column) has the index 12 channel + 4 row + column.
  let image = ImageShape(channels: 2, height: 3, width: 4)

  private func patch(_ grid: PatchGrid, _ position: Int) -> [Int] {
    grid.offsets.map { grid.origins[position] + $0 }
  }

  @Test func positionsRunAlongRowsAndPatchesAlongChannelsRowsColumns() throws {
    let grid = try PatchGrid(mask: Extent(2), stride: Extent(height: 1, width: 2), on: image)
    #expect(grid.rows == 2 && grid.columns == 2 && grid.positions == 4 && grid.patchSize == 8)
    #expect(patch(grid, 0) == [0, 1, 4, 5, 12, 13, 16, 17])
    #expect(patch(grid, 1) == [2, 3, 6, 7, 14, 15, 18, 19])
    #expect(patch(grid, 2) == [4, 5, 8, 9, 16, 17, 20, 21])
    #expect(patch(grid, 3) == [6, 7, 10, 11, 18, 19, 22, 23])
    #expect(grid.droppedRows == 0 && grid.droppedColumns == 0)
  }

  @Test func overlappingPatchesWithARectangularMask() throws {
    let grid = try PatchGrid(
      mask: Extent(height: 1, width: 3), stride: Extent(height: 2, width: 1), on: image)
    #expect(grid.rows == 2 && grid.columns == 2 && grid.patchSize == 6)
    #expect(patch(grid, 1) == [1, 2, 3, 13, 14, 15])
    #expect(patch(grid, 3) == [9, 10, 11, 21, 22, 23])
  }

  @Test func remaindersAreDropped() throws {
    let wide = ImageShape(channels: 1, height: 7, width: 10)
    let grid = try PatchGrid(mask: Extent(3), stride: Extent(3), on: wide)
    #expect(grid.rows == 2 && grid.columns == 3 && grid.droppedRows == 1 && grid.droppedColumns == 1)
    let rectangular = try PatchGrid(
      mask: Extent(height: 2, width: 4), stride: Extent(height: 4, width: 5), on: wide)
    #expect(rectangular.rows == 2 && rectangular.columns == 2)
    #expect(rectangular.droppedRows == 1 && rectangular.droppedColumns == 1)
  }

  @Test func everyPatchStaysOnTheImage() throws {
    for mask in 1...4 {
      for stride in 1...5 {
        let shape = ImageShape(channels: 3, height: 5, width: 4)
        let grid = try PatchGrid(mask: Extent(mask), stride: Extent(stride), on: shape)
        for position in 0..<grid.positions {
          let pixels = patch(grid, position)
          #expect(Set(pixels).count == 3 * mask * mask)
          #expect(pixels.allSatisfy { 0 <= $0 && $0 < shape.count })
          #expect(
            Set(pixels.map { $0 % 20 % 4 }).count == mask && Set(pixels.map { $0 % 20 / 4 }).count == mask)
        }
        // One more step would leave the image.
        #expect(grid.rows * stride + mask > 5 && (grid.rows - 1) * stride + mask <= 5)
        #expect(grid.columns * stride + mask > 4 && (grid.columns - 1) * stride + mask <= 4)
      }
    }
  }

  @Test func distancesAreInGridUnits() throws {
    let shape = ImageShape(channels: 1, height: 8, width: 15)
    let grid = try PatchGrid(mask: Extent(2), stride: Extent(height: 2, width: 3), on: shape)
    #expect(grid.rows == 4 && grid.columns == 5)
    #expect(grid.distance(0, 1) == 1 && grid.distance(0, 5) == 1)
    // (0, 0) and (3, 4).
    #expect(grid.distance(0, 19) == 5 && grid.distance(19, 0) == 5)
    // (0, 1) and (1, 3).
    expectClose(grid.distance(1, 8), 5.0.squareRoot())
    #expect(grid.distance(7, 7) == 0)
  }

  @Test func badExtentsAreRefused() {
    #expect(throws: RenormError.maskLargerThanImage(mask: "4x1", image: "3x4")) {
      try PatchGrid(mask: Extent(height: 4, width: 1), stride: Extent(1), on: image)
    }
    #expect(throws: RenormError.maskLargerThanImage(mask: "1x5", image: "3x4")) {
      try PatchGrid(mask: Extent(height: 1, width: 5), stride: Extent(1), on: image)
    }
    #expect(
      throws: RenormError.invalidParameter(name: "mask", value: "0x2", accepted: "positive numbers of pixels")
    ) {
      try PatchGrid(mask: Extent(height: 0, width: 2), stride: Extent(1), on: image)
    }
    #expect(
      throws: RenormError.invalidParameter(
        name: "stride", value: "1x-1", accepted: "positive numbers of pixels")
    ) { try PatchGrid(mask: Extent(1), stride: Extent(height: 1, width: -1), on: image) }
  }
}
