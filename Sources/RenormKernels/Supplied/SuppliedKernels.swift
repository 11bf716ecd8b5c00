internal import LinearAlgebra

/// Local kernels K_ij that another program computed, between P training examples, and between these and P*
/// held-out points: kernels of neural-tangents, of a graph, of tasks that share hidden units.
///
/// Nothing in sections 3 to 7 of docs/theory.md uses where kernels come from. n indices i, j (positions, tasks,
/// paths) define K_R = 1/(lambda1 n) sum_ij Q_ij K_ij, an action and an order parameter Q, n x n; uncoupled
/// ones (i = j alone) n numbers, as for an LCN. Means m_i, where they are given, are those of section 4.
///
/// An example is known by its number: 0 to P - 1 for training, P to P + P* - 1 for held-out points, and its
/// "inputs" are n times this number.
public struct SuppliedKernels: Sendable {
  /// Numbers, in C order.
  private final class Storage: Sendable {
    let kernels, cross, diagonal: [Double]
    let means, heldOutMeans: [Double]?

    init(
      _ kernels: [Double], _ cross: [Double], _ diagonal: [Double], _ means: [Double]?,
      _ heldOutMeans: [Double]?
    ) {
      (self.kernels, self.cross, self.diagonal) = (kernels, cross, diagonal)
      (self.means, self.heldOutMeans) = (means, heldOutMeans)
    }
  }

  /// n, the number of indices.
  public let indices: Int
  /// Whether there are kernels of i != j.
  public let isCoupled: Bool
  /// P.
  public let count: Int
  /// P*.
  public let heldOutCount: Int
  private let storage: Storage

  /// K_ij(mu, nu) as n x n x P x P numbers, or K_ii as n x P x P.
  public var kernels: [Double] { storage.kernels }
  /// K_ij(x, mu) as n x n x P* x P numbers, or n x P* x P.
  public var cross: [Double] { storage.cross }
  /// K_ij(x, x) as n x n x P* numbers, or n x P*.
  public var diagonal: [Double] { storage.diagonal }
  /// m_i(mu), n x P numbers; nil where they vanish.
  public var means: [Double]? { storage.means }
  /// m_i(x), n x P* numbers.
  public var heldOutMeans: [Double]? { storage.heldOutMeans }

  /// What kernels may miss of being symmetric, positive semidefinite and bounded, relative to their largest
  /// element:
  /// rounding of programs that compute in single precision.
  public static let tolerance = 1e-6

  /// The order n P up to which the whole block matrix is tested for being positive semidefinite; above it every
  /// K_ii.
  public static let largestTested = 8192

  /// Kernels, all in C order (last index fastest).
  ///
  /// - Parameters:
  ///   - kernels: n x n x P x P numbers, or n x P x P for uncoupled ones.
  ///   - cross: between held-out points and training examples, n x n x P* x P or n x P* x P.
  ///   - diagonal: of a held-out point with itself, n x n x P* or n x P*.
  ///   - means: n x P; nil for features without means (odd activations).
  ///   - heldOutMeans: n x P*.
  /// - Throws: `RenormError.unusableData` for numbers that are not finite, shapes that do not fit together,
  /// K_ji that
  ///   is not the transpose of K_ij, and kernels that are not positive semidefinite, all but for rounding.
  public init(
    indices n: Int, isCoupled: Bool, count p: Int, heldOut q: Int = 0, kernels: [Double], cross: [Double] = [],
    diagonal: [Double] = [], means: [Double]? = nil, heldOutMeans: [Double]? = nil
  ) throws(RenormError) {
    (indices, self.isCoupled, count, heldOutCount) = (n, isCoupled, p, q)
    storage = Storage(kernels, cross, diagonal, means, heldOutMeans)
    try check()
  }

  /// Whether another value holds the same memory.
  func isSame(as other: SuppliedKernels) -> Bool { storage === other.storage }
  var identity: ObjectIdentifier { ObjectIdentifier(storage) }

  /// The place of (i, j) among blocks.
  private func block(_ i: Int, _ j: Int) -> Int { isCoupled ? i * indices + j : i }

  /// K_ij between two examples by their numbers; NaN between two held-out points, which nobody supplied.
  func value(_ i: Int, _ j: Int, _ a: Int, _ b: Int) -> Double {
    switch (a < count, b < count) {
    case (true, true): return storage.kernels[(block(i, j) * count + a) * count + b]
    case (false, true): return storage.cross[(block(i, j) * heldOutCount + a - count) * count + b]
    case (true, false): return storage.cross[(block(j, i) * heldOutCount + b - count) * count + a]
    case (false, false): return a == b ? storage.diagonal[block(i, j) * heldOutCount + a - count] : .nan
    }
  }

