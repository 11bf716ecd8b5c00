internal import LinearAlgebra

/// How the kernels of a fit are held.
public struct MemoryPlan: Equatable, Sendable {
  /// The forms in which kernels are held, fastest first.
  public enum Storage: String, Sendable, Codable, CaseIterable {
    /// Double precision.
    case float64
    /// Single precision, with sums in double precision.
    case float32
    /// Tiles that are computed anew on every pass.
    case recomputed = "tiles"
  }

  /// The form that was chosen.
  public let storage: Storage
  /// Bytes that kernels and factorisations are estimated to take.
  public let bytes: Int
}
