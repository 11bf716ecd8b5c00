internal import LinearAlgebra

/// How the kernels of a fit are held, chosen before anything large is allocated.
public struct MemoryPlan: Equatable, Sendable {
  /// The forms in which kernels are held, fastest first.
  public enum Storage: String, Sendable, Codable, CaseIterable {
    /// Double precision.
    case float64
    /// Single precision, with sums in double precision.
    case float32
    /// Tiles that are computed anew on every pass.
    case tiles
  }

  /// The form that was chosen.
  public let storage: Storage
  /// Bytes that kernels, factorisations and work space are estimated to take, the data set excluded.
  public let bytes: Int
  /// Bytes that may be taken.
  public let limit: Int
  /// The order of the matrix that every evaluation of the action factors and inverts, as its cube: P, or P D
  /// where the order parameter couples outputs at many positions. Of order 5000 it takes a few seconds.
  public let order: Int

  /// The fastest plan that stays below the limit.
  ///
  /// - Parameters:
  ///   - elements: numbers that a stored bank holds; 0 for a single kernel.
  ///   - workspace: bytes that every plan takes.
  /// - Throws: `RenormError.outOfMemory` where none does.
  package init(
    elements: Int, workspace: Int, limit: Int, order: Int, what: String
  ) throws(RenormError) {
    self.order = order
    let (doubles, overflow) = elements.multipliedReportingOverflow(by: 8)
    let floats = elements.multipliedReportingOverflow(by: 4).partialValue
    self.limit = limit
    if !overflow, doubles <= limit - workspace {
      (storage, bytes) = (.float64, doubles + workspace)
    } else if !overflow, floats <= limit - workspace {
      (storage, bytes) = (.float32, floats + workspace)
    } else if workspace <= limit {
      (storage, bytes) = (.tiles, workspace)
    } else {
      throw .outOfMemory(what: what, bytes: workspace, available: limit)
    }
  }
}

extension MemoryPlan {
  /// The plan for one kernel of P examples. In units of P^2 numbers:
  ///
  /// - while it is made: the kernel, and its triangle (1/2);
  /// - then, at finite width, its reduction (1) and the triangle, or the triangle alone;
  /// - at the solution the triangle of K_R beside these, and a factor for each of D outputs beside that
  ///   triangle (beside all, where a family keeps its kernels).
  ///
  /// - Parameters:
  ///   - weights: S, n x n, of the sum sum_ij S_ij K_ij that is held.
  ///   - isReduced: whether the kernel is reduced.
  ///   - isKept: whether it is kept beside the factors.
  ///   - latents: m, of a likelihood that is not Gaussian; else 0.
  /// - Throws: `RenormError.outOfMemory` where these do not fit.
  package static func singleKernel(
    _ local: LocalKernels, examples p: Int, outputs d: Int, weights: Matrix, isReduced: Bool, isKept: Bool,
    latents m: Int = 0, limit: Int
  ) throws(RenormError) -> MemoryPlan {
    // Halves of P^2.
    let held = isReduced ? 3 : 1
    let halves = max(3, held + 1, 1 + 2 * d + (isKept ? held : 0))
    return try MemoryPlan(
      elements: 0,
      workspace: 8
        * (p * p * halves / 2 + common(local, local.pairs.restricted(to: weights), p)
          + (isReduced ? TridiagonalReduction.workspace(order: p) : 0) + latentWorkspace(p * m)),
      limit: limit, order: p * max(m, 1),
      what: "a kernel of \(local.positions) positions and \(p) examples"
        + (m > 1 ? " with \(m + 1) classes, which take matrices of order \(p * m)," : ""))
  }

  /// Numbers of the integral over latents: K_R, L^T K_R, B and its factor, what it explains, R, and copies of
  /// two.
  fileprivate static func latentWorkspace(_ order: Int) -> Int { 8 * order * order }

  /// Numbers that every plan holds: patches, tiles of every core, pairs and matrices over the positions.
  private static func common(_ local: LocalKernels, _ pairs: IndexPairs, _ p: Int) -> Int {
    let edges = TileEdges(pairs, storedFor: p)
    let group = pairs.groups.map(\.count).max() ?? 1
    let tile = (group * group + pairs.count) * min(edges.rows, p) * min(edges.columns, p)
    return p * local.positions * local.patchLength + local.threads * tile + 4 * pairs.count
      + 4 * local.positions * local.positions
  }

