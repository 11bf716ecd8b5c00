internal import Foundation
internal import Renorm
internal import RenormFiles
internal import RenormNextOrder

/// The examples and kernels of one group, from which its points are computed.
struct KernelSession {
  let group: Int
  /// The limits in place of those of the sweep.
  let retry: PointRecord.RetryLimits?
  private let content: Content
  /// How to go past leading order; nil where that is not asked for.
  private let correction: Correction?

  /// A calculation past leading order.
  private enum Correction {
    case nextOrder(NextOrderOptions)
    case condensed(CondensedOptions)
  }

  /// What a user should know about the data; each is one line.
  private let dataWarnings: [String]

  private enum Content {
    case ready(KernelFamily, HeldOutKernels, LoadedData)
    /// Why no point of the group can be computed.
    case failed(String)
  }

  init(
    _ group: SweepGroup, _ specification: SweepSpecification, _ data: SweepData, _ settings: SweepDescription,
    _ retry: PointRecord.RetryLimits?
  ) {
    self.group = group.number
    self.retry = retry
    let options = FitOptions(
      tolerance: specification.tolerance,
      maximumIterations: retry?.maximumIterations ?? specification.maximumIterations,
      threads: settings.threads, memoryLimit: retry?.memoryLimit ?? settings.memoryLimit)
    correction =
      switch specification.order {
      case .leading, .mixture: nil
      case .next:
        .nextOrder(
          NextOrderOptions(
            draws: specification.draws, threads: settings.threads, memoryLimit: options.memoryLimit))
      case .condensed:
        .condensed(
          specification.condensed.with(threads: settings.threads, memoryLimit: options.memoryLimit))
      }
    var warnings: [String] = []
    do {
      let loaded = try data.load(trainCount: group.trainCount, shuffleSeed: group.shuffleSeed)
      // Folders may differ from run to run, results must not.
      warnings = loaded.warnings.map { warning in
        loaded.sources.reduce(warning) { $0.replacing($1.path, with: $1.path.split(separator: "/").last ?? "") }
      }
      let family = try KernelFamily(group.network, loaded.train, options: options)
      content = .ready(family, try family.heldOut(Self.heldOutInputs(loaded)), loaded)
    } catch {
      content = .failed("\(error)")
    }
    dataWarnings = warnings + (retry.map { [$0.warning] } ?? [])
  }

  /// Test points, then validation points.
  private static func heldOutInputs(_ data: LoadedData) -> Matrix {
    let parts = [data.test, data.validation].compactMap(\.self)
    return Matrix(
      rows: data.train.inputs.rows, columns: parts.reduce(0) { $0 + $1.count },
      elements: parts.flatMap(\.inputs.elements))
  }

  /// Computes a point, starting from a neighbour's order parameter, or from where it and the neighbour before
  /// it point to; from the one at infinite width where the neighbour failed.
  func record(_ point: SweepPoint, from predecessor: PointRecord?, before: PointRecord?) -> PointRecord {
    let neighbour = predecessor?.start
    let startedFrom = neighbour.flatMap { _ in predecessor?.index }
    func failed(_ reason: String, solved: PointRecord.Solved? = nil) -> PointRecord {
      PointRecord(
        point, startedFrom: startedFrom, solved: solved, scored: nil, failure: reason, warnings: dataWarnings,
        retry: retry)
    }
    guard case .ready(let family, let points, let data) = content else {
      if case .failed(let reason) = content { return failed(reason) }
      return failed("")
    }
    do {
      let network = try Network(point.parameters.network)
      let member: (result: FitResult, prediction: Prediction)
      if let neighbour, let predecessor {
        let start =
          if let before, let first = before.start {
            family.extrapolated(
              from: first, through: neighbour,
              ratio: point.parameters.network.step(
                from: predecessor.parameters.network, before: before.parameters.network))
          } else {
            neighbour
          }
        member = try family.member(network, at: points, startingAt: start)
      } else {
        member = try family.member(network, at: points)
      }
      let convergence = member.result.solution.convergence
      let solved = PointRecord.Solved(member.result)
      if let failure = convergence.failure {
        let cause =
          convergence.isLostToRounding ? "; the temperature is too close to the rounding of the kernel" : ""
        return failed("did not converge: \(failure)\(cause)", solved: solved)
      }
      let rounding = Self.variances(member.prediction, data).map(PredictionRounding.init)
      if let lost = rounding.lazy.compactMap(\.lostAverage).first {
        return failed(
          "\(lost) from rounding; the temperature is too close to the rounding of the kernel", solved: solved)
      }
      let next = try corrected(network, member.result, family, data)
      let record = PointRecord(
        point, startedFrom: startedFrom, solved: solved,
        scored: Self.scored(member.result, member.prediction, next?.scores, data), failure: nil,
        // Single variances are not stated.
        warnings: dataWarnings + member.result.warnings
          + rounding.filter { max($0.means, $0.meanVariance) > Convergence.remarkableError }.prefix(1)
          .flatMap(\.warnings)
          + (next?.warnings ?? []),
        retry: retry)
      // Numbers that are not finite cannot be written.
      return (try? record.encoded()) == nil ? failed("the result is not a finite number") : record
    } catch {
      return failed("\(error)")
    }
  }

