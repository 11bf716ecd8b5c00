internal import LinearAlgebra

/// What the averages over a hidden unit would be if its features were Gaussian with the same covariance.
///
/// Sums over frame columns b, c of products of T_bc and T_cb are sums over the orthonormal directions k: for
/// example sum_bc tr(T_bc G T_cb G) + tr(T_bc G T_bc G) = 2 sum_k tr(D_k G D_k G). So no kernel is needed that
/// is not symmetric, and the products tr(D_k G D_l G) are one Gram matrix.
struct WickParts: Sendable {
  /// E F.
  let value: Double
  /// The derivative of F along every direction, over c: of the features in the frame and of G.
  let gradient: [Double]

  /// - Parameter scale: 1/(lambda1 n).
  init(_ frame: FeatureFrame, _ kernels: WhitenedKernels, scale: Double) {
    var value = 0.0
    var gradient = [Double](repeating: 0, count: frame.dimension)
    for unit in frame.units {
      let sums = UnitSums(unit, frame, kernels)
      value += sums.value
      for (k, element) in zip(unit.coordinates, sums.localGradient) { gradient[k] += element }
    }
    self.value = value
    let response = ResponseMatrix(
      features: Self.featureSum(frame, kernels), vector: Self.vectorSum(frame, kernels), eta: kernels.eta)
    gradient.add(scale, kernels.innerProducts(response.matrix))
    self.gradient = gradient
  }

  /// 2 E sum_bc H_bc phi_b phi_c^T, whitened.
  private static func featureSum(_ frame: FeatureFrame, _ kernels: WhitenedKernels) -> Matrix {
    let count = kernels.count
    var weights = [Double](repeating: 0, count: frame.dimension)
    var sum = Matrix(rows: count, columns: count)
    for unit in frame.units {
      let sums = UnitSums(unit, frame, kernels)
      for (index, k) in unit.coordinates.enumerated() {
        weights[k] = 2 * sums.trace * sums.identity[index] + 4 * sums.traces[index]
      }
      // T (1 - eta eta^T) T; nothing new where the unit has one direction.
      let total = Matrix(rows: count, columns: count, elements: kernels.z * sums.spreadIdentity)
      let outer = Matrix(columns: [total * kernels.eta])
      sum.add(4, elements: (total * total).elements)
      sum.add(-4, congruence: outer, .identity(1), outer)
    }
    sum.add(1, elements: kernels.z * weights)
    let squares = kernels.sumOfSquares()
    sum.add(8, elements: squares.elements)
    sum.add(-8, congruence: kernels.y, .identity(frame.dimension), kernels.y)
    return sum
  }

  /// -8 E |x|^2 sum_b x_b phi_b, whitened.
  private static func vectorSum(_ frame: FeatureFrame, _ kernels: WhitenedKernels) -> [Double] {
    var weights = [Double](repeating: 0, count: frame.dimension)
    for unit in frame.units {
      let sums = UnitSums(unit, frame, kernels)
      for (index, k) in unit.coordinates.enumerated() {
        weights[k] = -8 * (sums.form * sums.identity[index] + 2 * sums.forms[index])
      }
    }
    return kernels.y * weights
  }

  /// The vectors q_k with E[(tr g + 2 |x|^2) p.x + 2 p^T g x] = sum_k X_k^T q_k, P x dimension, of points with
  /// whitened residual kernels X_k.
  ///
  /// - Parameter inverse: C^T B C for another matrix B in the place of A^-1 inside g; nil for A^-1.
  static func meanVectors(_ frame: FeatureFrame, _ kernels: WhitenedKernels, inverse: Matrix? = nil) -> Matrix {
    let eta = kernels.eta
    var projected = inverse.map { $0 * kernels.y } ?? kernels.y
    projected.add(-1, congruence: Matrix(columns: [eta]), .identity(1), Matrix(columns: [kernels.forms]))
    let traces =
      inverse.map { kernels.innerProducts($0) }.map { zip($0, kernels.forms).map(-) } ?? kernels.traces
    var result = 4 * projected
    var along = [Double](repeating: 0, count: frame.dimension)
    for unit in frame.units {
      let sums = UnitSums(unit, frame, kernels)
      let trace = dot(sums.identity, Array(traces[unit.coordinates]))
      let total = projected * sums.spreadIdentity
      for (index, k) in unit.coordinates.enumerated() {
        let t = sums.identity[index]
        along[k] = (trace + 2 * sums.form) * t + 2 * traces[k] + 4 * sums.forms[index]
        for mu in 0..<total.count where t != 0 { result[mu, k] += 2 * t * total[mu] }
      }
    }
    result.add(1, congruence: Matrix(columns: [eta]), .identity(1), Matrix(columns: [along]))
    return result
  }
}

