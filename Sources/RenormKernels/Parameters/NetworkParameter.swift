/// A row of the table of network parameters: what an option of the command line, a key and an axis of a sweep,
/// a column of results and plots, and a field of reports and models are made of.
///
/// Parameters of a component (an activation, an architecture, a readout prior) are declared beside it and
/// listed in its registry entry; those of every network stand in `Network.parameters`. Two parameters are the
/// same where their keys are.
public struct NetworkParameter: Sendable {
  /// How formulas write a parameter: a letter, perhaps with an index.
  public struct Symbol: Hashable, Sendable {
    /// The letter.
    public let letter: String
    /// The index below it.
    public let index: String?

    /// A letter with an index.
    public init(_ letter: String, _ index: String? = nil) { (self.letter, self.index) = (letter, index) }
  }

  /// The name of options and keys, in words joined by dashes: `length-scale`.
  public let key: String
  /// The words of the key, for axes: `readout precision` for `lambda1`.
  public let words: String
  /// How formulas write it.
  public let symbol: Symbol?
  /// Which values it takes.
  public let domain: ParameterDomain
  /// The value where none is given; nil where one must be given, or where something else stands for it.
  public let defaultValue: ParameterValue?
  /// Whether kernels depend on it: networks that differ in other parameters only share theirs.
  public let isInKernels: Bool
  /// One sentence for a user.
  public let help: String
  /// Other spellings of the key that are accepted.
  public let aliases: [String]
  /// The name of columns and fields: `lengthScale`.
  public let column: String

  /// A parameter; `words` are those of the key unless given.
  public init(
    _ key: String, words: String? = nil, symbol: Symbol? = nil, _ domain: ParameterDomain,
    default defaultValue: ParameterValue? = nil, isInKernels: Bool, help: String, aliases: [String] = []
  ) {
    self.key = key
    self.words = words ?? key.split(separator: "-").joined(separator: " ")
    self.symbol = symbol
    self.domain = domain
    self.defaultValue = defaultValue
    self.isInKernels = isInKernels
    self.help = help
    self.aliases = aliases
    let parts = key.split(separator: "-")
    column =
      parts.prefix(1).joined() + parts.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }
}

extension NetworkParameter: Hashable {
  public static func == (a: NetworkParameter, b: NetworkParameter) -> Bool { a.key == b.key }
  public func hash(into hasher: inout Hasher) { hasher.combine(key) }
}
