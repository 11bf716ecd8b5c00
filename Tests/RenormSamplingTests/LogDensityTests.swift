import RenormSampling
import Testing

@Suite struct LogDensityTests {
  /// Central differences of a quadratic have no truncation error; 1e-9 is their rounding.
  @Test func gradientOfAGaussianAgreesWithDifferences() {
    let density = GaussianDensity(mean: [1, -2], deviations: [0.5, 3])
    var workspace: Void = density.makeWorkspace()
    var gradient = [0.0, 0.0]
    let position = [0.3, 0.7]
    _ = density.evaluate(position, gradient: &gradient, &workspace)
    for k in position.indices {
      var (up, down, unused) = (position, position, gradient)
      up[k] += 1e-3
      down[k] -= 1e-3
      let difference =
        (density.evaluate(up, gradient: &unused, &workspace)
          - density.evaluate(down, gradient: &unused, &workspace))
        / 2e-3
      #expect(abs(difference - gradient[k]) < 1e-9)
    }
  }
}
