internal import Foundation
package import RenormAction

/// The number that is recorded of the scales of all units.
package enum ScaleQuantity: String, Sendable, Codable {
  /// The part of the units with tau > 0, for laws with a spike at 0.
  case openFraction
  /// The mean of log tau, for others: it exists where tau itself has no mean.
  case meanLogScale

  package init(_ law: ScaleLaw) {
    self = law.rule.contains { $0.tau == 0 } ? .openFraction : .meanLogScale
  }

  /// Its average over a law.
  package func average(_ law: ScaleLaw) -> Double {
    switch self {
    case .openFraction: law.expectation { $0 > 0 ? 1 : 0 }
    case .meanLogScale: law.expectation { log($0) }
    }
  }
}
