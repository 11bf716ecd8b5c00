internal import CNumerics

/// Z = Z1 Z2 of a reduction to tridiagonal form by way of a band of half-width b: K = Z1 B Z1^T
/// (dsytrd_sy2sb) and B = Z2 H Z2^T, the bulge that each reflection makes chased down the band
/// (dsb2st_kernels; Lang, SIAM J. Sci. Comput. 14 (1993), 1320; Haidar, Ltaief and Dongarra, SC 2011).
///
/// Reflections of the first step fill the lower triangle of K's place, those of the second the upper one. The
/// first takes 4 P^3/3 operations, the second 6 P^2 b.
struct BandedRotation: Rotation {
  private var reflectors: Matrix
  /// The scales of the first step's reflections, P - b numbers.
  private let scales: [Double]
  private let bandwidth: Int

  /// Reduces K, of which only the lower triangle is read, in its own place.
  static func reducing(
    _ k: consuming Matrix, bandwidth: Int
  ) throws(LinearAlgebraError) -> (diagonal: [Double], subdiagonal: [Double], rotation: BandedRotation) {
    let order = k.rows
    precondition(bandwidth >= 2 && bandwidth <= order - 2, "band \(bandwidth) of order \(order)")
    var reflectors = consume k
    var scales = [Double](repeating: 0, count: order - bandwidth)
    // Below the band there is room for the bulge.
    var band = Matrix(rows: 2 * bandwidth + 1, columns: order)
    let info = withBLAS(order, order, order) {
      withLAPACKWork { work, count in
        var status: Int32 = 0
        dsytrd_sy2sb_(
          [lapackLower], [Int32(order)], [Int32(bandwidth)], &reflectors.elements, [Int32(order)],
          &band.elements, [Int32(band.rows)], &scales, work, [count], &status, 1)
        return status
      }
    }
    try LinearAlgebraError.check(info, order: order) { _ in .notFinite(order: order) }
    reflectors.withUnsafeMutableElements { reflectors in
      band.withUnsafeMutableElements { band in
        guard let reflectors = reflectors.baseAddress, let band = band.baseAddress else { return }
        BulgeChase(order: order, bandwidth: bandwidth, reflectors: reflectors).reduce(band)
      }
    }
    return (
      (0..<order).map { band[0, $0] }, (0..<order - 1).map { band[1, $0] },
      BandedRotation(reflectors: reflectors, scales: scales, bandwidth: bandwidth)
    )
  }

  func apply(to b: inout Matrix, transposed: Bool) {
    if transposed {
      applyFirst(to: &b, transposed: true)
      applySecond(to: &b, transposed: true)
    } else {
      applySecond(to: &b, transposed: false)
      applyFirst(to: &b, transposed: false)
    }
  }

  /// Z1 is 1 on the first b coordinates and the Q of a QR factorisation on the others.
  private func applyFirst(to b: inout Matrix, transposed: Bool) {
    let (order, columns, rows) = (b.rows, b.columns, b.rows - bandwidth)
    let info = withBLAS(order, order, columns) {
      reflectors.withUnsafeElements { reflectors in
        b.withUnsafeMutableElements { b in
          guard let v = reflectors.baseAddress, let target = b.baseAddress else { return Int32(-1) }
          return withLAPACKWork { work, count in
            LAPACKE_dormqr_work(
              LAPACK_COL_MAJOR, lapackLeft, lapackTransposition(transposed), Int32(rows), Int32(columns),
              Int32(rows), v + bandwidth, Int32(order), scales, target + bandwidth, Int32(order), work, count)
          }
        }
      }
    }
    precondition(info == 0, "dormqr rejected argument \(-info)")
  }

  private func applySecond(to b: inout Matrix, transposed: Bool) {
    let (order, columns) = (b.rows, b.columns)
    reflectors.withUnsafeElements { reflectors in
      b.withUnsafeMutableElements { b in
        guard let v = reflectors.baseAddress, let target = b.baseAddress else { return }
        let rotation = ChaseRotation(order: order, bandwidth: bandwidth, reflectors: v)
        guard columns >= ChaseRotation.smallestBlockedCount else {
          rotation.apply(to: target, columns: columns, transposed: transposed)
          return
        }
        nonisolated(unsafe) let start = target
        let threads = Parallel.workers(
          columns / ChaseRotation.smallestBlockedCount, threads: Parallel.prescribedThreads)
        Parallel.forEachWorker(threads, threads: threads) { shares in
          for share in shares {
            let first = columns * share / threads
            rotation.applyBlocked(
              to: start + first * order, columns: columns * (share + 1) / threads - first,
              transposed: transposed)
          }
        }
      }
    }
  }
}
