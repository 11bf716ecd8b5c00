import ArgumentParser
import Foundation
import Renorm
import RenormFiles
import RenormPlot
import RenormSampling
import RenormSweep

/// A fit whose order parameter did not reach the tolerance.
struct NotConverged: Error, CustomStringConvertible {
  let convergence: Convergence
  /// The limit on iterations; nil where it is not known.
  var maximumIterations: Int?

  var description: String {
    let failure = "the fit did not converge: \(convergence.failure ?? "")"
    if convergence.isLostToRounding {
      return failure + ", as the temperature is too close to the rounding of the kernel; try a higher "
        + "--temperature, or remove examples that are nearly equal"
    }
    if convergence.reachedTolerance { return failure + "; try a higher --temperature or a larger --width" }
    let count = convergence.iterations
    // More steps would not help a solver that stopped before the limit, nor would a tolerance that it cannot
    // judge.
    let isStuck = maximumIterations.map { count < $0 } ?? false
    return failure
      + (isStuck
        ? ", and no step decreases it further; try "
        : "; try a larger --max-iterations, a larger --tolerance, ")
      + "a higher --temperature or a larger --width"
  }
}

extension Posterior {
  /// - Parameter maximumIterations: the limit of the search; nil where it is not known.
  /// - Throws: `NotConverged` where the fit is none.
  func checkConverged(maximumIterations: Int? = nil) throws {
    let convergence = solution.convergence
    guard convergence.converged else {
      throw NotConverged(convergence: convergence, maximumIterations: maximumIterations)
    }
  }
}

/// What every failure ends in: one line on standard error and an exit code of sysexits.
enum ErrorLine {
  static func exit(with error: any Error) -> Never {
    let code = exitCode(error)
    // Help and version texts are "errors" of the argument parser too.
    guard code != ExitCode.success.rawValue else { exit(printing: RenormTool.fullMessage(for: error)) }
    write("error: \(message(error))")
    Foundation.exit(code)
  }

  /// Ends with a text that was asked for.
  private static func exit(printing text: String) -> Never {
    do {
      if !text.isEmpty { try StandardOutput.write(text + "\n") }
    } catch {
      exit(with: error)
    }
    Foundation.exit(EXIT_SUCCESS)
  }

  /// Prints `renorm: text` as one line on standard error, with the flags of parameters.
  static func write(_ text: String) {
    let line = flagged(text).split(whereSeparator: \.isNewline).joined(separator: " ")
    StandardError.write("renorm: \(line)\n")
  }

  /// Libraries name parameters in backticks, with a value perhaps: `layout nhwc` is --layout nhwc here.
  private static func flagged(_ text: String) -> String {
    text.replacing(/`(?!renorm)([a-z][a-z0-9]*(?:-[a-z0-9]+)*(?: [^`]*)?)`/) { "--\($0.1)" }
  }

  private static func message(_ error: any Error) -> String {
    switch error {
    case is DataError, is RenormError, is SamplingError, is NotConverged, is NotConvergedChains,
      is LostPredictions,
      is SpecificationError, is StoreError,
      is FailedPoints, is MissingPoints, is UnusablePrediction:
      "\(error)"
    case let error as PlotError: error.message
    case EncodingError.invalidValue(_, let context):
      "the result is not a finite number (\(context.codingPath.map(\.stringValue).joined(separator: "."))); "
        + "rescale targets, inputs, priors or the temperature"
    case is ValidationError: RenormTool.message(for: error)
    default: parserMessage(error)
    }
  }

  /// The message of the argument parser with its help on the option, which says what is accepted.
  private static func parserMessage(_ error: any Error) -> String {
    let lines = RenormTool.fullMessage(for: error).split(whereSeparator: \.isNewline).map(String.init)
    var message = RenormTool.message(for: error)
    if let help = lines.first(where: { $0.hasPrefix("Help:") }) {
      let words = help.dropFirst(5).split(separator: " ").joined(separator: " ")
      message += " (\(words.replacing(/^(-\S+ )*(<[^>]*> )?/, with: "")))"
    }
    if let see = lines.last?.firstMatch(of: /See ('.*')/) { message += "; see \(see.1)" }
    return message
  }

  private static func exitCode(_ error: any Error) -> Int32 {
    switch error {
    case let error as DataError: exitCode(error.kind)
    case let error as RenormError: exitCode(error)
    case let error as SamplingError: exitCode(error)
    case let error as SpecificationError: error.isUsage ? EX_USAGE : EX_DATAERR
    case let error as StoreError: exitCode(error)
    case let error as PlotError: exitCode(error)
    case is NotConverged, is NotConvergedChains, is LostPredictions, is UnusablePrediction, is EncodingError,
      is FailedPoints,
      is MissingPoints:
      EX_SOFTWARE
    default: RenormTool.exitCode(for: error).rawValue
    }
  }

  private static func exitCode(_ error: StoreError) -> Int32 {
    switch error {
    case .otherSweep, .atWork, .otherSettings, .otherVersion, .tooManyProcesses: EX_USAGE
    case .damaged, .noDescription: EX_DATAERR
    case .noSweep: EX_NOINPUT
    }
  }

  private static func exitCode(_ kind: DataError.Kind) -> Int32 {
    switch kind {
    case .usage: EX_USAGE
    case .badData: EX_DATAERR
    case .missingInput: EX_NOINPUT
    case .cannotCreateOutput: EX_CANTCREAT
    case .inputOutput: EX_IOERR
    }
  }

  private static func exitCode(_ error: PlotError) -> Int32 {
    switch error {
    case .gnuplotMissing: EX_UNAVAILABLE
    case .drawingFailed: EX_SOFTWARE
    case .unknownFormat, .unsuitable, .adjustable, .wrongFilter: EX_USAGE
    case .nothingToDraw, .unreadable: EX_DATAERR
    }
  }

  private static func exitCode(_ error: SamplingError) -> Int32 {
    switch error {
    case .noStart: EX_SOFTWARE
    case .foreignCheckpoint, .otherCheckpointVersion, .damagedCheckpoint: EX_DATAERR
    }
  }

  private static func exitCode(_ error: RenormError) -> Int32 {
    switch error {
    case .invalidParameter, .maskLargerThanImage, .unsupported: EX_USAGE
    case .shapeMismatch, .unusableData, .unsupportedModel, .damagedModel: EX_DATAERR
    case .outOfMemory, .numericalFailure, .notFinitePrediction: EX_SOFTWARE
    }
  }
}
