import Foundation
import Testing

@testable import Renorm
@testable import RenormSweep

@Suite struct SweepPlanTests {
  private let lines = """
    architecture: [fc, lcn, cnn]
    mask: [2, 4x2]
    stride: [1, 2]
    readout: [independent, exponential, mean-pool]
    length-scale: [1, 2]
    width: [10, 100]
    infinite-width: true
    temperature: {logspace: [0.01, 1, 3]}
    lambda1: [1, 2]
    shuffle-seed: [1, 2]
    """

  /// Keys that do not apply make no further points.
  @Test func countsOfPoints() throws {
    let plan = try SmallSweep().plan(lines)
    func count(_ architecture: String) -> Int {
      plan.points.count { $0.parameters.network.architecture == architecture }
    }
    // 2 seeds x 3 widths x 3 temperatures x 2 lambda1.
    let rest = 36
    #expect(count("fc") == rest)
    // Two masks, two strides.
    #expect(count("lcn") == 4 * rest)
    // Readouts: independent, mean-pool, and exponential with two lengths.
    #expect(count("cnn") == 4 * 4 * rest)
    #expect(plan.points.map(\.index) == Array(0..<plan.points.count))
    #expect(Set(plan.points.map(\.identity)).count == plan.points.count)
    #expect(plan.groups.count == 2 + 2 * 4 + 2 * 16)
    #expect(plan.warnings.isEmpty)
  }

