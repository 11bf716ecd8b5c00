import Foundation
import Testing

@testable import RenormSweep

/// Every message names the line, what stands there, and what would be accepted.
@Suite struct SpecificationErrorTests {
  let sweep: SmallSweep

  init() throws { sweep = try SmallSweep() }

  /// What a specification with these lines, the first of them on line 5, is refused with.
  private func refusal(_ lines: String...) -> String {
    let message = message { _ = try sweep.plan(lines.joined(separator: "\n")) }
    return message.replacing(sweep.scratch.directory + "/", with: "")
  }

  private let good = "architecture: fc\nwidth: 5\ntemperature: 0.1"

  @Test(arguments: [
    ("temperature: -1", "temperature is -1; accepted: a positive number"),
    ("temperature: [0.1, nan]", "temperature is nan; accepted: a positive number"),
    ("temperature: [0.1, hot]", "temperature is 'hot'; accepted: a positive number"),
    ("temperature:", "temperature has no value; accepted: a positive number"),
    ("temperature: []", "temperature has no values; accepted: at least one"),
    ("temperature: [0.1, 0.10]", "temperature: 0.10 is given twice; accepted: different values"),
    ("temperature: [[0.1]]", "temperature: a list in a list; accepted: plain values"),
    (
      "temperature: {linspace: [1, 2]}",
      "temperature: linspace needs three numbers; accepted: linspace: [a, b, n] with the first value, the last "
        + "value and the number of values"
    ),
    ("temperature: {linspace: [1, 2, 0]}", "temperature: linspace of 0.0 values; accepted: 2 to 100000"),
    ("temperature: {linspace: [1, -2, 3]}", "temperature is -0.5; accepted: a positive number"),
    ("temperature: {logspace: [0, 1, 3]}", "temperature: logspace from or to 0; accepted: positive ends"),
    (
      "temperature: {range: [0, 1, 3]}",
      "temperature: unknown form of values; accepted: a value, a list, linspace: [a, b, n], logspace: [a, b, n]"
    ),
  ])
  func temperature(line: String, reason: String) {
    #expect(refusal("architecture: fc", "width: 5", line) == "sweep.yaml:7: \(reason)")
  }

  @Test(arguments: [
    ("width: 0", "width is 0; accepted: a positive number of hidden units, or 'infinite'"),
    ("width: [5, endless]", "width is 'endless'; accepted: a positive number of hidden units, or 'infinite'"),
    ("width: 2.5", "width is 2.5; accepted: a positive number of hidden units, or 'infinite'"),
    ("alpha: [1, 0]", "alpha is 0; accepted: a positive number; infinite-width: true is alpha = 0"),
    (
      "alpha: [1, 1e-300]",
      "alpha is 1e-300; accepted: a number of which the width, 30/alpha here, is at most 9223372036854775807; "
        + "infinite-width: true is alpha = 0"
    ),
    ("infinite-width: maybe", "infinite-width is 'maybe'; accepted: true or false"),
    ("infinite-width: false", "no width; accepted: 'width', 'alpha' or 'infinite-width: true'"),
  ])
  func width(line: String, reason: String) {
    #expect(refusal("architecture: fc", line, "temperature: 1") == "sweep.yaml:6: \(reason)")
  }

