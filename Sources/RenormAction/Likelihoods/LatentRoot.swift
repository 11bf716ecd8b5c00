internal import LinearAlgebra

/// L of W = L L^T, the curvatures of a likelihood at P examples: P blocks of order m, each by columns. W may be
/// singular.
struct LatentRoot: Sendable {
  /// m.
  let latents: Int
  /// Block mu starts at mu m^2.
  let elements: [Double]

  /// The roots of m x m blocks, by columns one after the other: from their eigenvectors where m > 1.
  ///
  /// - Throws: `LinearAlgebraError.notFinite`.
  init(of curvatures: [[Double]], latents m: Int) throws(LinearAlgebraError) {
    latents = m
    guard m > 1 else {
      elements = curvatures.map { max($0[0], 0).squareRoot() }
      return
    }
    var roots: [Double] = []
    roots.reserveCapacity(curvatures.count * m * m)
    for block in curvatures {
      let spectrum = try SymmetricEigen(Matrix(rows: m, columns: m, elements: block))
      for j in 0..<m {
        let root = max(spectrum.values[j], 0).squareRoot()
        for i in 0..<m { roots.append(root * spectrum.vectors[i, j]) }
      }
    }
    elements = roots
  }

  /// The largest tr(L_mu L_mu^T).
  var largestTrace: Double {
    let size = latents * latents
    return stride(from: 0, to: elements.count, by: size).reduce(0) { largest, start in
      max(largest, elements[start..<start + size].reduce(0) { $0 + $1 * $1 })
    }
  }

  /// L^T B.
  func transposedTimes(_ b: Matrix) -> Matrix { rowBlocks(b, transposed: true) }
  /// L B.
  func times(_ b: Matrix) -> Matrix { rowBlocks(b, transposed: false) }

  func transposedTimes(_ b: [Double]) -> [Double] { transposedTimes(Matrix(columns: [b])).elements }
  func times(_ b: [Double]) -> [Double] { times(Matrix(columns: [b])).elements }

  private func rowBlocks(_ b: Matrix, transposed: Bool) -> Matrix {
    let (m, rows) = (latents, b.rows)
    var result = Matrix(rows: rows, columns: b.columns)
    result.withUnsafeMutableElements { result in
      b.withUnsafeElements { b in
        elements.withUnsafeBufferPointer { l in
          for start in stride(from: 0, to: b.count, by: max(rows, 1)) {
            if m == 1 {
              for i in 0..<rows { result[start + i] = l[i] * b[start + i] }
              continue
            }
            for first in stride(from: 0, to: rows, by: m) {
              for c in 0..<m {
                var sum = 0.0
                for d in 0..<m {
                  sum += l[first * m + (transposed ? d + c * m : c + d * m)] * b[start + first + d]
                }
                result[start + first + c] = sum
              }
            }
          }
        }
      }
    }
    return result
  }

  /// B L, or B L^T.
  func rightTimes(_ b: Matrix, transposed: Bool) -> Matrix {
    let (m, rows) = (latents, b.rows)
    var result = Matrix(rows: rows, columns: b.columns)
    result.withUnsafeMutableElements { result in
      b.withUnsafeElements { b in
        elements.withUnsafeBufferPointer { l in
          for first in stride(from: 0, to: elements.count / m, by: m) {
            for d in 0..<m {
              let target = (first + d) * rows
              for e in 0..<m {
                let weight = l[first * m + (transposed ? d + e * m : e + d * m)]
                let source = (first + e) * rows
                for i in 0..<rows { result[target + i] += weight * b[source + i] }
              }
            }
          }
        }
      }
    }
    return result
  }
}
