public import Renorm

/// How a correlation function scales with the width: C = O(n^s) with
///
///     s = n_e + n_o/2 - m/2
///
/// for m tensors whose cluster graph has n_e components of even and n_o of odd size (E. Dyer and G. Gur-Ari,
/// arXiv 1909.11304; A. Andreassen and E. Dyer, arXiv 2008.08675). An upper bound: coefficients can vanish. It
/// holds in the NTK parametrisation for fully connected and convolutional networks, pooled or flattened, with
/// skip connections or without; n is the number of channels. Proved for one hidden layer and for deep linear
/// networks, conjectured otherwise.
public struct WidthExponent: Equatable, Sendable {
  /// Sizes of the components of the cluster graph.
  public let components: [Int]
  /// s; nil where the correlation function vanishes.
  public let exponent: Int?

  /// The number of tensors m.
  public var tensors: Int { components.reduce(0, +) }
  /// Whether the correlation function is exactly zero: f is odd in the readout, so an odd number of tensors
  /// vanishes.
  public var vanishes: Bool { exponent == nil }
}

extension Pattern {
  /// The exponent of a correlation function, or of its k-th time derivative under gradient flow.
  ///
  /// Each d/dt adds a tensor to a component, f_a -> f_ab f_b (f - y): with the target y an even component
  /// becomes odd, which lowers s by 1, and an odd one even, which leaves it; the part with f adds a bare f too
  /// and scales in the same way. Of all terms the leading one is returned.
  ///
  /// - Throws: `RenormError.invalidParameter` for an order outside of 0...8, `.unsupported` for a joint
  ///   cumulant of more than 12 components.
  public func exponent(derivative order: Int = 0) throws(RenormError) -> WidthExponent {
    guard (0...8).contains(order) else {
      throw .invalidParameter(name: "derivative", value: "\(order)", accepted: "an order from 0 to 8")
    }
    var states: Set<[Cluster]> = [clusters]
    for _ in 0..<order { states = Set(states.flatMap { Self.derivatives(of: $0) }) }
    let groups = Set(self.groups ?? [])
    var best: WidthExponent?
    // In a fixed order, so that of equal terms always the same is returned.
    for state in states.sorted(by: { $0.map(\.size).lexicographicallyPrecedes($1.map(\.size)) }) {
      guard groups.count < 2 || (state.count <= 12 && groups.count <= 60) else {
        throw .unsupported(
          what: "a joint cumulant of \(state.count) components in \(groups.count) groups",
          instead: "take at most 12, or a lower derivative")
      }
      let exponent = Self.blockCount(state, groups: groups.count).map { blocks in
        blocks - state.reduce(0) { $0 + $1.size } / 2
      }
      if best == nil || (exponent ?? .min) > (best?.exponent ?? .min) {
        best = WidthExponent(components: state.map(\.size), exponent: exponent)
      }
    }
    return best ?? WidthExponent(components: [], exponent: nil)
  }

  /// A component, with the groups that it touches as bits.
  private struct Cluster: Hashable, Comparable {
    var size: Int
    let groups: UInt64

    static func < (a: Cluster, b: Cluster) -> Bool { (a.size, a.groups) < (b.size, b.groups) }
  }

  private var clusters: [Cluster] {
    components.map { members in
      var bits: UInt64 = 0
      if let groups { for member in members { bits |= 1 << UInt64(groups[member] & 63) } }
      return Cluster(size: members.count, groups: bits)
    }
  }

  /// The terms of d/dt, with and without the bare f.
  private static func derivatives(of state: [Cluster]) -> [[Cluster]] {
    state.indices.flatMap { k -> [[Cluster]] in
      var grown = state
      grown[k].size += 1
      let lowest = grown[k].groups & (0 &- grown[k].groups)
      return [grown, grown + [Cluster(size: 1, groups: lowest)]]
    }.map { $0.sorted(by: >) }
  }

  /// The largest number of blocks of components, each with an even number of tensors, of which the blocks
  /// connect all groups: every block of m_b tensors is O(n^(1 - m_b/2)), so each adds 1 to the exponent. Nil
  /// for an odd number of tensors.
  private static func blockCount(_ state: [Cluster], groups: Int) -> Int? {
    let odd = state.count { !$0.size.isMultiple(of: 2) }
    guard odd.isMultiple(of: 2) else { return nil }
    guard groups > 1 else { return state.count - odd / 2 }
    var best: Int?
    var blocks: [Cluster] = []
    func place(_ k: Int) {
      guard k < state.count else {
        if blocks.count > best ?? 0, blocks.allSatisfy({ $0.size.isMultiple(of: 2) }),
          isConnected(blocks.map(\.groups), count: groups)
        {
          best = blocks.count
        }
        return
      }
      for b in blocks.indices {
        let before = blocks[b]
        blocks[b] = Cluster(size: before.size + state[k].size, groups: before.groups | state[k].groups)
        place(k + 1)
        blocks[b] = before
      }
      blocks.append(state[k])
      place(k + 1)
      blocks.removeLast()
    }
    place(0)
    return best
  }

  private static func isConnected(_ sets: [UInt64], count: Int) -> Bool {
    var reached: UInt64 = 1
    var hasGrown = true
    while hasGrown {
      hasGrown = false
      for set in sets where set & reached != 0 && set & ~reached != 0 {
        reached |= set
        hasGrown = true
      }
    }
    return reached.nonzeroBitCount == count
  }
}
