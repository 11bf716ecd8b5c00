/// Correlation functions that occur in the training of wide networks, with slopes that were measured on
/// networks of two hidden layers and 8 to 128 channels (1000 networks each).
package struct WidthTable: Sendable {
  /// A correlation function with its name.
  package struct Row: Equatable, Sendable {
    package let name: String
    package let pattern: String
    /// The predicted exponent; nil where the function vanishes.
    package let exponent: Int?
    /// Measured slopes of five kinds of network; nil where none was measured.
    package let recorded: [String: Double]
  }

  /// The kinds of network with measured slopes.
  package static let kinds = ["gap", "flatten", "skip", "relu-gap", "mlp"]

  private static func row(_ name: String, _ pattern: String, _ exponent: Int?, _ recorded: Double?...) -> Row {
    Row(
      name: name, pattern: pattern, exponent: exponent,
      recorded: Dictionary(
        uniqueKeysWithValues: zip(kinds, recorded).compactMap { kind, slope in
          slope.map { (kind, $0) }
        }))
  }

  package static let rows = [
    row("covariance", "f(1) f(2)", 0, 0.01, 0, 0, 0, 0.01),
    row("neural tangent kernel", "f_a(1) f_a(2)", 0, 0, 0, 0, 0, 0.01),
    row("four outputs", "f(1) f(2) f(3) f(4)", 0),
    row("fourth cumulant of f", "[f(1)][f(2)][f(3)][f(4)]", -1, -1, -1.02, -1.05, -1.05, -0.97),
    row("variance of the kernel", "[f_a(1) f_a(2)][f_b(3) f_b(4)]", -1, -1.01, -1.03, -1.04, -1.08, -0.97),
    row("drift of the kernel", "f_ab(1) f_a(2) f_b(3) f(4)", -1, -0.91, -1, -1, -1.09, -1.03),
    row(
      "O3 squared", "f_ab(1) f_a(2) f_b(3) f_cd(4) f_c(5) f_d(6)", -2, -2.12, -2.15, -2.08, -2.2, -2.09),
    row("O4, first term", "f_abc(1) f_a(2) f_b(3) f_c(4)", -1, -0.98, -0.97, -1, nil, -1.02),
    row("O4, second term", "f_ab(1) f_ac(2) f_b(3) f_c(4)", -1, -0.98, -0.97, -1, nil, -1.02),
    row("squared norm of the Hessian", "f_ab(1) f_ab(2)", 0, -0.01, 0, 0, -0.01, 0),
    row("O5 with an output", "f_abcd(1) f_a(2) f_b(3) f_c(4) f_d(5) f(6)", -2),
    row("third cumulant of the kernel", "[f_a(1) f_a(2)][f_b(3) f_b(4)][f_c(5) f_c(6)]", -2),
    row("sixth cumulant of f", "[f(1)][f(2)][f(3)][f(4)][f(5)][f(6)]", -2),
    row("two outputs and the kernel", "f(1) f(2) f_a(3) f_a(4)", 0),
    row("three outputs", "f(1) f(2) f(3)", nil),
    row("trace of the Hessian's fourth power", "f_ab(1) f_bc(2) f_cd(3) f_da(4)", -1),
    row("three Hessians and an output", "f_ab(1) f_bc(2) f_ca(3) f(4)", -1),
  ]
}