  /// The point past leading order; nil where that was not asked for, does not exist, or has no held-out
  /// examples.
  private func corrected(
    _ network: Network, _ result: FitResult, _ family: KernelFamily, _ data: LoadedData
  ) throws(RenormError) -> (scores: PointRecord.Corrected, warnings: [String])? {
    guard let correction else { return nil }
    let points = Self.heldOutInputs(data)
    let outputs = data.train.outputs
    guard points.columns > 0 else { return nil }
    let scaling = data.recipe.targetScaling
    switch correction {
    case .nextOrder(let options):
      guard (try? network.checkNextOrder(outputs: outputs, order: options.order)) != nil else { return nil }
      let targets = [data.test, data.validation].compactMap(\.self).flatMap { $0.targets.column(0) }
      let next = try NextOrder(
        family.posterior(network, result.solution), points: points, targets: targets, options: options)
      let summary = next.summary.restored(
        scale: (scaling?.squaredScale ?? 1).squareRoot(), beside: next.order)
      return (Self.scores(next.corrected, summary, nil, network, data), next.warnings)
    case .condensed(let options):
      guard (try? network.checkCondensed(outputs: outputs, options)) != nil else { return nil }
      let theory = try Condensed(
        family.posterior(network, result.solution), points: points, options: options)
      return (Self.scores(theory.corrected, nil, theory.summary.withoutLaw, network, data), theory.warnings)
    }
  }

  private static func scores(
    _ corrected: TheoryResult, _ summary: NextOrderSummary?, _ condensed: CondensedSummary?,
    _ network: Network, _ data: LoadedData
  ) -> PointRecord.Corrected {
    let (scaling, testCount) = (data.recipe.targetScaling, data.test?.count ?? 0)
    let prediction = corrected.prediction
    return PointRecord.Corrected(
      summary: summary, condensed: condensed,
      logEvidence: corrected.logEvidence + (scaling?.logJacobian(count: data.train.count) ?? 0),
      test: data.test.map {
        .init(prediction.at(0..<testCount), $0, temperature: network.temperature, scaling)
      },
      validation: data.validation.map {
        .init(
          prediction.at(testCount..<testCount + $0.count), $0, temperature: network.temperature, scaling)
      })
  }

  /// Predictions of test and validation examples, whose means are stated.
  private static func variances(_ prediction: Prediction, _ data: LoadedData) -> [Prediction] {
    let testCount = data.test?.count ?? 0
    return [
      data.test.map { prediction.at(0..<$0.count) },
      data.validation.map { prediction.at(testCount..<testCount + $0.count) },
    ].compactMap(\.self)
  }

  private static func scored(
    _ result: FitResult, _ prediction: Prediction, _ next: PointRecord.Corrected?, _ data: LoadedData
  ) -> PointRecord.Scored {
    let temperature = result.network.temperature
    let testCount = data.test?.count ?? 0
    let scaling = data.recipe.targetScaling
    return PointRecord.Scored(
      logEvidence: result.logEvidence.map { $0 + (scaling?.logJacobian(count: data.train.count) ?? 0) },
      trainError: result.trainingError.map { $0 * (scaling?.squaredScale ?? 1) },
      trainAccuracy: result.trainingAccuracy,
      test: data.test.map {
        .init(prediction.at(0..<testCount), $0, temperature: temperature, scaling)
      },
      validation: data.validation.map {
        .init(prediction.at(testCount..<testCount + $0.count), $0, temperature: temperature, scaling)
      },
      nextOrder: next)
  }
}

extension NetworkDescription {
  /// The step from a neighbour to this network over the step that led to the neighbour, in the logarithm of the
  /// parameter that varies; at most 2, as a line does not reach far.
  fileprivate func step(from neighbour: NetworkDescription, before: NetworkDescription) -> Double {
    func logarithms(_ network: NetworkDescription) -> [Double] {
      Network.parameters.filter { !$0.isInKernels }.map { parameter in
        switch network[parameter] {
        case .number(let number): log(number)
        case .width(.finite(let units)): log(Double(units))
        default: 0
        }
      }
    }
    let (a, b, c) = (logarithms(before), logarithms(neighbour), logarithms(self))
    guard let k = a.indices.first(where: { a[$0] != b[$0] }) else { return 0 }
    return min(max((c[k] - b[k]) / (b[k] - a[k]), 0), 2)
  }
}
