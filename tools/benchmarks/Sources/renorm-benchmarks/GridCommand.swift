import ArgumentParser
import Renorm
import RenormFiles

struct GridCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grid",
    abstract: "Fit and predict a fully connected network on a grid of temperatures and readout precisions.")

  @OptionGroup var options: BenchmarkOptions
  @Option(help: "NPZ file with x_train, y_train, x_test and y_test, used as they are.") var data: String
  @Option(help: "Number of hidden units N.") var width: Int
  @Option(parsing: .upToNextOption, help: "Temperatures.") var temperatures: [Double]
  @Option(parsing: .upToNextOption, help: "Prior precisions of the readout.") var lambda1: [Double]

  struct Point: Codable {
    let temperature: Double
    let lambda1: Double
    let orderParameter: Double
    let mean: [Double]
    let variance: [Double]
  }

  struct Report: Codable {
    let machine: Machine
    /// Seconds for all points, reading the file excluded.
    let seconds: Double
    let points: [Point]
  }

  func run() throws {
    options.apply()
    let loaded = try LoadedData.load(DataFiles(train: data), DataSelection(standardize: .none))
    guard let test = loaded.test else { throw BenchmarkError("\(data) has no held-out points") }
    var points: [Point] = []
    let seconds = try measure { points = try fits(loaded.train, test.inputs) }
    print("\(points.count) points in \(seconds.text(4)) s")
    try options.write(Report(machine: Machine(threads: options.threads), seconds: seconds, points: points))
  }

  private func fits(_ training: Dataset, _ inputs: Matrix) throws -> [Point] {
    let network = { (temperature: Double, lambda1: Double) in
      try Network(
        architecture: FullyConnected(), width: .finite(width), temperature: temperature, lambda1: lambda1)
    }
    let family = try KernelFamily(
      network(temperatures[0], lambda1[0]), training, options: FitOptions(threads: options.threads))
    let heldOut = try family.heldOut(inputs)
    var points: [Point] = []
    for temperature in temperatures {
      for lambda1 in lambda1 {
        let member = try family.member(network(temperature, lambda1), at: heldOut)
        points.append(
          Point(
            temperature: temperature, lambda1: lambda1, orderParameter: member.result.orderParameter[0, 0],
            mean: member.prediction.mean.elements, variance: member.prediction.variance.elements))
      }
    }
    return points
  }
}
