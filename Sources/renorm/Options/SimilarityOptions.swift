import ArgumentParser
import Foundation
import Renorm
import RenormFiles
import RenormSampling

/// The options of sampled similarities.
struct SimilarityOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Write the similarity (1/N) sum_a s(h_ai(x)) s(h_aj(x')) of the hidden layer between training examples as \
      NPZ: positions (pairs x 2), before (the prior's), after and standardError (pairs x examples x examples); \
      `renorm plot similarity` draws it.
      """, valueName: "file"), completion: .file())
  var similarity: String?

  @Option(
    parsing: .unconditional,
    help: "Number of examples for --similarity, the first of the training set. (default: 20)")
  var similarityCount: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Pair of positions for --similarity, from 0. (default: all that share filters)", valueName: "i,j"))
  var similarityPositions: PositionPair?

  /// What was given but has no effect.
  var warnings: [String] {
    guard similarity == nil else { return [] }
    return [
      ("--similarity-count", similarityCount != nil), ("--similarity-positions", similarityPositions != nil),
    ]
    .filter(\.1).map { "\($0.0) has no effect without --similarity" }
  }

  /// The points at which the similarity is recorded; nil where it is not asked for.
  ///
  /// - Throws: `RenormError.invalidParameter` for a count that is not positive.
  func points(_ training: Dataset) throws(RenormError) -> SimilarityPoints? {
    if let similarityCount, similarityCount < 1 {
      throw .invalidParameter(name: "similarity-count", value: "\(similarityCount)", accepted: "at least 1")
    }
    guard similarity != nil else { return nil }
    let count = min(similarityCount ?? 20, training.count)
    return SimilarityPoints(
      training.inputs.selectingColumns(0..<count),
      positions: similarityPositions.map { [DrawLayout.Pair($0.i, $0.j)] })
  }
}

/// Two positions separated by a comma, or one that stands for both.
struct PositionPair: ExpressibleByArgument {
  let i: Int
  let j: Int

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map {
      Int($0.filter { !$0.isWhitespace })
    }
    guard numbers.count == 1 || numbers.count == 2, let i = numbers[0], let j = numbers[numbers.count - 1]
    else {
      return nil
    }
    self.i = i
    self.j = j
  }
}
