@preconcurrency internal import CNumerics

/// Adaptive quadrature of GSL (QUADPACK).
public enum Quadrature {
  /// An integral with an estimate of its error; `hasConverged` says whether that is below what was asked for.
  public struct Result: Equatable, Sendable {
    public let value: Double
    public let error: Double
    public let hasConverged: Bool
  }

  private static let subdivisions = 2000

  /// The integral of f from `lower` to `upper`, each of which may be infinite; singularities of f at the ends
  /// may be integrable ones (QAGS, QAGIU, QAGIL, QAGI).
  ///
  /// - Parameter relative: the relative error to reach, at least 1e-14.
  public static func integrate(
    from lower: Double, to upper: Double, relative: Double = 1e-10, absolute: Double = 0,
    _ f: (Double) -> Double
  ) -> Result {
    GSL.disableAbortOnError
    if lower == upper { return Result(value: 0, error: 0, hasConverged: true) }
    guard let workspace = gsl_integration_workspace_alloc(subdivisions) else {
      preconditionFailure("out of memory for quadrature")
    }
    defer { gsl_integration_workspace_free(workspace) }
    return withoutActuallyEscaping(f) { f in
      var integrand = Integrand(f: f)
      return withUnsafeMutablePointer(to: &integrand) { pointer in
        var function = gsl_function(
          function: { x, context in
            context.map { $0.assumingMemoryBound(to: Integrand.self).pointee.f(x) } ?? .nan
          }, params: UnsafeMutableRawPointer(pointer))
        var (value, error) = (0.0, 0.0)
        let limit = subdivisions
        let status =
          switch (lower.isInfinite, upper.isInfinite) {
          case (false, false):
            gsl_integration_qags(&function, lower, upper, absolute, relative, limit, workspace, &value, &error)
          case (false, true):
            gsl_integration_qagiu(&function, lower, absolute, relative, limit, workspace, &value, &error)
          case (true, false):
            gsl_integration_qagil(&function, upper, absolute, relative, limit, workspace, &value, &error)
          case (true, true):
            gsl_integration_qagi(&function, absolute, relative, limit, workspace, &value, &error)
          }
        return Result(value: value, error: error, hasConverged: status == 0)
      }
    }
  }

  private struct Integrand {
    let f: (Double) -> Double
  }
}
