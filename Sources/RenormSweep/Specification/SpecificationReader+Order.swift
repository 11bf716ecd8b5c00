internal import RenormNextOrder

extension SpecificationReader {
  /// Draws of a hidden unit unless given: enough for the class of trust and a first correction.
  private static let defaultDraws = 20_000

  func order() throws(SpecificationError) -> ExpansionOrder {
    guard let (text, place) = try scalar(.order) else { return .leading }
    guard let order = ExpansionOrder(rawValue: text), order != .mixture else {
      throw SweepKey.order.refused(text, place, "leading, next or condensed")
    }
    return order
  }

  func draws(_ order: ExpansionOrder) throws(SpecificationError) -> Int {
    guard let (text, place) = try scalar(.draws) else { return Self.defaultDraws }
    guard order == .next else { throw SpecificationError(place, "draws needs 'order: next'") }
    guard let count = Int(text), (100...1_000_000_000).contains(count) else {
      throw SweepKey.draws.refused(text, place, "100 to 1000000000")
    }
    return count
  }
}
