import ArgumentParser
import Renorm
import RenormFiles

/// The options that describe a network and its priors.
struct NetworkOptions: ParsableArguments {
  @OptionGroup var parameters: ParameterOptions

  @Flag(help: "Take N to infinity at fixed number of examples: nothing is renormalized.")
  var infiniteWidth = false

  func validate() throws {
    let description = try description()
    for parameter in [NetworkParameter.architecture, .width, .temperature] where description[parameter] == nil {
      throw ParameterOptions.missing(parameter)
    }
  }

  /// What was given.
  private func description() throws -> NetworkDescription {
    var description = NetworkDescription(try parameters.values())
    description.resolveLayers()
    if infiniteWidth {
      description[.widths] = nil
      description.width = .infinite
    }
    return description
  }

  /// What was given but has no effect.
  var warnings: [String] {
    guard let given = try? parameters.values(), let network = try? network() else { return [] }
    return Network.parameters.filter { parameter in
      guard let value = given[parameter] else { return false }
      if parameter == .width || parameter == .widths { return infiniteWidth && value != .width(.infinite) }
      return parameter != .readout && !network.description.has(parameter)
    }
    .map { "--\($0.key) has no effect on this network" }
  }

  func network() throws -> Network {
    var description = try description()
    for (prior, file) in [
      (NetworkParameter.readout, NetworkParameter.readoutFile), (.filterPrior, .filterFile),
    ] {
      guard let name = description[prior]?.name, name != "file", description[file] != nil else { continue }
      throw ValidationError(
        "--\(file.key) stands for --\(prior.key) file, which --\(prior.key) \(name) contradicts")
    }
    // A readout is refused where it is not defined, not left out.
    let given = description
    description = description.completed
    if given[.readout] != nil {
      for parameter in [.readout] + Readouts.builtIn.parameters where given[parameter] != nil {
        description[parameter] = given[parameter]
      }
    }
    return try Network(description.readingMatrices())
  }
}
