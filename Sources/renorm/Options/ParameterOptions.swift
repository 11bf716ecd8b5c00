import ArgumentParser
import Renorm

/// One option for each row of the table of network parameters, so that a new row is an option.
///
/// The argument parser finds options by reflection and hands them back by decoding; both are written out here,
/// as the properties are not known when this is compiled.
struct ParameterOptions: ParsableArguments {
  private var options: [(parameter: NetworkParameter, option: Option<String?>)]

  init() { options = Network.parameters.map { ($0, Self.option($0)) } }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: ParameterKey.self)
    options = try Network.parameters.map { parameter in
      (parameter, try container.decode(Option<String?>.self, forKey: ParameterKey(parameter)))
    }
  }

  private static func option(_ parameter: NetworkParameter) -> Option<String?> {
    let standard = parameter.defaultValue.map { " (default: \($0.text))" } ?? ""
    let completion: CompletionKind? =
      switch parameter.domain {
      case .names(let names): .list(names)
      case .width: .list(["\(Width.infinite)"])
      case .padding: .list(["\(Padding.valid)", "\(Padding.same)"])
      case .matrix: .file(extensions: ["npy"])
      case .positive, .extent, .count, .list: nil
      }
    return Option(
      name: NameSpecification(([parameter.key] + parameter.aliases).map { .customLong($0) }),
      parsing: .unconditional,
      help: ArgumentHelp("\(parameter.help)\(standard)", valueName: valueName(parameter)),
      completion: completion)
  }

  private static func valueName(_ parameter: NetworkParameter) -> String {
    if case .width = parameter.domain { parameter.symbol?.letter ?? parameter.key } else { parameter.key }
  }

  /// The texts that were given, in the order of the table.
  var given: [(parameter: NetworkParameter, text: String)] {
    options.compactMap { parameter, option in option.wrappedValue.map { (parameter, $0) } }
  }

  /// The values that were given.
  ///
  /// - Throws: `ValidationError` for text that is no value of its parameter; domains are left to the network.
  func values() throws -> ParameterValues {
    var values: ParameterValues = [:]
    for (parameter, text) in given {
      guard let value = parameter.domain.value(text) else {
        throw ValidationError(
          "The value '\(text)' is invalid for '--\(parameter.key) <\(Self.valueName(parameter))>'; accepted: "
            + parameter.domain.accepted)
      }
      values[parameter] = value
    }
    return values
  }

  /// - Throws: `ValidationError` naming the option.
  static func missing(_ parameter: NetworkParameter) -> ValidationError {
    var text = "Missing expected argument '--\(parameter.key) <\(valueName(parameter))>'"
    if parameter == .width { text += " ('infinite' for the infinite width)" }
    return ValidationError(text)
  }
}

extension ParameterOptions: CustomReflectable {
  var customMirror: Mirror {
    // Names of properties with a wrapper begin with an underscore.
    Mirror(self, children: options.map { ("_\($0.parameter.column)", $0.option) }, displayStyle: .struct)
  }
}