  /// m_i of an example by its number.
  func mean(_ i: Int, _ a: Int) -> Double {
    a < count ? storage.means?[i * count + a] ?? 0 : storage.heldOutMeans?[i * heldOutCount + a - count] ?? 0
  }
}

extension SuppliedKernels {
  private func check() throws(RenormError) {
    let (n, p, q) = (indices, count, heldOutCount)
    guard n > 0, p > 0, q >= 0 else {
      throw .unusableData("kernels of \(n) indices and \(p) examples; at least one of each is needed")
    }
    let blocks = isCoupled ? n * n : n
    let arrays: [(String, [Double]?, Int)] = [
      ("kernels", kernels, blocks * p * p), ("cross", cross, blocks * q * p),
      ("diagonal", diagonal, blocks * q),
      ("means", means, n * p), ("means_test", heldOutMeans, n * q),
    ]
    for (name, values, expected) in arrays {
      guard let values else { continue }
      guard values.count == expected else {
        throw .unusableData(
          "\(name) has \(values.count) numbers; \(n) indices, \(p) examples and \(q) held-out points have "
            + "\(expected)")
      }
      if let place = values.firstIndex(where: { !$0.isFinite }) {
        throw .unusableData(
          "\(name) has \(values[place]) at place \(place) (from 0, in C order); only finite numbers are "
            + "accepted")
      }
    }
    guard q == 0 || (means == nil) == (heldOutMeans == nil) else {
      throw .unusableData("means and means_test must both be given, or neither")
    }
    try checkSymmetry()
    try checkDefinite()
    try checkHeldOut()
    try checkDiagonal()
    try checkJointly()
  }

  /// The largest |K_ii(mu, mu)|.
  private var size: Double {
    (0..<indices).reduce(0) { largest, i in
      (0..<count).reduce(largest) { max($0, abs(value(i, i, $1, $1))) }
    }
  }

  private func checkSymmetry() throws(RenormError) {
    let allowed = Self.tolerance * size
    for i in 0..<indices {
      for j in isCoupled ? 0..<i + 1 : i..<i + 1 {
        for a in 0..<count {
          for b in i == j ? 0..<a : 0..<count {
            let (own, mirrored) = (value(i, j, a, b), value(j, i, b, a))
            if !(abs(own - mirrored) <= allowed) {
              throw .unusableData(
                "K_ji is not the transpose of K_ij: at i = \(i), j = \(j) and examples \(a), \(b) (from 0) "
                  + "they have \(own) and \(mirrored)")
            }
          }
        }
      }
    }
  }

  private func checkDefinite() throws(RenormError) {
    let whole = isCoupled && indices * count <= Self.largestTested
    let groups = whole ? [0..<indices] : (0..<indices).map { $0..<$0 + 1 }
    let allowed = Self.tolerance * size
    for group in groups {
      var matrix = Matrix(rows: group.count * count, columns: group.count * count) { row, column in
        let (i, a) = (group.lowerBound + row / count, row % count)
        let (j, b) = (group.lowerBound + column / count, column % count)
        return value(i, j, a, b) - mean(i, a) * mean(j, b)
      }
      for k in 0..<matrix.rows { matrix[k, k] += allowed + .leastNormalMagnitude }
      do throws(LinearAlgebraError) {
        _ = try Cholesky(matrix)
      } catch {
        guard case .notPositiveDefinite(let pivot, _) = error else {
          throw .factorization(of: "the kernels", error)
        }
        let (i, a) = (group.lowerBound + (pivot - 1) / count, (pivot - 1) % count)
        throw .unusableData(
          "the block matrix of the kernels\(means == nil ? "" : " less their means") is not positive "
            + "semidefinite: it fails at index \(i), example \(a) (from 0)")
      }
    }
  }

  /// K_ij(x, mu)^2 <= K_ii(x, x) K_jj(mu, mu).
  private func checkHeldOut() throws(RenormError) {
    let allowed = Self.tolerance * size
    for i in 0..<indices {
      for j in isCoupled ? 0..<indices : i..<i + 1 {
        for x in count..<count + heldOutCount {
          let own = value(i, i, x, x)
          for a in 0..<count {
            let bound = (max(own, 0) * max(value(j, j, a, a), 0)).squareRoot()
            guard abs(value(i, j, x, a)) <= (1 + Self.tolerance) * bound + allowed else {
              throw .unusableData(
                "cross and diagonal contradict each other: at i = \(i), j = \(j), held-out point \(x - count) "
                  + "and example \(a) (from 0) a kernel is \(value(i, j, x, a)), above (K_ii(x, x) "
                  + "K_jj(mu, mu))^(1/2) = \(bound)")
            }
          }
        }
      }
    }
  }
}