/// Traces and forms of one unit's directions.
struct UnitSums {
  /// t_k, coordinates of the identity.
  let identity: [Double]
  /// tr(G D_k).
  let traces: [Double]
  /// u^T D_k u.
  let forms: [Double]
  /// tr(G T) and u^T T u, T = sum_k t_k D_k.
  let trace: Double
  let form: Double
  /// t_k over all directions, zero outside of the unit.
  let spreadIdentity: [Double]
  /// E F of the unit.
  let value: Double
  /// The derivative of E F along the unit's directions at fixed G.
  let localGradient: [Double]

  init(_ unit: FeatureFrame.Unit, _ frame: FeatureFrame, _ kernels: WhitenedKernels) {
    let range = unit.coordinates
    identity = Array(frame.identity[range])
    traces = Array(kernels.traces[range])
    forms = Array(kernels.forms[range])
    trace = dot(identity, traces)
    form = dot(identity, forms)
    spreadIdentity = frame.identity.indices.map { range.contains($0) ? frame.identity[$0] : 0 }
    let gram = Matrix(rows: range.count, columns: range.count) {
      kernels.gram[range.lowerBound + $0, range.lowerBound + $1]
    }
    let spread = gram * identity
    value =
      trace * trace + 2 * dot(identity, spread) - 2 * form * form + 2 * dot(traces, traces)
      - 4 * dot(forms, forms) + 4 * gram.trace
    // X turns T_bc into T_bc + (X_bd T_dc + T_bd X_dc)/2.
    let size = [unit.columns.count]
    let square = { (coordinates: [Double]) -> [Double] in
      let block = BlockDiagonal(coordinates: coordinates, sizes: size).blocks[0]
      return BlockDiagonal([block * block]).coordinates
    }
    let (trace, form, traces, forms) = (trace, form, traces, forms)
    let (c2, m2, j) = (square(traces), square(forms), Self.contracted(gram, order: unit.columns.count))
    localGradient = (0..<range.count).map { l in
      2 * trace * traces[l] + 4 * spread[l] + 4 * c2[l] - 4 * form * forms[l] - 8 * m2[l] + 8 * j[l]
    }
  }

  /// sum_c tr(T_dc G T_bc G) with symmetrised T, in coordinates of (d, b).
  private static func contracted(_ gram: Matrix, order: Int) -> [Double] {
    // The coordinates of (d, c), and what T_dc is over D_k.
    var place = Matrix(rows: order, columns: order)
    var k = 0
    for j in 0..<order {
      for i in j..<order {
        place[i, j] = Double(k)
        place[j, i] = Double(k)
        k += 1
      }
    }
    let root = 2.0.squareRoot()
    let sum = Matrix(rows: order, columns: order) { d, b in
      (0..<order).reduce(0) { sum, c in
        let scale = (d == c ? 1 : root) * (b == c ? 1 : root)
        return sum + gram[Int(place[d, c]), Int(place[b, c])] / scale
      }
    }
    return BlockDiagonal([sum]).coordinates
  }
}

/// C^T M C for the response M of delta to a change of the kernel,
/// M = -A^-1 B A^-1 + z u^T + u z^T - (A^-1 b u^T + u b^T A^-1)/2, z = A^-1 B u.
struct ResponseMatrix {
  let matrix: Matrix

  /// - Parameters:
  ///   - features: C^-1 B C^-T.
  ///   - vector: C^-1 b.
  init(features: Matrix, vector: [Double], eta: [Double]) {
    var m = -1 * features
    let side = Matrix(columns: [zip(features * eta, vector).map { $0 - $1 / 2 }])
    let eta = Matrix(columns: [eta])
    m.add(1, congruence: side, .identity(1), eta)
    m.add(1, congruence: eta, .identity(1), side)
    matrix = m
  }
}
