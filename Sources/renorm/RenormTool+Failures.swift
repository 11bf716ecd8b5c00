import ArgumentParser
import Foundation
import Renorm
import RenormFiles
import RenormPlot
import RenormSampling
import RenormSweep

/// What every failure ends in: one line on standard error and an exit code of sysexits.
extension RenormTool {
  static func fail(with error: any Error) -> Never {
    let code = exitStatus(error)
    // Help and version texts are "errors" of the argument parser too.
    guard code != ExitCode.success.rawValue else { end(printing: fullMessage(for: error)) }
    ErrorLine.write("error: \(line(error))")
    Foundation.exit(code)
  }

  /// Ends with a text that was asked for.
  private static func end(printing text: String) -> Never {
    do {
      if !text.isEmpty { try StandardOutput.write(text + "\n") }
    } catch {
      fail(with: error)
    }
    Foundation.exit(EXIT_SUCCESS)
  }

  private static func line(_ error: any Error) -> String {
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
    case is ValidationError: message(for: error)
    default: parserMessage(error)
    }
  }

  /// The message of the argument parser with its help on the option, which says what is accepted.
  private static func parserMessage(_ error: any Error) -> String {
    let lines = fullMessage(for: error).split(whereSeparator: \.isNewline).map(String.init)
    var message = Self.message(for: error)
    if let help = lines.first(where: { $0.hasPrefix("Help:") }) {
      let words = help.dropFirst(5).split(separator: " ").joined(separator: " ")
      message += " (\(words.replacing(/^(-\S+ )*(<[^>]*> )?/, with: "")))"
    }
    if let see = lines.last?.firstMatch(of: /See ('.*')/) { message += "; see \(see.1)" }
    return message
  }

  private static func exitStatus(_ error: any Error) -> Int32 {
    switch error {
    case let error as DataError: exitStatus(error.kind)
    case let error as RenormError: exitStatus(error)
    case let error as SamplingError: exitStatus(error)
    case let error as SpecificationError: error.isUsage ? EX_USAGE : EX_DATAERR
    case let error as StoreError: exitStatus(error)
    case let error as PlotError: exitStatus(error)
    case is NotConverged, is NotConvergedChains, is LostPredictions, is UnusablePrediction, is EncodingError,
      is FailedPoints,
      is MissingPoints:
      EX_SOFTWARE
    default: exitCode(for: error).rawValue
    }
  }

  private static func exitStatus(_ error: StoreError) -> Int32 {
    switch error {
    case .otherSweep, .atWork, .otherSettings, .otherVersion, .tooManyProcesses: EX_USAGE
    case .damaged, .noDescription: EX_DATAERR
    case .noSweep: EX_NOINPUT
    }
  }

  private static func exitStatus(_ kind: DataError.Kind) -> Int32 {
    switch kind {
    case .usage: EX_USAGE
    case .badData: EX_DATAERR
    case .missingInput: EX_NOINPUT
    case .cannotCreateOutput: EX_CANTCREAT
    case .inputOutput: EX_IOERR
    }
  }

  private static func exitStatus(_ error: PlotError) -> Int32 {
    switch error {
    case .gnuplotMissing: EX_UNAVAILABLE
    case .drawingFailed: EX_SOFTWARE
    case .unknownFormat, .unsuitable, .adjustable, .wrongFilter: EX_USAGE
    case .nothingToDraw, .unreadable: EX_DATAERR
    }
  }

  private static func exitStatus(_ error: SamplingError) -> Int32 {
    switch error {
    case .noStart: EX_SOFTWARE
    case .foreignCheckpoint, .otherCheckpointVersion, .damagedCheckpoint: EX_DATAERR
    }
  }

  private static func exitStatus(_ error: RenormError) -> Int32 {
    switch error {
    case .invalidParameter, .maskLargerThanImage, .unsupported: EX_USAGE
    case .shapeMismatch, .unusableData, .unsupportedModel, .damagedModel: EX_DATAERR
    case .outOfMemory, .numericalFailure, .notFinitePrediction: EX_SOFTWARE
    }
  }
}