  @Test(arguments: [
    (
      "mask: 0",
      "mask is 0; accepted: a positive number of pixels, or HxW; for two hidden layers one for each, such as 7,2"
    ),
    ("mask: {linspace: [1, 3, 3]}", "mask takes no range; accepted: a value or a list"),
    (
      "readout: max",
      "readout is 'max'; accepted: independent, mean-pool, block-pool, exponential, matern32, "
        + "matern52, squared-exponential, file"
    ),
    (
      "activation: [erf, atan]",
      "activation is 'atan'; accepted: erf, relu, linear, tanh, sigmoid, gelu, swish, "
        + "softplus, leaky-relu, relu6, hard-tanh, sin, cos, quadratic"
    ),
    ("padding: some", "padding is 'some'; accepted: valid, same, or a number of pixels"),
    (
      "filter-prior: gauss",
      "filter-prior is 'gauss'; accepted: independent, exponential, matern32, matern52, "
        + "squared-exponential, file"
    ),
    ("lambda-bias: 0", "lambda-bias is 0; accepted: a positive number"),
    ("lambda1: -1", "lambda1 is -1; accepted: a positive number"),
    ("lambda0: 0", "lambda0 is 0; accepted: a positive number"),
    ("shuffle-seed: -1", "shuffle-seed is -1; accepted: 0 to 4294967295"),
    ("train-count: 0", "train-count is 0; accepted: a positive number of examples"),
    ("length-scale: 0", "length-scale is 0; accepted: a positive number of grid units"),
    ("order: mixture", "order is 'mixture'; accepted: leading, next or condensed"),
    ("draws: 2000", "draws needs 'order: next'"),
    ("neurons: 2", "neurons needs 'order: condensed'"),
    ("order-starts: 2", "order-starts needs 'order: condensed'"),
    ("tolerance: [1e-8, 1e-9]", "tolerance is not a parameter to sweep; accepted: one value"),
    ("max-iterations: 0", "max-iterations is 0; accepted: at least 1"),
    ("standardize: whiten", "standardize is 'whiten'; accepted: global, feature, none"),
    ("test-count: none", "test-count is 'none'; accepted: a positive number of examples"),
    ("validation-fraction: 1", "validation-fraction is 1; accepted: a number between 0 and 1"),
    ("validation-count: 3", "validation-count needs 'validation-fraction'"),
    ("classes: [3]", "classes is 3; accepted: two or more different labels, such as [3, 8]"),
    ("grayscale: 1", "grayscale is 1; accepted: true or false"),
    ("pixel-step: 0", "pixel-step is 0; accepted: a positive number of pixels"),
    ("combine: sum", "combine is 'sum'; accepted: grid or zip"),
    (
      "zip: [temperature, colour]",
      "zip: 'colour' is not a parameter to sweep; accepted: lists of swept keys, such as [[temperature, "
        + "lambda1]]"
    ),
    ("zip: [temperature, lambda1]", "zip: 'lambda1' has no values here; accepted: keys that are given"),
    (
      "zip: temperature",
      "zip of fewer than two keys; accepted: lists of swept keys, such as [[temperature, lambda1]]"
    ),
    (
      "temperature: 2",
      "'temperature' is given more than once; accepted: every key once, several values as a list"
    ),
    (
      "temprature: 2",
      "unknown key 'temprature'; accepted: architecture, activation, activation-slope, mask, stride, padding, upper-mask, upper-stride, "
        + "filter-prior, filter-length-scale, filter-file, readout, block, length-scale, readout-file, "
        + "node-prior, node-parameter, likelihood, approximation, depth, deep-theory, widths, lambdas, shuffle-seed, train-count, lambda0, lambda-bias, width, alpha, "
        + "temperature, lambda1, "
        + "infinite-width, train, train-labels, test, test-labels, test-fraction, test-count, "
        + "validation-fraction, validation-count, classes, classification, standardize, grayscale, pixel-step, "
        + "shape, target-column, drop-columns, train-array, target-array, test-array, test-target-array, "
        + "layout, center-targets, standardize-targets, tolerance, max-iterations, order, draws, "
        + "neurons, order-starts, combine, zip"
    ),
    // What shows with the data only.
    ("train-count: [8, 31]", "data.csv: 31 training examples wanted, 30 available"),
  ])
  func other(line: String, reason: String) {
    // A repeated key is named with the line of the first.
    let number = line.hasPrefix("temperature") ? 7 : 8
    #expect(refusal(good, line) == "sweep.yaml:\(number): \(reason)")
  }

