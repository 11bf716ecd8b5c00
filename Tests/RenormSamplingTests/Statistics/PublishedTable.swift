import Renorm

/// Sampled order parameters.
enum PublishedTable {
  struct Row: Sendable, CustomStringConvertible {
    let description: String
    let architecture: any Architecture
    let width: Int
    var activation: any Activation = Erf()
    /// Of the exponential prior of the readout; nil for independent weights.
    var lengthScale: Double?
    let diagonal: [Double]
    /// Positions and value off the diagonal.
    var other: (i: Int, j: Int, value: Double)?
  }

  static let rows: [Row] = [
    Row(
      description: "CNN erf", architecture: Convolutional(mask: Extent(7)), width: 30,
      diagonal: [0.838, 0.767, 0.902, 1.077], other: (3, 2, 0.098)),
    Row(
      description: "LCN erf", architecture: LocallyConnected(mask: Extent(7)), width: 30,
      diagonal: [0.839, 0.764, 0.897, 1.077]),
    Row(
      description: "CNN relu", architecture: Convolutional(mask: Extent(7)), width: 30, activation: ReLU(),
      diagonal: [0.905, 0.835, 0.956, 1.211], other: (3, 2, 0.092)),
    Row(
      description: "CNN erf, exponential readout", architecture: Convolutional(mask: Extent(7)), width: 40,
      lengthScale: 1.5, diagonal: [0.835, 0.793, 0.920, 1.000], other: (1, 0, 0.369)),
    Row(
      description: "FC linear", architecture: FullyConnected(), width: 30, activation: Linear(),
      diagonal: [0.612]),
    Row(description: "FC erf, N = 300", architecture: FullyConnected(), width: 300, diagonal: [0.954]),
    Row(description: "FC erf, N = 30", architecture: FullyConnected(), width: 30, diagonal: [0.821]),
  ]
}
