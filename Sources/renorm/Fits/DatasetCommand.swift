import ArgumentParser
import Renorm
import RenormFiles

/// A command on a network and a dataset: what `fit`, `sample` and `compare` begin with, once.
protocol DatasetCommand: ParsableCommand {
  var networkOptions: NetworkOptions { get }
  var dataOptions: DataOptions { get }
  var compute: ComputeOptions { get }
  var output: OutputOptions { get }
  /// Options that name files to write, beside report and predictions.
  var outputFiles: [(option: String, path: String?)] { get }
}

extension DatasetCommand {
  /// The network and the examples, after the checks of all options and outputs that need no work.
  func prepare(_ progress: inout Progress) throws -> (network: Network, data: LoadedData) {
    let network = try networkOptions.network()
    try compute.check()
    let files = dataOptions.files
    try output.checkWritable(
      files: outputFiles, inputs: [files.train, files.trainLabels, files.test, files.testLabels])
    progress.begin(.load)
    let data = try LoadedData.load(files, dataOptions.selection)
    try output.checkPredictions(of: data.test?.count)
    return (network, data)
  }
}
