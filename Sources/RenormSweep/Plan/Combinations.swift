internal import Renorm

/// The combinations of a specification's axes, in its order: the first axis is the slowest.
struct Combinations {
  /// The values of one point, and where they stand.
  struct Combination {
    var values: [SweepKey: ParameterValue] = [:]
    var places: [SweepKey: SpecificationPlace] = [:]
  }

  /// The most points that a sweep may have.
  static let largestCount = 1_000_000

  /// Axes that run together; a single one for most.
  private let wheels: [[SweepSpecification.Axis]]
  let count: Int

  init(_ specification: SweepSpecification) throws(SpecificationError) {
    var wheels: [[SweepSpecification.Axis]] = []
    for axis in specification.axes {
      if let zip = specification.zips.first(where: { $0.contains(axis.key) }) {
        // Zipped axes turn at the place of the first of them.
        if zip.first == axis.key { wheels.append(zip.compactMap(specification.axis)) }
      } else {
        wheels.append([axis])
      }
    }
    self.wheels = wheels
    var count = 1
    for wheel in wheels { count = count.multipliedReportingOverflow(by: wheel[0].values.count).partialValue }
    let logarithm = wheels.reduce(0) {
      $0 + $1[0].values.count.bitWidth - $1[0].values.count.leadingZeroBitCount
    }
    guard logarithm < 60, count <= Self.largestCount else {
      throw SpecificationError(
        specification.root, "the sweep has more than \(Self.largestCount) combinations; accepted: fewer values")
    }
    self.count = count
  }

  subscript(index: Int) -> Combination {
    var result = Combination()
    var rest = index
    for wheel in wheels.reversed() {
      let size = wheel[0].values.count
      for axis in wheel {
        result.values[axis.key] = axis.values[rest % size]
        result.places[axis.key] = axis.places[rest % size]
      }
      rest /= size
    }
    return result
  }
}