  @Test func unequalLengths() {
    #expect(
      refusal(
        "architecture: fc", "width: 5", "temperature: [1, 2]", "lambda1: [1, 2, 3]",
        "zip: [[temperature, lambda1]]")
        == "sweep.yaml:9: zip of unequal lengths: temperature has 2, lambda1 has 3; accepted: equal numbers of "
        + "values"
    )
  }

  @Test func keysThatExcludeEachOther() {
    #expect(
      refusal(good, "alpha: 2") == "sweep.yaml:8: 'width' and 'alpha' both set the width; accepted: one of them"
    )
    #expect(
      refusal(good, "lambda1: [1, 2]", "zip: [width, lambda1]", "combine: zip")
        == "sweep.yaml:9: 'combine: zip' and 'zip' contradict each other; accepted: one of them")
  }

  @Test func missingKeys() {
    #expect(refusal("architecture: fc\nwidth: 5") == "sweep.yaml: the key 'temperature' is missing")
    #expect(
      refusal("architecture: fc\ntemperature: 5")
        == "sweep.yaml: no width; accepted: 'width', 'alpha' or 'infinite-width: true'")
  }

  /// The first point that is impossible is named by the value that makes it so.
  @Test func impossibleNetworks() throws {
    #expect(
      refusal("architecture: [fc, cnn]", "width: 5", "temperature: 1", "mask: [2,\n  5]")
        == "sweep.yaml:9: a mask of 5x5 does not fit on an image of 4x4; accepted: a mask of at most the "
        + "image's size "
        + "(flat inputs need an image shape)")
    #expect(
      refusal("architecture: cnn", "width: 5", "temperature: 1", "mask: 2", "readout: exponential")
        == "sweep.yaml:9: length scale is missing; accepted: a positive number of grid units for exponential")
  }

  @Test func notYAML() {
    #expect(refusal("temperature: [1, 2").hasPrefix("sweep.yaml:6: not YAML: "))
    let text = message { _ = try sweep.specification("- 1\n- 2", data: "") }
    #expect(
      text.hasSuffix(
        "sweep.yaml: not a sweep; accepted: lines of the form 'key: value', such as 'temperature: [0.1, 1]'"))
    #expect(message { _ = try SweepSpecification(contentsOf: "nowhere.yaml") } == "nowhere.yaml: no such file")
  }

  @Test func tooManyPoints() {
    let axis = "{linspace: [1, 2, 1001]}"
    #expect(
      refusal("architecture: fc", "width: 5", "temperature: \(axis)", "lambda1: \(axis)")
        == "sweep.yaml: the sweep has more than 1000000 combinations; accepted: fewer values")
    #expect(
      refusal("architecture: fc", "width: 5", "temperature: {linspace: [1, 2, 1e9]}")
        == "sweep.yaml:7: temperature: linspace of 1000000000.0 values; accepted: 2 to 100000")
  }

  /// The largest width that a fit accepts.
  @Test func smallestLoads() throws {
    let points = try sweep.plan("architecture: fc\nalpha: 1e-17\ntemperature: 1").points
    #expect(points.map(\.parameters.network.width.units) == [3_000_000_000_000_000_000])
  }

  /// Aliases of aliases: nine lines that stand for a billion values.
  @Test func manyAliases() {
    let lines = (1...8).map { k in
      "k\(k): &a\(k) [" + Array(repeating: "*a\(k - 1)", count: 10).joined(separator: ", ") + "]"
    }
    #expect(
      refusal("k0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]", lines.joined(separator: "\n")).hasSuffix(
        ": more than 1000000 values in one file; accepted: fewer, or ranges"))
  }

  /// Looking for values that are given twice takes a time that grows with their number alone.
  @Test func manyValues() throws {
    let values = (1...200_000).map(String.init).joined(separator: ", ")
    let clock = ContinuousClock()
    let begin = clock.now
    let axes = try sweep.specification("architecture: fc\nwidth: [\(values)]\ntemperature: 1").axes
    #expect(axes.map(\.values.count) == [1, 200_000, 1] && clock.now - begin < .seconds(60))
    #expect(
      refusal(good, "lambda1: [\(values), 7]")
        == "sweep.yaml:8: lambda1: 7 is given twice; accepted: different values"
    )
  }

  @Test func options() {
    func refusal(_ options: [(SweepKey, String)]) -> String {
      message { _ = try SweepSpecification(options: [(.architecture, "fc"), (.train, "data.csv")] + options) }
    }
    #expect(
      refusal([(.width, "5"), (.temperature, "logspace(0.1,-1,3)")])
        == "--temperature: temperature: logspace from or to -1; accepted: positive ends")
    #expect(
      refusal([(.width, "5,,6"), (.temperature, "1")])
        == "--width: width has no value; accepted: a positive number of hidden units, or 'infinite'")
  }
}
