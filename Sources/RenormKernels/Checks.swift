package import LinearAlgebra

/// Returns a value that must be positive and finite, with a finite inverse: precisions and temperatures are
/// divided by.
///
/// - Throws: `RenormError.invalidParameter`.
package func positive(_ value: Double, _ name: String) throws(RenormError) -> Double {
  // The inverse of a subnormal number overflows.
  guard value > 0, value.isFinite, (1 / value).isFinite else {
    throw .invalidParameter(
      name: name, value: "\(value)",
      accepted: value > 0 && value.isFinite ? "a number from 1e-308 to 1e308" : "a positive number")
  }
  return value
}

/// Runs a factorisation and turns its failure into advice in the user's terms.
package func factoring<Result>(
  _ what: String, _ body: () throws(LinearAlgebraError) -> Result
) throws(RenormError) -> Result {
  do {
    return try body()
  } catch {
    throw .factorization(of: what, error)
  }
}

extension RenormError {
  /// A failed factorisation, with what usually helps.
  package static func factorization(of what: String, _ error: LinearAlgebraError) -> RenormError {
    .numericalFailure(what: "factoring \(what) failed: \(error)", advice: advice(error))
  }

  /// A temperature does not help against numbers that overflow.
  private static func advice(_ error: LinearAlgebraError) -> String {
    if case .notFinite = error { return "rescale targets, inputs or priors" }
    return "raise the temperature, remove duplicated examples or rescale inputs and priors"
  }
}

extension Equatable {
  /// Whether a value of perhaps another type is of this type, and equal.
  package func equals(_ other: any Equatable) -> Bool { (other as? Self) == self }
}
