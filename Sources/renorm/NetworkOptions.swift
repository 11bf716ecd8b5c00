import ArgumentParser
import Renorm
import RenormSweep

/// The options that describe a network and its priors.
struct NetworkOptions: ParsableArguments {
  @Option(
    help: "fc (fully connected), lcn (locally connected) or cnn (convolutional).",
    completion: .list(Architectures.all.map(\.name)))
  var architecture: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "N, the number of hidden units (fc) or channels (lcn, cnn), or 'infinite'. Required unless --infinite-width.",
      valueName: "N"),
    completion: .list(["infinite"]))
  var width: WidthOption?

  @Flag(help: "Take N to infinity at fixed number of examples: nothing is renormalized.")
  var infiniteWidth = false

  @Option(parsing: .unconditional, help: "T, the variance of the noise on every target.")
  var temperature: Double

  @Option(parsing: .unconditional, help: "Prior precision of the hidden weights.")
  var lambda0 = 1.0

  @Option(parsing: .unconditional, help: "Prior precision of the readout weights.")
  var lambda1 = 1.0

  @Option(
    help: "Activation: \(Activations.all.map(\.name).joined(separator: ", ")).",
    completion: .list(Activations.all.map(\.name)))
  var activation = "erf"

  @Option(
    parsing: .unconditional, help: "Patch of an lcn or cnn in pixels: one number, or HxW. (default: 7)")
  var mask: Extent?

  @Option(
    parsing: .unconditional,
    help: "Distance between patches in pixels: one number, or HxW. (default: the mask, so that patches tile)")
  var stride: Extent?

  @Option(
    help: """
      Prior of a cnn's readout over positions: \(Readouts.all.map(\.name).joined(separator: ", ")).
      """, completion: .list(Readouts.all.map(\.name)))
  var readout = "independent"

  @Option(
    name: [.long, .customLong("lengthscale")], parsing: .unconditional,
    help: "Length scale of the readout prior in grid units, for exponential and matern32.")
  var lengthScale: Double?

  /// The window in force; nil for architectures without one.
  private var window: Window? {
    let isLocal = Architectures.all.contains { $0.name == architecture && $0.isLocal }
    return isLocal ? Window(mask: mask ?? Extent(7), stride: stride) : nil
  }

  /// What was given but has no effect.
  var warnings: [String] {
    var unused: [String] = []
    if window == nil {
      if mask != nil { unused.append("--mask") }
      if stride != nil { unused.append("--stride") }
    }
    let takesLength = Readouts.all.contains { $0.name == readout && $0.hasLengthScale }
    if lengthScale != nil, !takesLength { unused.append("--length-scale") }
    if infiniteWidth, width?.units != nil { unused.append("--width") }
    return unused.map { "\($0) has no effect on this network" }
  }

  func network() throws -> Network {
    guard infiniteWidth || width != nil else {
      throw ValidationError("Missing expected argument '--width <N>' ('infinite' for the infinite width)")
    }
    if let units = width?.units, units < 1 {
      throw RenormError.invalidParameter(
        name: "width", value: "\(units)", accepted: "a positive number of hidden units, or 'infinite'")
    }
    return try Network(
      NetworkDescription(
        architecture: architecture, window: window, activation: activation,
        width: infiniteWidth ? nil : width?.units, temperature: temperature, lambda0: lambda0, lambda1: lambda1,
        readout: readout, lengthScale: lengthScale))
  }
}

/// A number of hidden units, or `infinite`.
struct WidthOption: ExpressibleByArgument {
  /// Nil for the infinite width.
  let units: Int?

  init?(argument: String) {
    if ["infinite", "inf", "infinity"].contains(argument.lowercased()) {
      units = nil
    } else if let units = Int(argument) {
      self.units = units
    } else {
      return nil
    }
  }
}

extension Extent: ExpressibleByArgument {
  /// `7` or `7x5` (height x width).
  public init?(argument: String) { self.init(text: argument) }
}
