import ArgumentParser
import Renorm
import RenormFiles
import RenormPlot

struct SimilarityPlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "similarity",
    abstract: "Draw the similarity of hidden representations before and after training.",
    discussion: """
      Shown for training examples x and x', ordered by class, is the average of \
      (1/N) sum_a s(h_ai(x)) s(h_aj(x')) over the prior, over the posterior, and the difference.

      Of a model, by the theory at order 1/N: in closed form for linear activations, by draws of a hidden unit \
      for others; with several outputs or node priors the part that Gaussian features have, and odd activations \
      only. Of a file of `renorm sample --similarity`, as sampled: any \
      activation.
      """)

  @Argument(
    help: ArgumentHelp("A model of `renorm fit`, or similarities of `renorm sample` (NPZ).", valueName: "file"),
    completion: .file(extensions: ["npz"]))
  var input: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Pair of positions, from 0. (default: twice the one with the largest order parameter; of sampled ones the \
      pair that changes most)
      """, valueName: "i,j"))
  var positions: PositionPair?

  @Option(parsing: .unconditional, help: "Number of examples, the first of the training set.")
  var count = 60

  @Option(help: "Scale of the colours of the difference; symlog is logarithmic on both sides of zero.")
  var scale = SignedScale.Kind.linear

  @OptionGroup(title: "Output") var picture: PictureOptions

  func validate() throws {
    guard (2...1000).contains(count) else {
      throw RenormError.invalidParameter(name: "count", value: "\(count)", accepted: "2 to 1000")
    }
  }

  func run() throws {
    try picture.check(inputs: [input])
    let pair = positions.map { (i: $0.i, j: $0.j) }
    guard try !SimilarityRecord.isOne(path: input) else {
      let sampled = try SimilarityRecord(path: input)
      return try picture.write(SimilarityPlot(sampled, positions: pair, count: count, scale: scale).figure)
    }
    let posterior = try ModelFile(reading: input).posterior
    try picture.write(SimilarityPlot(posterior, positions: pair, count: count, scale: scale).figure)
  }
}
