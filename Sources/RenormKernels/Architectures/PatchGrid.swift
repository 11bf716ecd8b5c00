internal import LinearAlgebra

/// Where a filter is laid on an image: n positions, each seeing a patch of M inputs (docs/theory.md, section
/// 1). For a stride (a, b) and a mask of h x w pixels the patch x_i at position i = (row, column) has the
/// pixels
///
///     (channel, a row + y, b column + x),   0 <= y < h, 0 <= x < w,
///     rows = (height - h)/a + 1, columns = (width - w)/b + 1   (rounded down),   n = rows columns.
///
/// Positions are ordered row-major over the grid; a patch is ordered channels x rows x columns. The last
/// rows and columns of pixels that the stride does not reach are dropped, as in convolution without padding.
public struct PatchGrid: Equatable, Sendable {
  /// The image that the grid lies on.
  public let image: ImageShape
  /// Size of a patch.
  public let mask: Extent
  /// Rows of positions.
  public let rows: Int
  /// Columns of positions.
  public let columns: Int
  /// Rows of pixels at the bottom that no patch covers.
  public let droppedRows: Int
  /// Columns of pixels at the right that no patch covers.
  public let droppedColumns: Int
  /// For every position, the index of its first pixel among those of the first channel.
  package let origins: [Int]
  /// For every element of a patch, its index relative to the origin.
  package let offsets: [Int]

  /// Lays a mask over the image at every multiple of the stride where it fits.
  ///
  /// - Throws: `RenormError.invalidParameter` unless mask and stride are positive,
  ///   `.maskLargerThanImage` where the mask does not fit once.
  public init(mask: Extent, stride: Extent, on image: ImageShape) throws(RenormError) {
    for (name, extent) in [("mask", mask), ("stride", stride)] where extent.height < 1 || extent.width < 1 {
      throw .invalidParameter(name: name, value: "\(extent)", accepted: "positive numbers of pixels")
    }
    guard mask.height <= image.height, mask.width <= image.width else {
      throw .maskLargerThanImage(mask: "\(mask)", image: "\(image.height)x\(image.width)")
    }
    // A mask and a number of positions as long as the image are the most that a grid lists.
    let pixels = [image.channels, image.height, image.width].reduce((1, false)) {
      let (product, overflow) = $0.0.multipliedReportingOverflow(by: $1)
      return (product, $0.1 || overflow)
    }
    let bytes = pixels.1 || pixels.0 > Int.max / 16 ? Int.max : 16 * pixels.0
    if let available = MemoryBudget.shortage(of: bytes) {
      throw .outOfMemory(
        what: "the positions of an image of \(image)", bytes: bytes, available: available,
        advice: "take a smaller image")
    }
    self.image = image
    self.mask = mask
    rows = (image.height - mask.height) / stride.height + 1
    columns = (image.width - mask.width) / stride.width + 1
    droppedRows = max(0, image.height - (rows - 1) * stride.height - mask.height)
    droppedColumns = max(0, image.width - (columns - 1) * stride.width - mask.width)
    var origins: [Int] = []
    for row in 0..<rows {
      for column in 0..<columns { origins.append(row * stride.height * image.width + column * stride.width) }
    }
    var offsets: [Int] = []
    for channel in 0..<image.channels {
      for y in 0..<mask.height {
        for x in 0..<mask.width { offsets.append((channel * image.height + y) * image.width + x) }
      }
    }
    self.origins = origins
    self.offsets = offsets
  }

  /// The number of positions n.
  public var positions: Int { rows * columns }
  /// The number of inputs M that one hidden unit sees.
  public var patchSize: Int { offsets.count }

  /// d_ij, the Euclidean distance between two positions in grid units: 1 between neighbours, whatever the
  /// stride.
  public func distance(_ i: Int, _ j: Int) -> Double {
    let rowStep = Double(i / columns - j / columns)
    let columnStep = Double(i % columns - j % columns)
    return (rowStep * rowStep + columnStep * columnStep).squareRoot()
  }
}
