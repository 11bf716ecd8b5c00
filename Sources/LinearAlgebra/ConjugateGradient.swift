/// Solves H x = b for a symmetric operator by preconditioned conjugate gradients.
///
/// - Returns: x with a residual of `tolerance` relative to b in the norm of the preconditioner; nil where a
///   direction of negative curvature was met.
package func conjugateGradient(
  _ b: [Double], tolerance: Double, preconditioner: ([Double]) -> [Double] = { $0 },
  _ apply: ([Double]) -> [Double]
) -> [Double]? {
  var x = [Double](repeating: 0, count: b.count)
  var residual = b
  var preconditioned = preconditioner(residual)
  var direction = preconditioned
  var norm = dot(residual, preconditioned)
  guard norm > 0 else { return x }
  let target = tolerance * tolerance * norm
  for _ in 0..<200 {
    let image = apply(direction)
    let curvature = dot(direction, image)
    guard curvature > 1e-12 * (dot(direction, direction) * dot(image, image)).squareRoot() else { return nil }
    let length = norm / curvature
    x.add(length, direction)
    residual.add(-length, image)
    preconditioned = preconditioner(residual)
    let next = dot(residual, preconditioned)
    if next <= target { break }
    let previous = direction
    direction = preconditioned
    direction.add(next / norm, previous)
    norm = next
  }
  return x
}
