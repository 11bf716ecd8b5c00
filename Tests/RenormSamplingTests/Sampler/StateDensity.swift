import GSLNumerics
import RenormSampling

/// A normal coordinate of deviation 1/2, and behind it a state of 0 or 1 that `move` draws anew. Both
/// are recorded.
struct StateDensity: LogDensity {
  let dimension = 1
  let stateCount = 1
  let quantities = ["x", "state"]

  func makeWorkspace() {}

  func move(_ position: inout [Double], _ workspace: inout Void, _ random: RandomGenerator) -> Bool {
    position[1] = random.uniform() < 0.3 ? 1 : 0
    return true
  }

  func initialPosition(_ normal: [Double]) -> [Double] { [normal[0], 0] }

  func evaluate(_ position: [Double], gradient: inout [Double], _ workspace: inout Void) -> Double {
    gradient[0] = -4 * position[0]
    return -2 * position[0] * position[0]
  }

  func observe(_ position: [Double], _ workspace: inout Void) -> [Double] { position }
}
