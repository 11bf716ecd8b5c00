import ArgumentParser

/// Values separated by commas.
struct ValueList<Value: LosslessStringConvertible & Equatable & Sendable>: ExpressibleByArgument, Equatable {
  let values: [Value]

  init(_ values: [Value]) { self.values = values }

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    values = parts.compactMap { Value($0.filter { !$0.isWhitespace }) }
    guard values.count == parts.count else { return nil }
  }

  var defaultValueDescription: String { values.map(\.description).joined(separator: ",") }
}

/// Numbers separated by commas.
typealias NumberList = ValueList<Double>
/// Whole numbers separated by commas.
typealias WholeNumberList = ValueList<Int>
