/// FC: every hidden unit sees the whole image; n = 1.
public struct FullyConnected: Architecture {
  /// A fully connected hidden layer.
  public init() {}
  public var name: String { "fc" }
  public var window: Window? { nil }
  public func sharedFilterGroups(positions: Int) -> [Range<Int>] { [0..<positions] }
}

/// LCN: local patches, every position with filters of its own.
public struct LocallyConnected: Architecture {
  public let window: Window?

  /// Patches of the given size; the stride defaults to the mask.
  public init(mask: Extent, stride: Extent? = nil) { window = Window(mask: mask, stride: stride) }

  public var name: String { "lcn" }
  public func sharedFilterGroups(positions: Int) -> [Range<Int>] { (0..<positions).map { $0..<$0 + 1 } }
}

/// CNN: local patches, one set of filters for all positions.
public struct Convolutional: Architecture {
  public let window: Window?

  /// Patches of the given size; the stride defaults to the mask.
  public init(mask: Extent, stride: Extent? = nil) { window = Window(mask: mask, stride: stride) }

  public var name: String { "cnn" }
  public func sharedFilterGroups(positions: Int) -> [Range<Int>] { [0..<positions] }
}

/// The architectures that can be chosen by name.
public enum Architectures {
  /// A name and how its architecture is made.
  public struct Entry: Sendable {
    /// The name on the command line and in files.
    public let name: String
    /// Whether hidden units see patches, so that a window is needed.
    public let isLocal: Bool
    fileprivate let make: @Sendable (Window) -> any Architecture
  }

  /// Every architecture.
  public static let all = [
    Entry(name: "fc", isLocal: false) { _ in FullyConnected() },
    Entry(name: "lcn", isLocal: true) { LocallyConnected(mask: $0.mask, stride: $0.stride) },
    Entry(name: "cnn", isLocal: true) { Convolutional(mask: $0.mask, stride: $0.stride) },
  ]

  /// The architecture of the given name; a window is needed by local ones and ignored by others.
  ///
  /// - Throws: `RenormError.invalidParameter` for an unknown name or a missing window.
  public static func named(_ name: String, window: Window?) throws(RenormError) -> any Architecture {
    guard let entry = all.first(where: { $0.name == name }) else {
      throw .invalidParameter(
        name: "architecture", value: "'\(name)'", accepted: all.map(\.name).joined(separator: ", "))
    }
    guard window != nil || !entry.isLocal else {
      throw .invalidParameter(name: "mask", value: "missing", accepted: "the size of a patch for \(name)")
    }
    return entry.make(window ?? Window(mask: Extent(1)))
  }
}
