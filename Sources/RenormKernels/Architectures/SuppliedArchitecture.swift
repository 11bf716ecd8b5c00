/// n indices whose kernels are supplied: coupled as the positions of a CNN, or not, as those of an LCN.
public struct SuppliedArchitecture: Architecture {
  /// The kernels.
  public let kernels: SuppliedKernels

  /// An architecture of supplied kernels.
  public init(_ kernels: SuppliedKernels) { self.kernels = kernels }

  public var name: String { Self.name }
  static let name = "supplied"
  public var window: Window? { nil }
  public var parameters: ParameterValues { [:] }

  public func grid(on image: ImageShape) throws(RenormError) -> PatchGrid {
    try PatchGrid(mask: Extent(1), stride: Extent(1), on: image)
  }

  public func sharedFilterGroups(positions: Int) -> [Range<Int>] {
    kernels.isCoupled ? [0..<positions] : (0..<positions).map { $0..<$0 + 1 }
  }

  public static func == (a: Self, b: Self) -> Bool { a.kernels.isSame(as: b.kernels) }
  public func hash(into hasher: inout Hasher) { hasher.combine(kernels.identity) }
}
