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

  func condensed(_ order: ExpansionOrder) throws(SpecificationError) -> CondensedOptions {
    var options = CondensedOptions()
    func number(_ key: SweepKey, _ accepted: ClosedRange<Int>) throws(SpecificationError) -> Int? {
      guard let (text, place) = try scalar(key) else { return nil }
      guard order == .condensed else {
        throw SpecificationError(place, "\(key.rawValue) needs 'order: condensed'")
      }
      guard let count = Int(text), accepted.contains(count) else {
        throw key.refused(text, place, "\(accepted.lowerBound) to \(accepted.upperBound)")
      }
      return count
    }
    if let neurons = try number(.neurons, 1...2) { options.neurons = neurons }
    if let starts = try number(.orderStarts, 0...1000) { options.starts = starts }
    return options
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