  @Test func keysWithoutEffect() throws {
    let plan = try SmallSweep().plan(
      "architecture: fc\nwidth: 3\ntemperature: 1\nmask: [2, 3]\nreadout: mean-pool")
    #expect(plan.points.count == 1)
    #expect(
      plan.warnings == [
        "mask has no effect on any point of this sweep", "readout has no effect on any point of this sweep",
      ])
  }

  @Test func zippedAxesRunTogether() throws {
    let sweep = try SmallSweep()
    let plan = try sweep.plan(
      "architecture: fc\nwidth: [3, 4]\ntemperature: [1, 2, 3]\nlambda1: [4, 5, 6]\nzip: [[lambda1, "
        + "temperature]]"
    )
    #expect(
      plan.points.map {
        "\($0.parameters.network.width) \($0.parameters.network.temperature) \($0.parameters.network.lambda1)"
      }
        == ["3 1.0 4.0", "3 2.0 5.0", "3 3.0 6.0", "4 1.0 4.0", "4 2.0 5.0", "4 3.0 6.0"])
    let all = try sweep.plan(
      "architecture: fc\nwidth: 3\ntemperature: [1, 2, 3]\nlambda1: [4, 5, 6]\nlambda0: [7, 8, 9]\ncombine: zip"
    )
    #expect(all.points.count == 3 && all.groups.count == 3)
    let repeated = try sweep.plan(
      "architecture: fc\nwidth: 3\ntemperature: [1, 2, 1]\nlambda1: [4, 5, 6]\nzip: [[temperature, lambda1]]")
    #expect(repeated.points.map(\.parameters.network.temperature) == [1, 2, 1])
  }

  /// N = round(P/alpha), at least 1; equal widths are one point.
  @Test func widthsFollowFromAlpha() throws {
    let plan = try SmallSweep().plan(
      "architecture: fc\nalpha: [0.5, 2, 7, 20, 100, 1000]\ninfinite-width: true\ntemperature: 1\ntrain-count: "
        + "[10, 30]"
    )
    func widths(_ count: Int) -> [Int?] {
      plan.points.filter { $0.parameters.trainCount == count }.map(\.parameters.network.width.units)
    }
    #expect(widths(10) == [20, 5, 1, nil])
    #expect(widths(30) == [60, 15, 4, 2, 1, nil])
    #expect(plan.points[0].parameters.alpha == 0.5 && plan.points[3].parameters.alpha == 0)
  }

  @Test func theSameForEveryProcess() throws {
    let sweep = try SmallSweep()
    let (a, b) = (try sweep.plan(lines), try sweep.plan(lines))
    #expect(a.points == b.points)
    #expect(a.units.map(\.steps) == b.units.map(\.steps) && a.units.map(\.group) == b.units.map(\.group))
    // Other data are other points.
    let other = try SmallSweep(seed: 2).plan(lines)
    #expect(
      zip(a.points, other.points).allSatisfy { $0.parameters == $1.parameters && $0.identity != $1.identity })
  }

  /// Every point is in one unit, after the point that it starts from, which has the same kernels and a finite
  /// width.
  @Test func predecessorsComeFirst() throws {
    let plan = try SmallSweep().plan(lines)
    var seen: Set<Int> = []
    for unit in plan.units {
      var own: Set<Int> = []
      for step in unit.steps {
        #expect(seen.insert(step.point).inserted)
        let point = plan.points[step.point].parameters
        if let predecessor = step.predecessor {
          #expect(own.contains(predecessor))
          #expect(
            point.network.width != .infinite && plan.points[predecessor].parameters.network.width != .infinite)
        }
        if let before = step.beforePredecessor { #expect(own.contains(before) && step.predecessor != nil) }
        #expect(plan.groups[unit.group].points.contains(step.point))
        own.insert(step.point)
      }
      let keys = Set(unit.steps.map { plan.points[$0.point].parameters.kernelKey })
      #expect(keys.count == 1)
    }
    #expect(seen.count == plan.points.count)
    #expect(plan.units.map(\.number) == Array(0..<plan.units.count))
  }

  /// Rows run from low to high lambda1 at equal width and temperature, and long rows are cut.
  @Test func rows() throws {
    let plan = try SmallSweep().plan(
      "architecture: [fc, cnn]\nmask: 2\nwidth: [10, 20]\nlambda1: {logspace: [0.01, 1, 20]}\ntemperature: [1, "
        + "2]"
    )
    let units = plan.units.filter { plan.groups[$0.group].network.architecture.name == "cnn" }
    #expect(units.map(\.steps.count) == [16, 4, 16, 4, 16, 4, 16, 4])
    for unit in units {
      let networks = unit.steps.map { plan.points[$0.point].parameters.network }
      #expect(Set(networks.map { "\($0.width) \($0.temperature)" }).count == 1)
      #expect(networks.map(\.lambda1) == networks.map(\.lambda1).sorted())
      #expect(unit.steps.map(\.predecessor) == [nil] + unit.steps.dropLast().map { $0.point as Int? })
      #expect(
        unit.steps.map(\.beforePredecessor) == [nil, nil] + unit.steps.dropLast(2).map { $0.point as Int? })
    }
    // One reduction serves all points of FC.
    #expect(plan.units.count { $0.group == 0 } == 1)
    // Rows do not depend on each other, so that a sweep can grow.
    #expect(plan.units[0].steps.count { $0.predecessor == nil } == 4)
    #expect(plan.units[0].steps.count { $0.predecessor != nil && $0.beforePredecessor == nil } == 4)
  }

  /// Along the temperature, from high to low, where there is one lambda1.
  @Test func rowsAlongTheTemperature() throws {
    let plan = try SmallSweep().plan(
      "architecture: cnn\nmask: 2\nwidth: [10, infinite]\ntemperature: [0.1, 10, 1]")
    #expect(plan.units.count == 1)
    let steps = plan.units[0].steps
    #expect(steps.map { plan.points[$0.point].parameters.network.temperature } == [10, 1, 0.1, 10, 1, 0.1])
    #expect(
      steps.prefix(3).allSatisfy {
        plan.points[$0.point].parameters.network.width == .infinite && $0.predecessor == nil
      })
    #expect(steps.suffix(3).map { $0.predecessor == nil } == [true, false, false])
  }

  /// Shares are parts of the plan that together are the whole.
  @Test(arguments: 1...7) func sharesAreAPartition(count: Int) throws {
    let plan = try SmallSweep().plan(lines)
    let parts = UnitShares.parts(plan, .nominal, count: count)
    #expect(parts.count == plan.units.count)
    #expect(parts == parts.sorted() && parts.allSatisfy { (0..<count).contains($0) })
    if count < 5 { #expect(Set(parts).count == count) }
  }

  /// Nothing is made for each of the parts.
  @Test func manyShares() throws {
    let plan = try SmallSweep().plan("architecture: fc\nwidth: 3\ntemperature: 1")
    #expect(UnitShares.parts(plan, .nominal, count: .max / 4).count == 1)
  }

  /// What kernels depend on is what the table says of every parameter.
  @Test func kernelKeys() throws {
    let own = NetworkDescription([
      .architecture: .name("cnn"), .mask: .extent(Extent(2)), .width: .width(.finite(3)),
      .temperature: .number(1),
      .readout: .name("exponential"), .lengthScale: .number(1),
    ]).completed
    func key(_ change: (inout NetworkDescription) -> Void = { _ in }) -> PointParameters {
      var network = own
      change(&network)
      return PointParameters(network: network, trainCount: 5, shuffleSeed: 1).kernelKey
    }
    let others: [PointParameters] = [
      key { $0[.architecture] = .name("lcn") }, key { $0[.mask] = .extent(Extent(3)) },
      key { $0[.stride] = .extent(Extent(1)) }, key { $0[.activation] = .name("relu") },
      key { $0[.lambda0] = .number(2) }, key { $0[.readout] = .name("matern32") },
      key { $0[.lengthScale] = .number(2) }, key { $0[.activationSlope] = .number(0.2) },
      key { $0[.padding] = .padding(.same) }, key { $0[.filterPrior] = .name("exponential") },
      key { $0[.filterLengthScale] = .number(2) }, key { $0[.block] = .extent(Extent(2)) },
      key { $0[.readoutFile] = .matrix(MatrixValue(source: "s.npy")) },
      key { $0[.filterFile] = .matrix(MatrixValue(source: "f.npy")) }, key { $0[.lambdaBias] = .number(2) },
      PointParameters(network: own, trainCount: 6, shuffleSeed: 1).kernelKey,
      PointParameters(network: own, trainCount: 5, shuffleSeed: nil).kernelKey,
    ]
    let same = [
      key { $0.width = .infinite }, key { $0[.temperature] = .number(2) }, key { $0[.lambda1] = .number(2) },
      key { $0[.nodePrior] = .name("gamma") }, key { $0[.nodeParameter] = .number(2) },
    ]
    #expect(Set(others + [key()]).count == others.count + 1)
    #expect(same.allSatisfy { $0 == key() })
    for parameter in Network.parameters {
      let changed = key { $0[parameter] = .name("another") }
      #expect((changed == key()) == !parameter.isInKernels, "\(parameter.key)")
    }
    let point = PointParameters(network: own, trainCount: 5, shuffleSeed: 1)
    let text = try point.text()
    // A node prior, and what else came later, is written where there is one.
    let later: [NetworkParameter] = [
      .nodePrior, .nodeParameter, .activationSlope, .padding, .filterPrior, .filterLengthScale, .filterFile,
      .block, .readoutFile, .lambdaBias, .depth, .widths, .lambdas, .deepTheory, .likelihood,
      .approximation, .upperMask, .upperStride,
    ]
    let members = Network.parameters.filter { !later.contains($0) }.map(\.column)
    #expect(members.allSatisfy { text.contains("\"\($0)\":") }, "\(text)")
    #expect(try JSONDecoder().decode(PointParameters.self, from: Data(text.utf8)) == point)
    var nodes = own
    nodes[.nodePrior] = .name("gamma")
    nodes[.nodeParameter] = .number(2)
    let gamma = PointParameters(network: nodes, trainCount: 5, shuffleSeed: 1)
    #expect(try JSONDecoder().decode(PointParameters.self, from: Data(gamma.text().utf8)) == gamma)
    // As every store writes it.
    #expect(
      text == #"{"network":{"activation":"erf","architecture":"cnn","lambda0":1,"lambda1":1,"lengthScale":1,"#
        + #""readout":"exponential","temperature":1,"width":3,"window":{"mask":{"height":2,"width":2},"#
        + #""stride":{"height":2,"width":2}}},"shuffleSeed":1,"trainCount":5}"#)
  }

  /// One kernel serves where there is one position, whatever the architecture is called.
  @Test func singleKernels() throws {
    let plan = try SmallSweep().plan(
      "architecture: [fc, lcn, cnn]\nmask: [2, 4]\nreadout: [independent, mean-pool]\nwidth: [5, "
        + "infinite]\ntemperature: 1"
    )
    let single = plan.groups.map {
      "\($0.network.architecture.name) \($0.network.readout.name) "
        + "\($0.network.architecture.window?.mask.height ?? 0) \($0.hasOneKernel)"
    }
    #expect(
      single == [
        "fc independent 0 true", "lcn independent 2 false", "lcn independent 4 true", "cnn independent 2 false",
        "cnn mean-pool 2 true", "cnn independent 4 true", "cnn mean-pool 4 true",
      ])
  }

  @Test func estimates() throws {
    let plan = try SmallSweep().plan(lines)
    let estimate = SweepEstimate(plan, .nominal, options: FitOptions(threads: 1, memoryLimit: 1 << 30))
    #expect(estimate.points == plan.points.count && estimate.groups.count == plan.groups.count)
    #expect(estimate.seconds > 0 && estimate.bytes > 0)
    #expect(estimate.groups.reduce(0) { $0 + $1.points } == plan.points.count)
    #expect(estimate.chains == plan.units.flatMap(\.steps).count(where: plan.isStartOfChain))
    let small = SweepEstimate(plan, .nominal, options: FitOptions(threads: 1, memoryLimit: 1))
    #expect(small.groups.allSatisfy { $0.storage == nil })
  }
}
