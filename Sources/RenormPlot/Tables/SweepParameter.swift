internal import Renorm

/// A parameter of a network or of its training set: a column of a sweep's table.
public struct SweepParameter: Hashable, Sendable {
  /// The name of the column.
  public let column: String
  /// The name on the command line.
  public let option: String
  /// Whether the values are numbers.
  public let isNumber: Bool
  /// How formulas write it.
  let symbol: GnuplotText?
  private let words: String

  private init(_ parameter: NetworkParameter) {
    (column, option, words) = (parameter.column, parameter.key, parameter.words)
    symbol = parameter.symbol.map { symbol in
      symbol.index.map { .symbol(symbol.letter, subscript: $0) } ?? .symbol(symbol.letter)
    }
    switch parameter.domain {
    case .names, .extent, .padding, .matrix, .list: isNumber = false
    case .positive, .width, .count: isNumber = true
    }
  }

  private init(_ column: String, option: String, words: String, symbol: GnuplotText? = nil) {
    (self.column, self.option, self.words, self.symbol, isNumber) = (column, option, words, symbol, true)
  }

  public static func == (a: SweepParameter, b: SweepParameter) -> Bool { a.column == b.column }
  public func hash(into hasher: inout Hasher) { hasher.combine(column) }

  static let architecture = SweepParameter(.architecture)
  static let activation = SweepParameter(.activation)
  static let mask = SweepParameter(.mask)
  public static let width = SweepParameter(.width)
  public static let temperature = SweepParameter(.temperature)
  public static let lambda1 = SweepParameter(.lambda1)
  static let trainCount = SweepParameter(
    "trainCount", option: "train-count", words: "training examples", symbol: .symbol("P"))
  public static let shuffleSeed = SweepParameter("shuffleSeed", option: "shuffle-seed", words: "shuffle seed")

  /// Every parameter: the table of networks, and the training set.
  public static let allCases = Network.parameters.map(SweepParameter.init) + [trainCount, shuffleSeed]

  /// The parameter that an option names: `train-count`, or as in the table `trainCount`.
  public init?(option: String) {
    guard let found = Self.allCases.first(where: { $0.option == option || $0.column == option }) else {
      return nil
    }
    self = found
  }

  /// The parameter in words, for an axis.
  var label: GnuplotText { .plain(words) + (symbol.map { " " + $0 } ?? "") }
}
