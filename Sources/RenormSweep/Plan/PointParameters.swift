internal import Foundation
public import Renorm

/// All parameters of one point.
public struct PointParameters: Hashable, Sendable, Codable {
  /// The network with its priors, temperature and width.
  public let network: NetworkDescription
  /// P.
  public let trainCount: Int
  /// Seed of the permutation of the examples; nil for the order of the files.
  public let shuffleSeed: UInt32?

  /// The load alpha = P/N; 0 at infinite width.
  public var alpha: Double { network.width.load(examples: trainCount) }

  /// What kernels depend on, equal for points of one group: everything but what one family of kernels serves.
  var kernelKey: PointParameters {
    PointParameters(network: network.kernels, trainCount: trainCount, shuffleSeed: shuffleSeed)
  }

  /// All parameters in one line, different for different points; the same in every process.
  ///
  /// - Throws: `EncodingError` for numbers that are not finite.
  func text() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
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
