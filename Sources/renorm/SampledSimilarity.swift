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

/// Sampled similarities on disk: an NPZ archive that `numpy.load` opens and `renorm plot similarity` draws.
struct SimilarityFile {
  private struct Metadata: Encodable {
    let renormVersion = RenormVersion.current
    let architecture: String
    let width: Int?
    let positions: Int
    let classes: [ClassLabel]?
  }

  private var archive = NPZWriter()

  /// - Throws: `RenormError` as `Network.priorSimilarity`, `EncodingError`.
  init(_ network: Network, _ training: Dataset, _ sampled: SampledNetwork) throws {
    let count = sampled.layout.similarityCount
    let inputs = training.inputs.selectingColumns(0..<count)
    let metadata = Metadata(
      architecture: network.architecture.name, width: network.width.units,
      positions: try network.architecture.grid(on: training.shape).positions, classes: training.classes)
    let pairs = sampled.estimates.similarity
    var before: [Double] = []
    for pair in pairs {
      let (i, j) = (pair.positions.row, pair.positions.column)
      let matrix = try network.priorSimilarity(of: inputs, on: training.shape, positions: i, j)
      before += (0..<count).flatMap(matrix.row)
    }
    let shape = [pairs.count, count, count]
    let json = Array(try JSONEncoder().encode(metadata))
    archive.add("metadata", bytes: json, shape: [json.count])
    archive.add(
      "positions", pairs.flatMap { [$0.positions.row, $0.positions.column] }, shape: [pairs.count, 2])
    archive.add("before", before, shape: shape)
    archive.add("after", pairs.flatMap { $0.matrix.joined().map(\.mean) }, shape: shape)
    archive.add("standardError", pairs.flatMap { $0.matrix.joined().map(\.standardError) }, shape: shape)
    let rows = (0..<count).flatMap { training.targets.row($0) }
    archive.add("targets", rows, shape: [count, training.outputs])
  }

  /// Writes the file at once: afterwards it is complete, or as it was before.
  func write(to path: String) throws(DataError) { try archive.write(to: path) }
}