extension SuppliedKernels {
  /// The matrices K_ij(x, x) over indices are symmetric and positive semidefinite.
  private func checkDiagonal() throws(RenormError) {
    let allowed = Self.tolerance * size
    for x in count..<count + heldOutCount {
      let mean = { (i: Int) in self.mean(i, x) }
      var matrix = Matrix(rows: indices, columns: indices) { i, j in
        isCoupled || i == j ? value(i, j, x, x) - mean(i) * mean(j) : 0
      }
      for j in 0..<indices {
        for i in 0..<j where !(abs(matrix[i, j] - matrix[j, i]) <= allowed) {
          throw .unusableData(
            "diagonal is not symmetric at held-out point \(x - count): at i = \(i), j = \(j) (from 0) it has "
              + "\(value(i, j, x, x)) and \(value(j, i, x, x))")
        }
        matrix[j, j] += allowed + .leastNormalMagnitude
      }
      guard (try? Cholesky(matrix)) != nil else {
        throw .unusableData(
          "diagonal\(means == nil ? "" : " less the means") is not positive semidefinite at held-out point "
            + "\(x - count) (from 0)")
      }
    }
  }

  /// What the training examples leave of a held-out variance is not negative: K(x, x) >= K(x, X) K(X, X)^-1 K(X,
  /// x) for every index alone. With the tolerance on the diagonal of K(X, X) the right side is smaller.
  private func checkJointly() throws(RenormError) {
    guard heldOutCount > 0, count <= Self.largestTested / 4 else { return }
    let allowed = Self.tolerance * size
    for i in 0..<indices {
      let points = count..<count + heldOutCount
      let centred = { (a: Int, b: Int) in value(i, i, a, b) - mean(i, a) * mean(i, b) }
      var matrix = Matrix(rows: count, columns: count) { centred($0, $1) }
      for a in 0..<count { matrix[a, a] += allowed + .leastNormalMagnitude }
      guard let factor = try? Cholesky(matrix) else { continue }
      let cross = Matrix(rows: count, columns: heldOutCount) { centred(count + $1, $0) }
      for (x, explained) in zip(points, factor.solveLower(cross).columnNormsSquared) {
        let own = centred(x, x)
        // Rounding over the tolerance.
        guard explained <= own + 1e-6 * abs(own) + allowed else {
          throw .unusableData(
            "kernels, cross and diagonal contradict each other: the training examples leave held-out point "
              + "\(x - count) (from 0) a negative variance at index \(i)")
        }
      }
    }
  }

  /// The shape of the inputs that stand for examples: n positions of one pixel.
  package var shape: ImageShape { ImageShape(channels: 1, height: 1, width: indices) }

  /// The "inputs" of examples by their numbers: n x count.
  package func inputs(_ examples: Range<Int>) -> Matrix {
    Matrix(rows: indices, columns: examples.count) { _, k in Double(examples.lowerBound + k) }
  }

  /// The inputs of all held-out points, for `Posterior.predict`.
  public var heldOutInputs: Matrix { inputs(count..<count + heldOutCount) }

  /// The training examples with their targets, P x D.
  ///
  /// - Throws: `RenormError.shapeMismatch` unless there is a row for every example.
  public func training(targets: Matrix, classes: [ClassLabel]? = nil) throws(RenormError) -> Dataset {
    guard targets.rows == count else {
      throw .unusableData("\(targets.rows) rows of targets for kernels of \(count) examples")
    }
    return Dataset(shape: shape, inputs: inputs(0..<count), targets: targets, classes: classes)
  }
}

extension SuppliedKernels {
  /// Whether inputs are numbers of training examples.
  package func isTraining(_ inputs: Matrix) -> Bool { inputs.elements.allSatisfy { $0 < Double(count) } }

  /// - Throws: `RenormError.unusableData` for inputs that are no numbers of examples.
  package func checkInputs(_ inputs: Matrix) throws(RenormError) {
    let valid = inputs.elements.allSatisfy {
      $0 >= 0 && $0 < Double(count + heldOutCount) && $0 == $0.rounded()
    }
    guard valid else {
      throw .unusableData("supplied kernels know examples 0 to \(count + heldOutCount - 1) alone")
    }
  }
}
