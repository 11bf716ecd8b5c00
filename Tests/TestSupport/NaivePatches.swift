/// The patches that a mask cuts from an image with some stride, by loops (docs/theory.md, section 2).
package struct NaivePatches {
  package var channels: Int
  package var height: Int
  package var width: Int
  /// Height and width of mask and stride.
  package var mask: (Int, Int)
  package var stride: (Int, Int)

  package init(channels: Int, height: Int, width: Int, mask: (Int, Int), stride: (Int, Int)) {
    self.channels = channels
    self.height = height
    self.width = width
    self.mask = mask
    self.stride = stride
  }

  /// Row and column of the top left pixel of every patch.
  package var corners: [(Int, Int)] {
    var corners: [(Int, Int)] = []
    var top = 0
    while top + mask.0 <= height {
      var left = 0
      while left + mask.1 <= width {
        corners.append((top, left))
        left += stride.1
      }
      top += stride.0
    }
    return corners
  }

  /// The patches of one example: position -> channels x rows x columns.
  package func callAsFunction(_ x: [Double]) -> [[Double]] {
    corners.map { top, left in
      var patch: [Double] = []
      for channel in 0..<channels {
        for row in top..<top + mask.0 {
          for column in left..<left + mask.1 { patch.append(x[(channel * height + row) * width + column]) }
        }
      }
      return patch
    }
  }
}
