/// The connectivity of the hidden layer: where filters lie, and which positions share one (docs/theory.md,
/// section 1):
///
///     h_ai(x) = M^(-1/2) w_a . x_i      positions share the filter of unit a (FC with n = 1, CNN)
///     h_ai(x) = M^(-1/2) w_ai . x_i     a filter for every position (LCN)
///
/// Pre-activations at positions without a common filter are independent under the prior, so K_ij and Q_ij
/// between them vanish. The order parameter has one symmetric block per group of positions that share a filter,
/// and these two facts determine its form: a number (FC), one number per position (LCN), one n x n matrix
/// (CNN). Aiudi et al., Nat. Commun. 16 (2025), call this global and local kernel renormalization.
public protocol Architecture: Hashable, Sendable {
  /// The name in reports, model files and on the command line.
  var name: String { get }

  /// The values of its parameters, from which `Architectures.builtIn` makes it again; those of the windows by
  /// default.
  var parameters: ParameterValues { get }

  /// Size of the patches and distance between neighbouring ones, in pixels; nil where a hidden unit sees the
  /// whole image.
  var window: Window? { get }

  /// The patches of a second hidden layer on the positions of the first; nil, the default, where there is none.
  var upperWindow: Window? { get }

  /// The positions of the hidden layer on an image; by default those of the window.
  ///
  /// - Throws: `RenormError` where the image does not admit the mask.
  func grid(on image: ImageShape) throws(RenormError) -> PatchGrid

  /// The positions 0..<n split into consecutive groups; the positions of a group share their filter.
  func sharedFilterGroups(positions: Int) -> [Range<Int>]
}

extension Architecture {
  public var upperWindow: Window? { nil }

  public var parameters: ParameterValues {
    var values: ParameterValues = [:]
    if let window {
      values[.mask] = .extent(window.mask)
      values[.stride] = .extent(window.stride)
      values[.padding] = .padding(window.padding)
    }
    if let upperWindow {
      values[.upperMask] = .extent(upperWindow.mask)
      values[.upperStride] = .extent(upperWindow.stride)
    }
    return values
  }

  public func grid(on image: ImageShape) throws(RenormError) -> PatchGrid {
    let whole = Extent(height: image.height, width: image.width)
    let window = self.window ?? Window(mask: whole)
    return try PatchGrid(mask: window.mask, stride: window.stride, padding: window.padding, on: image)
  }
}

extension Architecture {
  /// Whether there are positions and all share one set of filters.
  package var sharesOneFilter: Bool { window != nil && sharedFilterGroups(positions: 2).count == 1 }
}

/// Local patches: their size, the distance between neighbouring ones, and how far they reach over the edges.
public struct Window: Hashable, Sendable {
  /// Rows x columns of a patch in pixels; M = input channels x rows x columns.
  public let mask: Extent
  /// Rows and columns of pixels from one patch to the next.
  public let stride: Extent
  /// Zeros around the image.
  public let padding: Padding

  /// The stride defaults to the mask, so that patches tile the image.
  public init(mask: Extent, stride: Extent? = nil, padding: Padding = .valid) {
    self.mask = mask
    self.stride = stride ?? mask
    self.padding = padding
  }
}

/// Written as mask and stride; files hold padding as a parameter of its own.
extension Window: Codable {
  private enum CodingKeys: String, CodingKey { case mask, stride }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      mask: try container.decode(Extent.self, forKey: .mask),
      stride: try container.decode(Extent.self, forKey: .stride))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(mask, forKey: .mask)
    try container.encode(stride, forKey: .stride)
  }
}
