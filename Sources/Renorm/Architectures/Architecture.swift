public import RenormData

/// The connectivity of the hidden layer: where filters lie, and which positions share one.
///
/// The order parameter has one symmetric block per group of positions that share a filter, so these two
/// facts determine its form: a number (FC), one number per position (LCN), one n x n matrix (CNN).
public protocol Architecture: Sendable {
  /// The name in reports, model files and on the command line.
  var name: String { get }

  /// The positions of the hidden layer on an image.
  ///
  /// - Throws: `RenormError` where the image does not admit the mask.
  func grid(on image: ImageShape) throws(RenormError) -> PatchGrid

  /// The positions 0..<n split into consecutive groups; the positions of a group share their filter.
  func sharedFilterGroups(positions: Int) -> [Range<Int>]
}

/// FC: every hidden unit sees the whole image; n = 1.
public struct FullyConnected: Architecture {
  public init() {}
  public var name: String { "fc" }

  public func grid(on image: ImageShape) throws(RenormError) -> PatchGrid {
    let whole = Extent(height: image.height, width: image.width)
    return try PatchGrid(mask: whole, stride: whole, on: image)
  }

  public func sharedFilterGroups(positions: Int) -> [Range<Int>] { [0..<positions] }
}

/// LCN: local patches, every position with filters of its own.
public struct LocallyConnected: Architecture {
  /// Size of a patch.
  public let mask: Extent
  /// Distance between neighbouring patches.
  public let stride: Extent

  /// Patches of the given size; the stride defaults to the mask, so that they tile the image.
  public init(mask: Extent, stride: Extent? = nil) {
    self.mask = mask
    self.stride = stride ?? mask
  }

  public var name: String { "lcn" }

  public func grid(on image: ImageShape) throws(RenormError) -> PatchGrid {
    try PatchGrid(mask: mask, stride: stride, on: image)
  }

  public func sharedFilterGroups(positions: Int) -> [Range<Int>] { (0..<positions).map { $0..<$0 + 1 } }
}

/// CNN: local patches, one set of filters for all positions.
public struct Convolutional: Architecture {
  /// Size of a patch.
  public let mask: Extent
  /// Distance between neighbouring patches.
  public let stride: Extent

  /// Patches of the given size; the stride defaults to the mask, so that they tile the image.
  public init(mask: Extent, stride: Extent? = nil) {
    self.mask = mask
    self.stride = stride ?? mask
  }

  public var name: String { "cnn" }

  public func grid(on image: ImageShape) throws(RenormError) -> PatchGrid {
    try PatchGrid(mask: mask, stride: stride, on: image)
  }

  public func sharedFilterGroups(positions: Int) -> [Range<Int>] { [0..<positions] }
}
