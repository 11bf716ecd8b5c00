import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import Renorm

@Suite struct BoxSearchTests {
  private func search(_ bounds: [ClosedRange<Double>], held: Set<Int> = [], tolerance: Double = 1e-12)
    -> BoxSearch
  {
    BoxSearch(bounds: bounds, held: held, tolerance: tolerance)
  }

  /// Rosenbrock's valley, with its minimum at (1, 1).
  private func valley(_ x: [Double]) -> BoxSearch.Point {
    let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
    return .init(x: x, value: a * a + 10 * b * b, gradient: [-2 * a - 40 * x[0] * b, 20 * b])
  }

  @Test func findsMinimumOfValley() throws {
    let found = try #require(try search([-3...3, -3...3]).minimum(from: [-1.2, 1]) { valley($0) })
    #expect(found.end == .converged)
    expectClose(found.point.x[0], 1, relative: 1e-4)
    expectClose(found.point.x[1], 1, relative: 1e-4)
  }

  /// Against the exact minimum on the edge x = 0.5, y = 0.25, and with y held.
  @Test func staysInsideBox() throws {
    var outside = 0
    let edge = try #require(
      try search([-3...0.5, -3...3]).minimum(from: [-1.2, 1]) { x in
        if x[0] > 0.5 { outside += 1 }
        return valley(x)
      })
    #expect(outside == 0 && edge.point.x[0] == 0.5)
    expectClose(edge.point.x[1], 0.25, relative: 1e-4)
    #expect(edge.point.gradient[0] < 0)
    let held = try #require(try search([-3...3, -3...3], held: [0]).minimum(from: [0.7, 2]) { valley($0) })
    #expect(held.point.x[0] == 0.7)
    expectClose(held.point.x[1], 0.49, relative: 1e-4)
  }

  /// Points without a value are stepped back from.
  @Test func stepsBackFromPointsWithoutValue() throws {
    let found = try #require(
      try search([-3...3, -3...3]).minimum(from: [-1.2, 1]) { $0[0] > 1.05 ? nil : valley($0) })
    expectClose(found.point.x[0], 1, relative: 1e-3)
    #expect(try search([0...1]).minimum(from: [0.5]) { _ in nil } == nil)
  }

  /// A second search ends where it is known how it goes on.
  @Test func joinsBasinOfKnownMinimum() throws {
    var count = 0
    var box = search([-3...3, -3...3], tolerance: 1e-8)
    box.margin = 1
    let first = try #require(try box.minimum(from: [-1.2, 1]) { valley($0) })
    let second = try #require(
      try box.minimum(from: [2, 3], curvature: first.curvature, known: [first]) { x in
        count += 1
        return valley(x)
      })
    #expect(second.end == .joined(0) && count < 30)
  }
}
