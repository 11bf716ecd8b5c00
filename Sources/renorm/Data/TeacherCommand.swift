import ArgumentParser
import Renorm
import RenormFiles

struct TeacherCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "teacher",
    abstract: "Draw examples that a known rule labels, as an NPZ file.",
    discussion: """
      Inputs are independent Gaussian numbers of variance 1. The rule is one of
        network       one hidden layer, f = H^(-1/2) sum v s(w.x/M^(1/2)), weights of variance 1
        linear        f = w.x/M^(1/2)
        single-index  f = sum_k c_k He_k(z)/(k!)^(1/2) along one direction z
        templates     examples around K random templates, each with a label -1 or 1

      The file has the arrays x_train, y_train, x_test and y_test. Noise is added to training targets only, so \
      that a bias on the test set is a distance from the rule itself.

      Example:
        renorm data teacher --inputs 200 --examples 1000 --test-examples 500 \\
          --activation erf --hidden 20 --noise 0.1 --seed 1 --output t.npz
        renorm fit --architecture fc --width 100 --temperature 0.01 --train t.npz
      """)

  enum Kind: String, CaseIterable, ExpressibleByArgument {
    case network, linear, templates
    case singleIndex = "single-index"
  }

  @Option(
    help: ArgumentHelp(
      "The rule: \(Kind.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "rule"))
  var teacher: Kind = .network

  @Option(help: ArgumentHelp("M, the number of inputs.", valueName: "M")) var inputs: Int

  @Option(help: ArgumentHelp("P, the number of training examples.", valueName: "P")) var examples: Int

  @Option(help: ArgumentHelp("The number of test examples.", valueName: "count")) var testExamples = 0

  @Option(help: ArgumentHelp("Hidden units of a network. (default: 20)", valueName: "H")) var hidden: Int?

  @Option(
    help: ArgumentHelp(
      "Activation of a network: \(Activations.builtIn.names.joined(separator: ", ")). (default: erf)",
      valueName: "activation"),
    completion: .list(Activations.builtIn.names))
  var activation: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Coefficients of a single-index rule, that of order 0 first. (default: 0,1)", valueName: "c0,c1,..."))
  var hermite: String?

  @Option(help: ArgumentHelp("Templates. (default: 2)", valueName: "K")) var templates: Int?

  @Option(
    help: ArgumentHelp("Variance of examples around their template, 0 to 1. (default: 0.1)", valueName: "s"))
  var spread: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Standard deviation of the noise on training targets; its square is the temperature that matches.",
      valueName: "sigma"))
  var noise = 0.0

  @Option(help: ArgumentHelp("Decides all that is drawn.", valueName: "seed")) var seed: UInt32 = 1

  @Option(help: ArgumentHelp("The file to write.", valueName: "file"), completion: .file()) var output: String

  func validate() throws {
    for (option, isGiven, kind) in [
      ("--hidden", hidden != nil, Kind.network), ("--activation", activation != nil, .network),
      ("--hermite", hermite != nil, .singleIndex), ("--templates", templates != nil, .templates),
      ("--spread", spread != nil, .templates),
    ] where isGiven && teacher != kind {
      throw ValidationError("\(option) belongs to --teacher \(kind.rawValue), not to \(teacher.rawValue)")
    }
  }

  func run() throws {
    guard output != "-" else {
      throw ValidationError("--output cannot go to standard output; give the name of a file")
    }
    try OutputOptions.checkWritable([("--output", output)], inputs: [])
    try rule().write(
      to: output, inputs: inputs, training: examples, test: testExamples, noise: noise, seed: seed)
  }

  private func rule() throws -> Teacher {
    switch teacher {
    case .network:
      return .network(hidden: hidden ?? 20, activation: try Activations.builtIn.named(activation ?? "erf", [:]))
    case .linear: return .linear
    case .singleIndex:
      let texts = (hermite ?? "0,1").split(separator: ",", omittingEmptySubsequences: false)
      let values = texts.compactMap { Double($0) }
      guard values.count == texts.count else {
        throw ValidationError(
          "The value '\(hermite ?? "")' is invalid for '--hermite <c0,c1,...>'; accepted: numbers and commas")
      }
      return .singleIndex(coefficients: values)
    case .templates: return .templates(count: templates ?? 2, spread: spread ?? 0.1)
    }
  }
}
