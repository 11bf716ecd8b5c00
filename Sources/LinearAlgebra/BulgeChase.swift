internal import CNumerics

/// The place of the reflections that reduce a band of half-width b to a tridiagonal.
///
/// Sweep s = 1...P - 2 removes what stands below the subdiagonal in column s, and chases the bulge down the
/// band in steps k = 0, 1, ..., each a reflection of the rows from s + k b on (counted from 0), b of them or
/// those that are left. Row r of sweep s stands at r - s of column P - s of a P x P matrix, above its diagonal;
/// in the place of a vector's first element, which is 1, stands its scale.
struct ChaseLayout: Sendable {
  let order: Int
  let bandwidth: Int

  var sweeps: Range<Int> { 1..<order - 1 }

  /// The number of steps of a sweep.
  func steps(_ sweep: Int) -> Int { (order - sweep + bandwidth - 1) / bandwidth }

  /// The first row of a step.
  func firstRow(_ sweep: Int, _ step: Int) -> Int { sweep + step * bandwidth }

  /// The number of rows of a step.
  func rows(_ sweep: Int, _ step: Int) -> Int { min(bandwidth, order - firstRow(sweep, step)) }

  /// Where the sweep's rows begin, from row `sweep` on.
  func offset(_ sweep: Int) -> Int { (order - sweep) * order }
}

/// Reduces a band to a tridiagonal and keeps the reflections.
struct BulgeChase {
  private let layout: ChaseLayout
  private let reflectors: UnsafeMutablePointer<Double>

  /// Sweeps that go down the band together, two steps apart, so that what they work on stays in the cache.
  private static let together = 4

  init(order: Int, bandwidth: Int, reflectors: UnsafeMutablePointer<Double>) {
    layout = ChaseLayout(order: order, bandwidth: bandwidth)
    self.reflectors = reflectors
  }

  /// - Parameter band: (2 b + 1) x P, column j from its diagonal element down, zeros below the band.
  func reduce(_ band: UnsafeMutablePointer<Double>) {
    let order = layout.order
    var scales = [Double](repeating: 0, count: Self.together * order)
    var work = [Double](repeating: 0, count: order + layout.bandwidth)
    withBLAS(1, 1) {
      scales.withUnsafeMutableBufferPointer { scales in
        work.withUnsafeMutableBufferPointer { work in
          guard let scales = scales.baseAddress, let work = work.baseAddress else { return }
          for first in stride(from: 1, to: layout.sweeps.upperBound, by: Self.together) {
            let group = first..<min(first + Self.together, layout.sweeps.upperBound)
            // Step k of a sweep needs step k + 1 of the sweep before it.
            for time in 0..<layout.steps(first) + 2 * group.count {
              for sweep in group {
                let step = time - 2 * (sweep - first)
                guard step >= 0, step < layout.steps(sweep) else { continue }
                take(step, sweep, band, scales + (sweep - first) * order, work)
              }
            }
            for sweep in group { keepScales(sweep, scales + (sweep - first) * order) }
          }
        }
      }
    }
  }

  private func take(
    _ step: Int, _ sweep: Int, _ band: UnsafeMutablePointer<Double>, _ scales: UnsafeMutablePointer<Double>,
    _ work: UnsafeMutablePointer<Double>
  ) {
    // 1 removes a column and reflects the diagonal block below it; 2 carries the bulge to the next block of
    // rows and removes its first column; 3 reflects that diagonal block.
    if step == 0 {
      kernel(1, 0, sweep, band, scales, work)
    } else {
      kernel(2, step - 1, sweep, band, scales, work)
      kernel(3, step, sweep, band, scales, work)
    }
  }

  private func kernel(
    _ kind: Int32, _ step: Int, _ sweep: Int, _ band: UnsafeMutablePointer<Double>,
    _ scales: UnsafeMutablePointer<Double>, _ work: UnsafeMutablePointer<Double>
  ) {
    let first = layout.firstRow(sweep, step)
    var (no, kind, one) = (Int32(0), kind, Int32(1))
    var (start, end) = (Int32(first + 1), Int32(first + layout.rows(sweep, step)))
    var (order, width, stride) = (
      Int32(layout.order), Int32(layout.bandwidth), Int32(2 * layout.bandwidth + 1)
    )
    // The routine counts rows from 1. As the first of two alternating sweeps it has vectors and scales at the
    // number of their first row.
    dsb2st_kernels_(
      [lapackLower], &no, &kind, &start, &end, &one, &order, &width, &width, band, &stride,
      reflectors + layout.offset(sweep) - sweep, scales, &order, work, 1)
  }

  private func keepScales(_ sweep: Int, _ scales: UnsafeMutablePointer<Double>) {
    for step in 0..<layout.steps(sweep) {
      reflectors[layout.offset(sweep) + step * layout.bandwidth] = scales[layout.firstRow(sweep, step)]
    }
  }
}
