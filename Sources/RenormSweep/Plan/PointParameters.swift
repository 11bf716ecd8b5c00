public import Renorm

/// All parameters of one point.
public struct PointParameters: Equatable, Sendable, Codable {
  /// The network with its priors, temperature and width.
  public let network: NetworkDescription
  /// P.
  public let trainCount: Int
  /// Seed of the permutation of the examples; nil for the order of the files.
  public let shuffleSeed: UInt32?

  /// The load alpha = P/N; 0 at infinite width.
  public var alpha: Double { network.width.map { Double(trainCount) / Double($0) } ?? 0 }

  /// What kernels depend on: equal for points of one group.
  var kernelKey: String {
    [
      network.architecture, network.activation, network.window.map { "\($0.mask)/\($0.stride)" } ?? "",
      network.readout, network.lengthScale.map { "\($0)" } ?? "", "\(network.lambda0)", "\(trainCount)",
      shuffleSeed.map { "\($0)" } ?? "",
    ].joined(separator: ";")
  }

  /// All parameters in one line, different for different points.
  var key: String {
    kernelKey + ";\(network.width.map { "\($0)" } ?? "infinite");\(network.temperature);\(network.lambda1)"
  }
}

/// A point of a sweep.
public struct SweepPoint: Equatable, Sendable {
  /// Its place in the order of the specification, from 0.
  public let index: Int
  /// A fingerprint of its parameters, the options of the solver and the content of the data files.
  public let identity: String
  /// Its parameters.
  public let parameters: PointParameters
}

/// FNV-1a with 64 bits: tells different parameters apart; it guards against mistakes, not against forgery.
func fingerprint(_ text: String) -> String {
  let hash = text.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  let digits = String(hash, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
