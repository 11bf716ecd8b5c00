import ArgumentParser
import Foundation
import Renorm
import RenormCompanions
import RenormFiles
import RenormSampling

struct MixturePosteriorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "posterior",
    abstract: "Regression with a mixture of Gaussian processes, by elliptical slice sampling.",
    discussion: """
      One hidden layer of infinite width; --noise is the standard deviation of the noise. The last column of \
      --train is the target, the others are inputs, taken as they are. --test has the inputs, with or without \
      a target. mean and variance are those of the function at the rows of --test; variance is without noise. \
      A run with --checkpoint continues where it was interrupted. The exit code is 70 where the chains have not \
      converged; the results are written all the same.

      Example:
        renorm mogp posterior --law beta --train d.csv --test t.csv \\
          --noise 0.25 --sv 1.41421356
      """)

  @OptionGroup(title: "Law") var lawOptions: LawOptions
  @Option(help: ArgumentHelp("Training examples, one in each row, the target last.", valueName: "file"))
  var train: String
  @Option(help: ArgumentHelp("Points to predict, one in each row.", valueName: "file")) var test: String
  @Option(parsing: .unconditional, help: "Standard deviation of the noise.") var noise: Double
  @Option(parsing: .unconditional, help: "Scale sv of the output weights.") var sv = 1.0
  @Option(parsing: .unconditional, help: "Scale sb of the output bias.") var sb = 0.0
  @Option(parsing: .unconditional, help: "Scale of the first layer's weights.") var inputSv = 1.0
  @Option(parsing: .unconditional, help: "Scale of the first layer's biases.") var inputSb = 1.0
  @Option(
    parsing: .unconditional,
    help: """
      Number of atoms that are sampled, the largest up to where so many nearly always reach (27 on average for 50, \
      2 for 10); the others enter by their mean.
      """)
  var atoms = 50
  @Option(parsing: .unconditional, help: "Number of chains.") var chains = 4
  @Option(parsing: .unconditional, help: "Sweeps of every chain before the first kept draw.") var burn = 200
  @Option(parsing: .unconditional, help: "Kept draws of every chain.") var keep = 1000
  @Flag(help: "Also by importance sampling from the prior, for at most 6 training examples.") var checkIs =
    false
  @Option(parsing: .unconditional, help: "Draws of --check-is.") var checkDraws = 100_000
  @Option(
    help: ArgumentHelp(
      "Keep the state here; where the file exists, the run continues from it.", valueName: "file"))
  var checkpoint: String?
  @OptionGroup(title: "Output") var output: CompanionOutput
  @OptionGroup(title: "Computation") var random: RandomOptions

  func run() throws {
    if checkpoint == "-" {
      throw ValidationError("--checkpoint cannot go to standard output; give the name of a file")
    }
    try OutputOptions.checkWritable(
      [("--report", output.report), ("--checkpoint", checkpoint)], inputs: [train, test])
    let law = try lawOptions.nodeLaw()
    let table = try NumericTable.read(train)
    guard table.rows >= 2 else {
      throw DataError.wrongShape(
        path: train, found: "1 column", expected: "inputs and a target in the last column")
    }
    let count = table.rows - 1
    var points = try NumericTable.read(test)
    guard points.rows == count || points.rows == count + 1 else {
      throw DataError.wrongShape(
        path: test, found: "\(points.rows) columns",
        expected: "\(count) inputs as in \(train), with a target or without")
    }
    points = points.selectingRows(0..<count)
    let posterior = try MixturePosterior(
      law, inputs: table.selectingRows(0..<count), targets: table.selectingRows([count]).transposed,
      noise: noise,
      weightScale: sv, biasScale: sb, firstWeightScale: inputSv, firstBiasScale: inputSb, atoms: atoms)
    // Cheap, and it refuses before the chains run.
    let check =
      checkIs
      ? try ImportanceCheck(
        posterior, points, draws: checkDraws, seed: random.seed, threads: random.threads) : nil
    let prediction = try sample(posterior, points)
    let record = MixturePosteriorRecord(
      posterior, prediction, check: check, chains: chains, burn: burn, keep: keep, seed: random.seed)
    try output.write(record)
    guard record.converged else {
      throw NotConvergedChains(rHat: record.rHat, effectiveSampleSize: record.effectiveSampleSize)
    }
  }

  /// Runs the chains; an interrupted run with a checkpoint ends the process here.
  private func sample(_ posterior: MixturePosterior, _ points: Matrix) throws -> MixturePrediction {
    let options = MixtureSamplingOptions(
      chains: chains, burn: burn, keep: keep, seed: random.seed, threads: random.threads)
    var progress = Progress(isQuiet: output.quiet)
    progress.begin(.sample)
    var first: Int?
    func run(_ file: MixtureCheckpoint?, _ stop: StopFlag) throws -> MixturePrediction {
      try posterior.predict(points, options: options, checkpoint: file, stop: stop) { done, total in
        let start = first ?? done
        first = start
        progress.show(SamplingProgress(done: done, total: total, doneNow: max(done - start, 1)))
      }
    }
    guard let checkpoint else {
      let result = try run(nil, StopFlag())
      _ = progress.end()
      return result
    }
    let interruption = Interruption()
    let result = try interruption.listening { try run(MixtureCheckpoint(path: checkpoint), interruption.stop) }
    _ = progress.end()
    if result.isComplete { return result }
    ErrorLine.write("interrupted; the same command continues from \(checkpoint)")
    interruption.end()
  }
}