  /// The plan for the kernels of all pairs of positions.
  ///
  /// Besides the bank: the patches, five matrices of order P, and for the curvature a vector of length P for
  /// every pair and every probe, eight for each core, and four matrices of the order of the number of pairs.
  ///
  /// - Parameters:
  ///   - outputs: D; of several, K_ij and K_ji are held apart, and matrices are of order P D.
  ///   - probes: vectors that the curvature multiplies with every kernel.
  ///   - largestDimension: pairs of positions beyond which there is no curvature.
  ///   - latents: m, of a likelihood that is not Gaussian; else 0.
  package static func bank(
    _ local: LocalKernels, examples p: Int, outputs d: Int = 1, probes: Int, largestDimension: Int,
    latents m: Int = 0, limit: Int
  ) throws(RenormError) -> MemoryPlan {
    if d > 1 { return try bank(local, examples: p, coupled: d, probes: probes, latents: m, limit: limit) }
    let pairs = local.pairs.count
    let layout = TiledBank.Layout(order: p, pairs: pairs, edges: TileEdges(local.pairs, storedFor: p))
    let curvature =
      pairs <= largestDimension
      ? (probes + TiledBank.productWidth * local.threads) * p * pairs + 4 * pairs * pairs : 0
    return try MemoryPlan(
      elements: layout.count,
      workspace: 8 * (5 * p * p + common(local, local.pairs, p) + curvature + latentWorkspace(p * m)),
      limit: limit, order: p,
      what: "kernels of \(local.positions) positions and \(p) examples")
  }

  /// Five matrices of order P D (A and its inverse, factors of this point and the next, and what is made of
  /// them), the order parameter's, and products with vectors for the curvature.
  private static func bank(
    _ local: LocalKernels, examples p: Int, coupled d: Int, probes: Int, latents m: Int, limit: Int
  ) throws(RenormError) -> MemoryPlan {
    let pairs = local.pairs
    let layout = TiledBank.Layout(
      order: p, pairs: pairs.orderedCount, edges: TileEdges(pairs, storedFor: p))
    let products = OutputProducts.count(
      pairs, order: p, outputs: d, vectors: probes, threads: local.threads)
    let (squares, overflow) = (p * d).multipliedReportingOverflow(by: 5 * p * d)
    let order = local.positions * d
    let workspace =
      squares + 12 * order * order + 2 * common(local, pairs, p) + latentWorkspace(p * m)
      + (products <= OutputBank.largestProducts ? products : 0)
    return try MemoryPlan(
      elements: layout.count, workspace: overflow ? .max / 2 : 8 * workspace, limit: limit, order: p * d,
      what: "kernels of \(local.positions) positions and \(p) examples with \(d) outputs, which take matrices "
        + "of order \(p * d),")
  }
}

extension MemoryPlan {
  /// The plan for the kernels of a deep network of P examples: the bank and as many matrices for its curvature,
  /// and six more; six where one kernel is all.
  ///
  /// - Parameter latents: m, of a likelihood that is not Gaussian; else 0.
  /// - Throws: `RenormError.outOfMemory` where these do not fit.
  package static func layers(
    _ kernels: DeepKernels, examples p: Int, isInfinite: Bool, latents m: Int = 0, limit: Int
  ) throws(RenormError) -> MemoryPlan {
    let matrices = isInfinite || kernels.hasOneKernel ? 6 : 2 * kernels.count + 6
    let inputs = p * kernels.first.grid.patchSize
    return try MemoryPlan(
      elements: 0, workspace: 8 * (p * p * matrices + inputs + latentWorkspace(p * m)), limit: limit,
      order: p * max(m, 1),
      what: "the kernels of \(kernels.depth) layers and \(p) examples")
  }
}

extension MemoryPlan {
  /// The plan for the kernels of a deep network whose layers have matrices: every kernel twice while the bank
  /// is made, arrangements of a matrix by outputs, seven matrices of order P D, and products for the curvature.
  ///
  /// - Parameter latents: m, of a likelihood that is not Gaussian; else 0.
  /// - Throws: `RenormError.outOfMemory` where these do not fit.
  package static func chain(
    _ pairs: IndexPairs, examples p: Int, outputs d: Int, threads: Int, latents m: Int = 0, limit: Int
  ) throws(RenormError) -> MemoryPlan {
    let kernels = 2 * pairs.orderedCount + 10 * d * d
    let (squares, overflow) = (p * p).multipliedReportingOverflow(by: kernels)
    let products = OutputProducts.count(pairs, order: p, outputs: d, vectors: 8, threads: 0)
    return try MemoryPlan(
      elements: 0, workspace: overflow ? .max / 2 : 8 * (squares + products + latentWorkspace(p * m)),
      limit: limit, order: p * max(d, m),
      what: "kernels of \(pairs.orderedCount) pairs of indices and \(p) examples with \(d) outputs")
  }
}

extension MemoryPlan {
  /// The limit where none is given: 70 percent of what the system has available, limits of a container
  /// included.
  public static var defaultLimit: Int { MemoryBudget.available() }

  /// Bytes that nobody on this machine takes now, limits of a container included.
  public static var availableBytes: Int { MemoryBudget.free() }

  /// Bytes that all processes on this machine may take together, limits of a container included.
  public static var machineBytes: Int { MemoryBudget.total() }
}

/// The order up to which a factorisation takes no noticeable time.
private let largestQuietOrder = 4000

extension MemoryPlan: CustomStringConvertible {
  public var description: String {
    let form =
      switch storage {
      case .float64: "kernels in double precision"
      case .float32: "kernels in single precision"
      case .tiles: "kernels computed anew on every pass"
      }
    let work = order > largestQuietOrder ? ", matrices of order \(order)" : ""
    return "\(form)\(work), about \(gibibytes(bytes)) of at most \(gibibytes(limit))"
  }
}
