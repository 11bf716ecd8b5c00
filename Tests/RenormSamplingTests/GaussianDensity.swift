import RenormSampling

/// A Gaussian with independent coordinates: the simplest density whose moments are known.
struct GaussianDensity: LogDensity {
  let mean: [Double]
  let deviations: [Double]

  var dimension: Int { mean.count }
  var quantities: [String] { mean.indices.map { "x\($0)" } }

  func makeWorkspace() {}

  func evaluate(_ position: [Double], gradient: inout [Double], _ workspace: inout Void) -> Double {
    var value = 0.0
    for k in position.indices {
      let z = (position[k] - mean[k]) / deviations[k]
      value -= z * z / 2
      gradient[k] = -z / deviations[k]
    }
    return value
  }

  func observe(_ position: [Double], _ workspace: inout Void) -> [Double] { position }
}
