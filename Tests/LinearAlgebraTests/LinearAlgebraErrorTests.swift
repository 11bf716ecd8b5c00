import LinearAlgebra
import Testing

@Suite struct LinearAlgebraErrorTests {
  @Test func textsNameTheNumbers() {
    #expect(
      LinearAlgebraError.notPositiveDefinite(pivot: 3, order: 7).description
        == "a symmetric matrix of order 7 is not positive definite (leading minor 3)")
    #expect(
      LinearAlgebraError.notFinite(order: 4).description == "a matrix of order 4 contains NaN or infinity")
    #expect(
      LinearAlgebraError.eigenvaluesDidNotConverge(count: 2, order: 5).description
        == "2 eigenvalues of a matrix of order 5 did not converge")
  }
}
