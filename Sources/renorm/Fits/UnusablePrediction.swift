import Renorm
import RenormFiles

/// An example of a file whose prediction is not a finite number.
struct UnusablePrediction: Error, CustomStringConvertible {
  let path: String
  /// Position in the file, from 0.
  let example: Int

  var description: String {
    "\(path): example \(example) (from 0): the prediction is not a finite number; rescale its inputs, or the "
      + "targets of the fit"
  }
}

extension Posterior {
  /// Predictions at examples that are at `indices` of a file.
  ///
  /// - Throws: `UnusablePrediction`, and as `predict`.
  func predict(_ inputs: Matrix, from path: String, _ indices: [Int]) throws -> Prediction {
    do {
      return try predict(inputs)
    } catch RenormError.notFinitePrediction(let point) {
      throw UnusablePrediction(path: path, example: indices[point])
    }
  }
}
