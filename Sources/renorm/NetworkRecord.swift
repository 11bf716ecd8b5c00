import Renorm
import RenormFiles

/// The keys that say what the network is, in every report.
struct NetworkRecord: Encodable {
  let reportVersion = 1
  let version = RenormVersion.current
  let architecture: String
  let activation: String
  @Nullable var width: Int?
  let infiniteWidth: Bool
  let temperature: Double
  let lambda0: Double
  let lambda1: Double
  let readout: String
  @Nullable var lengthScale: Double?
  @Nullable var mask: [Int]?
  @Nullable var stride: [Int]?
  let positions: Int
  let grid: [Int]
  let droppedRows: Int
  let droppedColumns: Int
  let trainCount: Int
  let outputs: Int
  let alpha: Double

  init(_ posterior: Posterior) {
    self.init(posterior.network.description, posterior.grid, posterior.training)
  }

  init(_ network: Network, _ training: Dataset) throws(RenormError) {
    self.init(network.description, try network.architecture.grid(on: training.shape), training)
  }

  private init(_ network: NetworkDescription, _ grid: PatchGrid, _ training: Dataset) {
    architecture = network.architecture
    activation = network.activation
    _width = Nullable(network.width.units)
    infiniteWidth = network.width == .infinite
    temperature = network.temperature
    lambda0 = network.lambda0
    lambda1 = network.lambda1
    readout = network.readout
    _lengthScale = Nullable(network[.lengthScale]?.number)
    _mask = Nullable(network.window.map { [$0.mask.height, $0.mask.width] })
    _stride = Nullable(network.window.map { [$0.stride.height, $0.stride.width] })
    positions = grid.positions
    self.grid = [grid.rows, grid.columns]
    droppedRows = grid.droppedRows
    droppedColumns = grid.droppedColumns
    trainCount = training.count
    outputs = training.outputs
    alpha = network.width.load(examples: training.count)
  }
}

extension NetworkRecord {
  /// What the network is.
  var title: String {
    let width = width.map { "N = \($0), alpha = P/N = \(fourDigits(alpha))" } ?? "infinite width"
    return
      "network           \(architecture), \(activation), \(width), T = \(temperature), lambda0 = \(lambda0), "
      + "lambda1 = \(lambda1)"
  }

  /// The pixels that no patch covers; nil where there are none.
  var dropped: String? {
    guard droppedRows + droppedColumns > 0 else { return nil }
    return
      "dropped           the last \(droppedRows) rows and \(droppedColumns) columns of pixels, which the "
        + "stride "
      + "does not reach"
  }

  /// What it was trained on.
  func data(_ record: Report.DataRecord?) -> String {
    let classes = record?.classes
    var text = "training set      P = \(trainCount), "
    if let classes {
      text += "classes \(classes.map(\.description).joined(separator: ", "))"
    } else {
      text += "\(outputs) real-valued output\(outputs == 1 ? "" : "s")"
    }
    if let scaling = record?.targetScaling {
      let shifts = scaling.shifts.prefix(4).map(fourDigits).joined(separator: ", ")
      text += " less \(shifts)\(scaling.shifts.count > 4 ? ", ..." : "")"
      if scaling.scale != 1 { text += ", divided by \(fourDigits(scaling.scale)), of which T is the noise" }
    }
    if positions > 1 { text += ", n = \(positions) positions (\(grid[0]) x \(grid[1]))" }
    return text
  }
}
