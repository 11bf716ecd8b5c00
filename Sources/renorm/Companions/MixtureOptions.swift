import ArgumentParser
import Renorm
import RenormCompanions
import RenormFiles

/// The options that choose the law of the nodes' variances. Some commands take lists of its parameters.
struct LawOptions: ParsableArguments {
  @Option(help: "Law of the nodes' variances; `renorm mogp laws` lists all.") var law: String

  @Option(parsing: .unconditional, help: "alpha: index of small weights, between 0 and 1.")
  var alpha: NumberList?
  @Option(parsing: .unconditional, help: "tau: index of large weights, above 1.") var tau: NumberList?
  @Option(parsing: .unconditional, help: "mu: mean of the sum of variances.") var mu: NumberList?
  @Option(parsing: .unconditional, help: "eta: intensity of atoms.") var eta: NumberList?
  @Option(parsing: .unconditional, help: "b: second parameter of beta and ggp.") var b: NumberList?
  @Option(parsing: .unconditional, help: "c: scale.") var c: NumberList?
  @Option(parsing: .unconditional, help: "m: number of outgoing weights of a group.") var m: NumberList?
  @Option(parsing: .unconditional, help: "s: shape of inverse-gamma-stable, between 0 and 1.")
  var s: NumberList?

  private var lists: [(name: String, values: [Double])] {
    [
      ("alpha", alpha), ("tau", tau), ("mu", mu), ("eta", eta), ("b", b), ("c", c), ("m", m), ("s", s),
    ].compactMap { name, list in list.map { (name, $0.values) } }
  }

  /// The law; of parameters that have one value.
  func nodeLaw() throws(RenormError) -> any NodeLaw {
    for (name, values) in lists where values.count > 1 {
      throw .invalidParameter(
        name: name, value: values.map { "\($0)" }.joined(separator: ","),
        accepted: "one number; lists are for `renorm mogp triplet` and `renorm mogp prune`")
    }
    return try nodeLaws()[0].law
  }

  /// The laws of all combinations of the listed parameters, the last of them fastest.
  func nodeLaws() throws(RenormError) -> [(law: any NodeLaw, parameters: [String: Double])] {
    var combinations: [[String: Double]] = [[:]]
    for (name, values) in lists {
      combinations = combinations.flatMap { given in
        values.map { given.merging([name: $0]) { $1 } }
      }
    }
    var laws: [(law: any NodeLaw, parameters: [String: Double])] = []
    for parameters in combinations { laws.append((try NodeLaws.named(law, parameters), parameters)) }
    return laws
  }
}

/// The options of a network with dependent weights on one input, or on the inputs of a file.
struct MixtureNetworkOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Number of hidden layers.") var layers = 1
  @Option(parsing: .unconditional, help: "Scale sv of the weights.") var sv = 1.0
  @Option(parsing: .unconditional, help: "Scale sb of the biases.") var sb = 0.0
  @Option(parsing: .unconditional, help: "Scale of the first layer's weights. (default: sv)") var inputSv:
    Double?
  @Option(parsing: .unconditional, help: "Scale of the first layer's biases. (default: sb)") var inputSb:
    Double?

  func network(_ law: any NodeLaw, _ inputs: Matrix) throws(RenormError) -> MixtureNetwork {
    try MixtureNetwork(
      law, inputs: inputs, layers: layers, weightScale: sv, biasScale: sb, firstWeightScale: inputSv,
      firstBiasScale: inputSb)
  }

  /// The inputs of a file, else the single input 1.
  static func inputs(_ path: String?) throws(DataError) -> Matrix {
    guard let path else { return Matrix(rows: 1, columns: 1, elements: [1]) }
    return try NumericTable.read(path)
  }
}

/// Nodes of networks of finite width, or of the limit.
struct MixtureNodesOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Width of finite networks. (default: the limit)", valueName: "p"))
  var finite: Int?

  @OptionGroup var cut: TruncationOption

  func nodes() throws(RenormError) -> MixtureNetwork.Nodes {
    try cut.check()
    return finite.map { .finite(width: $0) } ?? .limit(truncation: cut.truncation)
  }
}

/// Where atoms of the limit are cut off.
struct TruncationOption: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Arrivals above T are replaced by their mean: the number of atoms.", valueName: "T"))
  var truncation = 60.0

  func check() throws(RenormError) {
    guard truncation > 0, truncation <= 1e6 else {
      throw .invalidParameter(name: "truncation", value: "\(truncation)", accepted: "a number from 0 to 1e6")
    }
  }
}
