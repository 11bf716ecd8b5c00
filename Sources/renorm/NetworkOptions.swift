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
    // A readout is refused where it is not defined, not left out.
    let readout = description[.readout]
    description = description.completed
    if let readout { description[.readout] = readout }
    return try Network(description.readingMatrices())
  }
}
