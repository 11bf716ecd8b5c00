import CBenchmarkBLAS

/// BLAS and LAPACK as a program without the library would call them.
enum PlainBLAS {
  static var description: String {
    "\(String(cString: openblas_get_config())), \(openblas_get_num_threads()) threads"
  }

  static func setThreads(_ count: Int) { openblas_set_num_threads(Int32(clamping: count)) }

  /// C <- A^T B with A of `inner` x `rows` and B of `inner` x `columns` elements.
  static func multiplyTransposed(
    _ a: [Double], _ b: [Double], _ c: inout [Double], rows: Int, columns: Int, inner: Int
  ) {
    cblas_dgemm(
      CblasColMajor, CblasTrans, CblasNoTrans, Int32(rows), Int32(columns), Int32(inner), 1, a, Int32(inner), b,
      Int32(inner), 0, &c, Int32(rows))
  }

  /// y <- A x, or A^T x.
  static func multiply(
    _ a: [Double], rows: Int, columns: Int, transposed: Bool, _ x: [Double], _ y: inout [Double]
  ) {
    cblas_dgemv(
      CblasColMajor, transposed ? CblasTrans : CblasNoTrans, Int32(rows), Int32(columns), 1, a, Int32(rows), x,
      1, 0,
      &y, 1)
  }

  /// Factors the lower triangle in place.
  static func factor(_ a: inout [Double], order: Int) {
    let info = LAPACKE_dpotrf(LAPACK_COL_MAJOR, CChar(UInt8(ascii: "L")), Int32(order), &a, Int32(order))
    precondition(info == 0, "dpotrf: \(info)")
  }

  /// Turns the factor into the lower triangle of the inverse.
  static func invert(_ a: inout [Double], order: Int) {
    let info = LAPACKE_dpotri(LAPACK_COL_MAJOR, CChar(UInt8(ascii: "L")), Int32(order), &a, Int32(order))
    precondition(info == 0, "dpotri: \(info)")
  }
}

/// A symmetric positive definite matrix that is cheap to make.
func positiveDefinite(order: Int) -> [Double] {
  var a = [Double](repeating: 0, count: order * order)
  for j in 0..<order {
    for i in 0..<order { a[i + j * order] = 1 / (1 + Double(abs(i - j))) + (i == j ? 2 : 0) }
  }
  return a
}

/// Numbers in [-1, 1) from a fixed sequence.
func noise(_ count: Int) -> [Double] {
  var state: UInt64 = 0x9E37_79B9_7F4A_7C15
  return [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
    for k in 0..<count {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      buffer[k] = Double(Int64(bitPattern: state) >> 11) * 0x1p-52
    }
    initialized = count
  }
}
