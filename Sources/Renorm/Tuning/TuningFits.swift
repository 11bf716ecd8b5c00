internal import Foundation
internal import GSLNumerics
internal import LinearAlgebra
internal import RenormAction

/// The fits behind an evaluation of the criterion. Kernels are kept from one evaluation to the next for as long
/// as only T, lambda1, the width and the readout prior change.
struct TuningFits {
  /// What one fit trains on, and is judged by.
  struct Part {
    let train: Dataset
    /// nil where the evidence judges.
    let heldOut: Dataset?
  }

  /// The criterion with the order parameters of its fits, and its derivatives.
  struct Value {
    let value: Double
    let coordinates: [Matrix]
    /// By the logarithms of parameters; nil where a fit with other values has to tell.
    let derivatives: [Double?]
  }

  private struct Kernels {
    let family: KernelFamily
    let heldOut: HeldOutKernels?
  }

  let parts: [Part]
  private let options: FitOptions
  private let progress: (FitEvent) -> Void
  private var kernels: [Kernels?]

  init(
    _ criterion: TuningCriterion, _ data: Dataset, seed: UInt32, _ options: FitOptions,
    _ progress: @escaping (FitEvent) -> Void
  ) throws(RenormError) {
    try data.validate()
    parts = try Self.parts(criterion, data, seed: seed)
    kernels = parts.map { _ in nil }
    self.progress = progress
    var options = options
    // An error of the order parameter changes the evidence in second order, and its slope in first.
    if criterion == .evidence { options.tolerance = max(options.tolerance, 1e-5) }
    // Parts hold kernels at the same time, and those of a neighbour for a moment.
    if parts.count > 1 || criterion != .evidence {
      let limit = options.memoryLimit ?? MemoryBudget.available()
      options.memoryLimit = max(1, limit / (parts.count + 1))
      // Differences of fits are taken of held-out errors.
      options.tolerance = min(options.tolerance, 1e-8)
    }
    self.options = options
  }

  private static func parts(
    _ criterion: TuningCriterion, _ data: Dataset, seed: UInt32
  ) throws(RenormError) -> [Part] {
    func part(_ heldOut: [Int]) -> Part {
      let out = Set(heldOut)
      return Part(
        train: data.selecting((0..<data.count).filter { !out.contains($0) }),
        heldOut: data.selecting(heldOut.sorted()))
    }
    let order = RandomGenerator(seed: seed, stream: 1).permutation(of: data.count)
    switch criterion {
    case .evidence: return [Part(train: data, heldOut: nil)]
    case .folds(let count):
      guard data.count > 1 else { throw tooFew(data.count) }
      guard (2...data.count).contains(count) else {
        throw .invalidParameter(
          name: "folds", value: "\(count)", accepted: "2 to the number of training examples, \(data.count)")
      }
      return (0..<count).map { k in part(order.indices.filter { $0 % count == k }.map { order[$0] }) }
    case .heldOut(let fraction):
      guard data.count > 1 else { throw tooFew(data.count) }
      guard fraction > 0, fraction < 1 else {
        throw .invalidParameter(
          name: "validation-fraction", value: "\(fraction)", accepted: "a number between 0 and 1")
      }
      let count = min(max(Int((fraction * Double(data.count)).rounded()), 1), data.count - 1)
      return [part(Array(order.suffix(count)))]
    }
  }

  private static func tooFew(_ count: Int) -> RenormError {
    .unusableData(
      "there is \(count) training example, of which none can be held out; tune by the evidence, or take more")
  }

  /// The criterion of a network.
  ///
  /// - Parameters:
  ///   - starts: coordinates of neighbours' order parameters, one for each part, or none.
  ///   - parameters: those whose derivatives are wanted, where they are cheap.
  ///   - keepsKernels: whether kernels that have to be made are for later evaluations too.
  /// - Throws: `RenormError.numericalFailure` where a fit does not converge, and as fits throw.
  mutating func value(
    _ network: Network, from starts: [Matrix], derivatives parameters: [NetworkParameter] = [],
    keepsKernels: Bool = true
  ) throws(RenormError) -> Value {
    var (sum, count, coordinates) = (0.0, 0, [Matrix]())
    for (k, part) in parts.enumerated() {
      let start = k < starts.count ? starts[k] : nil
      let own = try kernels(k, network, keeps: keepsKernels)
      guard let heldOut = own.heldOut, let targets = part.heldOut?.targets else {
        return try evidence(own.family, network, start, parameters)
      }
      let isUsable = start.map { $0.rows == own.family.kernels.space.order } ?? false
      let (result, prediction) =
        if let start, isUsable {
          try own.family.member(network, at: heldOut, startingAt: start)
        } else {
          try own.family.member(network, at: heldOut)
        }
      try result.solution.convergence.check()
      // A likelihood of classes is scored by -log p.
      let error =
        prediction.logProbabilities == nil
        ? prediction.scores(targets: targets, isClassification: false).generalizationError
        : prediction.labelScores(targets: targets, isClassification: true, temperature: 1).nll
      sum += Double(targets.rows) * (error ?? .nan)
      count += targets.rows
      coordinates.append(result.solution.coordinates)
    }
    return Value(value: sum / Double(count), coordinates: coordinates, derivatives: parameters.map { _ in nil })
  }

  private func evidence(
    _ family: KernelFamily, _ network: Network, _ start: Matrix?, _ parameters: [NetworkParameter]
  ) throws(RenormError) -> Value {
    let point = try EvidencePoint(family, network, from: start)
    try point.result.solution.convergence.check()
    guard let value = point.result.logEvidence else {
      throw .unsupported(
        what: "tuning by the evidence of a network that has none", instead: "tune by k-fold or validation")
    }
    let derivatives = try parameters.map { (parameter) throws(RenormError) in try point.derivative(parameter) }
    return Value(value: value, coordinates: [point.result.solution.coordinates], derivatives: derivatives)
  }

  private mutating func kernels(_ k: Int, _ network: Network, keeps: Bool) throws(RenormError) -> Kernels {
    if let known = kernels[k] {
      if known.family.network.sharesKernels(with: network),
        (known.family.network.width == .infinite) == (network.width == .infinite)
      {
        return known
      }
      if let family = try known.family.reading(network) {
        return Kernels(family: family, heldOut: known.heldOut)
      }
      // Not both at once, where they are large.
      if keeps { kernels[k] = nil }
    }
    let family = try KernelFamily(network, parts[k].train, options: options, progress: progress)
    let made = Kernels(
      family: family,
      heldOut: try parts[k].heldOut.map { (data) throws(RenormError) in try family.heldOut(data.inputs) })
    if keeps { kernels[k] = made }
    return made
  }
}

extension Dataset {
  /// Some of the examples, in the given order.
  func selecting(_ examples: [Int]) -> Dataset {
    Dataset(
      shape: shape, inputs: inputs.selectingColumns(examples), targets: targets.selectingRows(examples),
      classes: classes)
  }
}

extension Convergence {
  /// - Throws: `RenormError.numericalFailure` unless the order parameter is determined.
  func check() throws(RenormError) {
    guard let failure else { return }
    throw .numericalFailure(
      what: "the fit did not converge: \(failure)",
      advice: "take a higher temperature or more iterations")
  }
}
