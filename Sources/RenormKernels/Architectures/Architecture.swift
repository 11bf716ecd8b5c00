
/// The connectivity of the hidden layer: where filters lie, and which positions share one.
///
/// The order parameter has one symmetric block per group of positions that share a filter, so these two
/// facts determine its form: a number (FC), one number per position (LCN), one n x n matrix (CNN).
public protocol Architecture: Hashable, Sendable {
  /// The name in reports, model files and on the command line.
  var name: String { get }

  /// The values of its parameters, from which `Architectures.builtIn` makes it again; those of the window by default.
  var parameters: ParameterValues { get }

  /// Size and distance of the patches; nil where a hidden unit sees the whole image.
  var window: Window? { get }

  /// The positions of the hidden layer on an image; by default those of the window.
  ///
  /// - Throws: `RenormError` where the image does not admit the mask.
  func grid(on image: ImageShape) throws(RenormError) -> PatchGrid

  /// The positions 0..<n split into consecutive groups; the positions of a group share their filter.
  func sharedFilterGroups(positions: Int) -> [Range<Int>]
}

extension Architecture {
  public var parameters: ParameterValues {
    window.map { [.mask: .extent($0.mask), .stride: .extent($0.stride)] } ?? [:]
  }

  public func grid(on image: ImageShape) throws(RenormError) -> PatchGrid {
    let whole = Extent(height: image.height, width: image.width)
    let window = self.window ?? Window(mask: whole)
    return try PatchGrid(mask: window.mask, stride: window.stride, on: image)
  }
}

extension Architecture {
  /// Whether there are positions and all share one set of filters.
  package var sharesOneFilter: Bool { window != nil && sharedFilterGroups(positions: 2).count == 1 }
}

/// Local patches: their size, and the distance between neighbouring ones.
public struct Window: Hashable, Sendable, Codable {
  /// Size of a patch.
  public let mask: Extent
  /// Distance between neighbouring patches.
  public let stride: Extent

  /// The stride defaults to the mask, so that patches tile the image.
  public init(mask: Extent, stride: Extent? = nil) {
    self.mask = mask
    self.stride = stride ?? mask
  }
}
