/// FC: every hidden unit sees the whole image; n = 1, M = all input values, and the order parameter is one
/// number q (Pacelli et al., Nat. Mach. Intell. 2023; Baglioni et al., PRL 133 (2024)).
public struct FullyConnected: Architecture {
  /// A fully connected hidden layer.
  public init() {}
  public var name: String { "fc" }
  public var window: Window? { nil }
  public func sharedFilterGroups(positions: Int) -> [Range<Int>] { [0..<positions] }
}

/// LCN: local patches, every position with filters of its own. The order parameter is one number q_i per
/// position (Aiudi et al., Nat. Commun. 16 (2025)).
public struct LocallyConnected: Architecture {
  public let window: Window?

  /// Patches of the given size; the stride defaults to the mask.
  public init(mask: Extent, stride: Extent? = nil, padding: Padding = .valid) {
    window = Window(mask: mask, stride: stride, padding: padding)
  }

  public var name: String { "lcn" }
  public func sharedFilterGroups(positions: Int) -> [Range<Int>] { (0..<positions).map { $0..<$0 + 1 } }
}

/// CNN: local patches, one set of filters for all positions. The order parameter is an n x n matrix Q: the
/// kernel K_R = 1/(lambda1 n) sum_ij Q_ij K_ij mixes patches at different positions, which at infinite width it
/// does not (Aiudi et al., Nat. Commun. 16 (2025)). A second hidden layer has patches of positions of the first
/// (docs/depth.md).
public struct Convolutional: Architecture {
  public let window: Window?
  public let upperWindow: Window?

  /// Patches of the given size; the stride defaults to the mask.
  ///
  /// - Parameter upper: the patches of a second hidden layer, in positions of the first.
  public init(mask: Extent, stride: Extent? = nil, padding: Padding = .valid, upper: Window? = nil) {
    window = Window(mask: mask, stride: stride, padding: padding)
    upperWindow = upper
  }

  public var name: String { "cnn" }
  public func sharedFilterGroups(positions: Int) -> [Range<Int>] { [0..<positions] }
}

extension NetworkParameter {
  /// The size of a patch.
  public static let mask = NetworkParameter(
    "mask", .extent, default: .extent(Extent(7)), isInKernels: true,
    help: "Patch of an lcn or cnn in pixels: one number, or HxW; of two hidden layers, one for each: 7,2.")

  /// The distance between neighbouring patches.
  public static let stride = NetworkParameter(
    "stride", .extent, isInKernels: true,
    help: "Distance between patches in pixels: one number, or HxW. (default: the mask, so that patches tile)")

  /// The size of a patch of the second hidden layer.
  public static let upperMask = NetworkParameter(
    "upper-mask", .extent, isInKernels: true,
    help: "Patch of a second hidden layer of a cnn, in positions of the first; the same as a second mask.")

  /// The distance between neighbouring patches of the second hidden layer.
  public static let upperStride = NetworkParameter(
    "upper-stride", .extent, isInKernels: true,
    help: "Distance between patches of a second hidden layer, in positions of the first. (default: its mask)")

  /// How far patches reach over the edges of the image.
  public static let padding = NetworkParameter(
    "padding", .padding, default: .padding(.valid), isInKernels: true,
    help: "Zeros around the image of an lcn or cnn: valid (none), same (a position for every stride), or a "
      + "number of pixels at each side.")
}

/// The architectures that can be chosen by name.
public enum Architectures {
  /// Every built-in architecture.
  public static let builtIn = Registry<any Architecture>(
    "architecture",
    [
      .init("fc") { _ in FullyConnected() },
      .init("lcn", [.mask, .stride, .padding]) { (values) throws(RenormError) in
        LocallyConnected(
          mask: try values.mask(for: "lcn"), stride: values[.stride]?.extent,
          padding: values[.padding]?.padding ?? .valid)
      },
      .init("cnn", [.mask, .stride, .padding, .upperMask, .upperStride]) { (values) throws(RenormError) in
        Convolutional(
          mask: try values.mask(for: "cnn"), stride: values[.stride]?.extent,
          padding: values[.padding]?.padding ?? .valid,
          upper: values[.upperMask]?.extent.map { Window(mask: $0, stride: values[.upperStride]?.extent) })
      },
    ])
}

extension ParameterValues {
  fileprivate func mask(for architecture: String) throws(RenormError) -> Extent {
    for parameter in [NetworkParameter.mask, .stride] {
      guard let list = self[parameter]?.list else { continue }
      throw .invalidParameter(
        name: parameter.key, value: list.map(\.text).joined(separator: ","),
        accepted: "one for each of at most two hidden layers of a cnn")
    }
    guard let mask = self[.mask]?.extent else {
      throw .invalidParameter(
        name: "mask", value: "missing", accepted: "the size of a patch for \(architecture)")
    }
    return mask
  }
}
