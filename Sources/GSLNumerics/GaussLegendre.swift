@preconcurrency internal import CNumerics

/// Gauss-Legendre quadrature on -1 to 1 (GSL).
public struct GaussLegendre: Sendable {
  /// Points and weights, exact for polynomials of degree 2 n - 1.
  public let nodes: [(x: Double, weight: Double)]

  /// The rule of n points, n > 0.
  public init(_ count: Int) {
    GSL.disableAbortOnError
    guard let table = gsl_integration_glfixed_table_alloc(count) else {
      preconditionFailure("out of memory for quadrature")
    }
    defer { gsl_integration_glfixed_table_free(table) }
    nodes = (0..<count).map { i in
      var (x, weight) = (0.0, 0.0)
      gsl_integration_glfixed_point(-1, 1, i, &x, &weight, table)
      return (x, weight)
    }
  }
}
