import ArgumentParser
import Renorm
import RenormCompanions
import RenormFiles

/// The options that choose the law of the nodes' variances.
struct LawOptions: ParsableArguments {
  @Option(help: "Law of the nodes' variances; `renorm mogp laws` lists all.") var law: String

  @Option(parsing: .unconditional, help: "alpha: index of small weights, between 0 and 1.") var alpha: Double?
  @Option(parsing: .unconditional, help: "tau: index of large weights, above 1.") var tau: Double?
  @Option(parsing: .unconditional, help: "mu: mean of the sum of variances.") var mu: Double?
  @Option(parsing: .unconditional, help: "eta: intensity of atoms.") var eta: Double?
  @Option(parsing: .unconditional, help: "b: second parameter of beta and ggp.") var b: Double?
  @Option(parsing: .unconditional, help: "c: scale.") var c: Double?
  @Option(parsing: .unconditional, help: "m: number of outgoing weights of a group.") var m: Double?
  @Option(parsing: .unconditional, help: "s: shape of inverse-gamma-stable, between 0 and 1.") var s: Double?

  var parameters: [String: Double] {
    ["alpha": alpha, "tau": tau, "mu": mu, "eta": eta, "b": b, "c": c, "m": m, "s": s].compactMapValues(\.self)
  }

  func nodeLaw() throws(RenormError) -> any NodeLaw { try NodeLaws.named(law, parameters) }
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
