public import RenormData

/// The connectivity of the hidden layer: where filters lie, and which positions share one.
///
/// The order parameter has one symmetric block per group of positions that share a filter, so these two
/// facts determine its form: a number (FC), one number per position (LCN), one n x n matrix (CNN).
public protocol Architecture: Sendable {
  /// The name in reports, model files and on the command line.
  var name: String { get }

  /// Size and distance of the patches; nil where a hidden unit sees the whole image.
  var window: Window? { get }

  /// The positions 0..<n split into consecutive groups; the positions of a group share their filter.
  func sharedFilterGroups(positions: Int) -> [Range<Int>]
}

extension Architecture {
  /// The positions of the hidden layer on an image.
  ///
  /// - Throws: `RenormError` where the image does not admit the mask.
  public func grid(on image: ImageShape) throws(RenormError) -> PatchGrid {
    let whole = Extent(height: image.height, width: image.width)
    let window = self.window ?? Window(mask: whole)
    return try PatchGrid(mask: window.mask, stride: window.stride, on: image)
  }
}

/// Local patches: their size, and the distance between neighbouring ones.
public struct Window: Equatable, Sendable, Codable {
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

/// FC: every hidden unit sees the whole image; n = 1.
public struct FullyConnected: Architecture {
  public init() {}
  public var name: String { Architectures.fullyConnected }
  public var window: Window? { nil }
  public func sharedFilterGroups(positions: Int) -> [Range<Int>] { [0..<positions] }
}

/// LCN: local patches, every position with filters of its own.
public struct LocallyConnected: Architecture {
  public let window: Window?

  /// Patches of the given size; the stride defaults to the mask.
  public init(mask: Extent, stride: Extent? = nil) { window = Window(mask: mask, stride: stride) }

  public var name: String { Architectures.locallyConnected }
  public func sharedFilterGroups(positions: Int) -> [Range<Int>] { (0..<positions).map { $0..<$0 + 1 } }
}

/// CNN: local patches, one set of filters for all positions.
public struct Convolutional: Architecture {
  public let window: Window?

  /// Patches of the given size; the stride defaults to the mask.
  public init(mask: Extent, stride: Extent? = nil) { window = Window(mask: mask, stride: stride) }

  public var name: String { Architectures.convolutional }
  public func sharedFilterGroups(positions: Int) -> [Range<Int>] { [0..<positions] }
}

/// The architectures that can be chosen by name.
public enum Architectures {
  static let fullyConnected = "fc"
  static let locallyConnected = "lcn"
  static let convolutional = "cnn"

  /// Every name, with whether it takes a window.
  public static let all: [(name: String, isLocal: Bool)] = [
    (fullyConnected, false), (locallyConnected, true), (convolutional, true),
  ]

  /// The architecture of the given name; a window is needed by local ones and ignored by others.
  ///
  /// - Throws: `RenormError.invalidParameter` for an unknown name or a missing window.
  public static func named(_ name: String, window: Window?) throws(RenormError) -> any Architecture {
    switch (name, window) {
    case (fullyConnected, _): return FullyConnected()
    case (locallyConnected, let window?): return LocallyConnected(mask: window.mask, stride: window.stride)
    case (convolutional, let window?): return Convolutional(mask: window.mask, stride: window.stride)
    case (locallyConnected, nil), (convolutional, nil):
      throw .invalidParameter(name: "mask", value: "missing", accepted: "the size of a patch for \(name)")
    default:
      throw .invalidParameter(
        name: "architecture", value: "'\(name)'", accepted: all.map(\.name).joined(separator: ", "))
    }
  }
}
