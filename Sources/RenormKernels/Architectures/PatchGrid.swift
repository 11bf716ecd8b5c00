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
/// With padding, height and width are those of the image with zeros around it.
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
  /// The image with zeros around it; the image itself without padding.
  package let padded: ImageShape
  /// Rows and columns of zeros above and on the left.
  package let margin: (top: Int, left: Int)
  /// For every position, the index of its first pixel among those of the first channel of the padded image.
  package let origins: [Int]
  /// For every element of a patch, its index relative to the origin.
  package let offsets: [Int]

  /// Lays a mask over the image at every multiple of the stride where it fits.
  ///
  /// - Throws: `RenormError.invalidParameter` unless mask and stride are positive and the padding is below the
  ///   mask, `.maskLargerThanImage` where the mask does not fit once.
  public init(
    mask: Extent, stride: Extent, padding: Padding = .valid, on image: ImageShape
  ) throws(RenormError) {
    for (name, extent) in [("mask", mask), ("stride", stride)] where extent.height < 1 || extent.width < 1 {
      throw .invalidParameter(name: name, value: "\(extent)", accepted: "positive numbers of pixels")
    }
    let rowMargins = try padding.margins(side: image.height, mask: mask.height, stride: stride.height)
    let columnMargins = try padding.margins(side: image.width, mask: mask.width, stride: stride.width)
    let padded = ImageShape(
      channels: image.channels, height: image.height + rowMargins.before + rowMargins.after,
      width: image.width + columnMargins.before + columnMargins.after)
    guard mask.height <= padded.height, mask.width <= padded.width else {
      throw .maskLargerThanImage(mask: "\(mask)", image: "\(padded.height)x\(padded.width)")
    }
    // A mask and a number of positions as long as the image are the most that a grid lists.
    let pixels = [padded.channels, padded.height, padded.width].reduce((1, false)) {
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
    self.padded = padded
    margin = (rowMargins.before, columnMargins.before)
    rows = (padded.height - mask.height) / stride.height + 1
    columns = (padded.width - mask.width) / stride.width + 1
    let unseenRows = padded.height - (rows - 1) * stride.height - mask.height
    let unseenColumns = padded.width - (columns - 1) * stride.width - mask.width
    droppedRows = max(0, unseenRows - rowMargins.after)
    droppedColumns = max(0, unseenColumns - columnMargins.after)
    var origins: [Int] = []
    for row in 0..<rows {
      for column in 0..<columns { origins.append(row * stride.height * padded.width + column * stride.width) }
    }
    var offsets: [Int] = []
    for channel in 0..<image.channels {
      for y in 0..<mask.height {
        for x in 0..<mask.width { offsets.append((channel * padded.height + y) * padded.width + x) }
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

extension PatchGrid {
  public static func == (a: PatchGrid, b: PatchGrid) -> Bool {
    a.image == b.image && a.mask == b.mask && a.padded == b.padded && a.margin == b.margin
      && a.origins == b.origins && a.offsets == b.offsets
  }

  package var isPadded: Bool { padded != image }

  /// Writes an image with zeros around it; `padded.count` numbers, of which those of the margins are not
  /// touched.
  package func pad(_ image: UnsafePointer<Double>, into target: UnsafeMutablePointer<Double>) {
    for row in 0..<self.image.channels * self.image.height {
      let (channel, y) = (row / self.image.height, row % self.image.height)
      let start = (channel * padded.height + y + margin.top) * padded.width + margin.left
      (target + start).update(from: image + row * self.image.width, count: self.image.width)
    }
  }

  /// The indices of the pixels of an image that some patch covers, ascending.
  package var seenPixels: [Int] {
    let seen = Set(origins.flatMap { origin in offsets.map { origin + $0 } }).sorted()
    guard isPadded else { return seen }
    return seen.compactMap { index in
      let (channel, pixel) = (index / (padded.height * padded.width), index % (padded.height * padded.width))
      let (y, x) = (pixel / padded.width - margin.top, pixel % padded.width - margin.left)
      guard (0..<image.height).contains(y), (0..<image.width).contains(x) else { return nil }
      return (channel * image.height + y) * image.width + x
    }
  }
}
