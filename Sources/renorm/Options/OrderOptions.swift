import ArgumentParser
import Renorm
import RenormNextOrder

extension ExpansionOrder: ExpressibleByArgument {}

/// A calculation past leading order.
enum Correction {
  case nextOrder(NextOrderOptions)
  case condensed(CondensedOptions)

  /// That of a model; the same draws.
  init(_ settings: NextOrderSettings, _ compute: ComputeOptions) {
    let limit = compute.memoryLimit?.bytes
    self =
      settings.order == .condensed
      ? .condensed(settings.condensedOptions(threads: compute.threads, memoryLimit: limit))
      : .nextOrder(settings.options(threads: compute.threads, memoryLimit: limit))
  }
}

/// The options that say how far in 1/N results go.
struct OrderOptions: ParsableArguments {
  @Option(
    help: """
      Order in 1/N of the results: leading, next (corrected by the next order; the report keeps the leading \
      one beside it), mixture (half of the next order: all of it for linear activations, for others worse \
      than none at times; exact for linear networks of several hidden layers; of deep erf networks next corrects \
      the means), or condensed (no expansion: the hidden unit of the largest readout explicit beside a Gaussian \
      bulk, for fc with erf, tanh or linear units, where \
      P/N is large and the temperature small). For finite width, one output and no node prior.
      """)
  var order = ExpansionOrder.leading

  @Option(
    parsing: .unconditional,
    help: """
      Standard error of corrected means over their change at which draws for --order next end. (default: 0.25, \
      or at 400000 draws)
      """)
  var targetError: Double?

  @Option(
    parsing: .unconditional,
    help: """
      Seed of draws for --order next or condensed, and of the latter's random starts (0 to 4294967295). (default: 1)
      """)
  var orderSeed: UInt32?

  @Option(
    parsing: .unconditional,
    help: """
      Explicit hidden units for --order condensed: 1, or 2 where the report says that two condense. (default: 1)
      """)
  var neurons: Int?

  @Option(
    parsing: .unconditional,
    help: """
      Draws of a hidden unit for the fourth cumulant of the bulk with --order condensed, some 1e5 (at least 1000); with one \
      explicit unit. (default: none, a Gaussian bulk)
      """)
  var bulkDraws: Int?

  @Option(
    parsing: .unconditional,
    help: "Random starts of the search for --order condensed, beside annealing. (default: 8)")
  var orderStarts: Int?

  /// Options of the correction that was asked for; nil for leading order.
  ///
  /// - Parameter draws: their number and the option that gives it.
  /// - Throws: where options contradict each other, or network and data have no next order; before any work.
  func options(
    draws: (option: String, number: Int?), _ network: Network, outputs: Int, _ compute: ComputeOptions
  ) throws -> Correction? {
    if order != .condensed,
      let (option, _) = [
        ("--neurons", neurons), ("--order-starts", orderStarts), ("--bulk-draws", bulkDraws),
      ]
      .first(where: { $0.1 != nil })
    {
      throw ValidationError("\(option) is for --order condensed; the order is \(order.rawValue)")
    }
    if order != .next {
      let given = [
        (draws.option, draws.number != nil && order != .condensed), ("--target-error", targetError != nil),
        ("--order-seed", orderSeed != nil && order != .condensed),
      ]
      if let (option, _) = given.first(where: \.1) {
        throw ValidationError("\(option) is for --order next; the order is \(order.rawValue)")
      }
    }
    guard draws.number == nil || targetError == nil else {
      throw ValidationError("\(draws.option) and --target-error both end the draws; give one of them")
    }
    guard order != .leading else { return nil }
    if order == .condensed {
      var options = CondensedOptions(
        draws: draws.number, bulkDraws: bulkDraws, seed: orderSeed ?? 1, threads: compute.threads,
        memoryLimit: compute.memoryLimit?.bytes)
      if let neurons { options.neurons = neurons }
      if let orderStarts { options.starts = orderStarts }
      try options.validate()
      try network.checkCondensed(outputs: outputs, options)
      return .condensed(options)
    }
    try network.checkNextOrder(outputs: outputs, order: order)
    var options = NextOrderOptions(
      order: order, draws: draws.number, threads: compute.threads, memoryLimit: compute.memoryLimit?.bytes)
    if let targetError { options.targetError = targetError }
    if let orderSeed { options.seed = orderSeed }
    try options.validate()
    return .nextOrder(options)
  }
}

/// The number of draws, under the name that is free in `fit`.
struct OrderDraws: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: """
      Draws of a hidden unit for --order next (default: as many as --target-error needs), or importance draws of \
      the explicit one at every readout for --order condensed (default: none).
      """)
  var draws: Int?
}

/// The same for `compare`, where `--draws` names the file of the sampler's.
struct CompareOrderDraws: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "Draws of a hidden unit for --order next. (default: as many as --target-error needs)")
  var orderDraws: Int?
}
