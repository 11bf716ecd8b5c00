import Foundation
import Testing

/// The commands of the companion theories: keys of their reports, repeats, and failures.
@Suite struct CompanionTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func report(_ arguments: [String]) throws -> JSON {
    try JSON(Tool.succeed(arguments + ["--report", "-"], in: scratch).output)
  }

  private func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

  private func expectUsage(_ arguments: String, _ fragments: [String]) throws {
    try expectFailure(
      ExitCode.usage, fragments, words(arguments), outputs: ["--report", "out/report.json"], in: scratch)
  }

  private let equal = "--alpha 0.70710678 --lambda 0.70710678"

  @Test func resnetPredict() throws {
    let report = try report(words("resnet predict --n 100 --d 100 \(equal) --nin 10 --nout 10"))
    // The factors are rounded to eight digits.
    #expect(abs(report["mu"].number + 1.95623697) < 1e-7)
    #expect(abs(report["variance"].number - 5.33570355) < 1e-7)
    #expect(abs(report["beta"].number - 2.25) < 1e-7)
    #expect(abs(report["hypoactivation"].number + 0.83123697) < 1e-7)
    #expect(abs(report["interlayer"].number - 3.08570355) < 1e-7)
    #expect(report["logNorm"]["mean"].isNumber && report["logNorm"]["variance"].isNumber)
    let balanced = try self.report(words("resnet predict --n 100 --d 100 \(equal) --balanced"))
    #expect(abs(balanced["mu"].number + 1.125) < 1e-7 && balanced["interlayer"].number == 0)
    let layers = try self.report(words("resnet predict --n 20 --d 3 --alpha 1,0.8,0.6 --lambda 0.5,0.6,0.8"))
    #expect(abs(layers["logRatio"]["mean"].number - 0.05962484) < 1e-8)
  }

  @Test func resnetSimulate() throws {
    let arguments = words("resnet simulate --n 30 --d 10 \(equal) --draws 1000")
    let report = try report(arguments + ["--threads", "1"])
    let sampled = report["sampled"]
    for key in ["mean", "meanError", "variance", "varianceError", "activeFraction"] {
      #expect(sampled[key].isNumber, "\(key)")
    }
    #expect(abs(sampled["mean"].number - report["mu"].number) < 5 * sampled["meanError"].number)
    #expect(report["ks"]["logGaussian"].number < report["ks"]["infiniteWidth"].number)
    #expect(try self.report(arguments + ["--threads", "2"]) == report)
    #expect(try self.report(arguments + ["--seed", "2"]) != report)
    let layers = try self.report(words("resnet layers --n 30 --d 4 \(equal) --draws 100"))
    #expect(layers["layers"].elements.count == 4 && layers["correlations"].elements.count == 5)
    let summary = try Tool.succeed(arguments, in: scratch).output
    #expect(summary.contains("theory") && summary.contains("+-") && summary.contains("#"))
  }

  @Test(arguments: [
    ("--n 1 --d 3 --alpha 1 --lambda 1", "n is 1"), ("--n 5 --d -3 --alpha 1 --lambda 1", "d is -3"),
    ("--n 5 --d 3 --alpha 0 --lambda 0", "do not both vanish"),
    ("--n 5 --d 3 --alpha nan --lambda 1", "finite"),
    ("--n 5 --d 3 --alpha 1,2 --lambda 1", "alpha is a list of 2"),
    ("--n 5 --d 3 --alpha 1,x --lambda 1", "'1,x'"),
    ("--n 5 --d 3 --alpha 1 --lambda 1 --nin 0", "nin is 0"),
    ("--n 5 --d 3 --alpha 1 --lambda 1 --nout 0", "nout is 0"),
    ("--n 5 --d 3 --alpha 1 --lambda 1 --x-norm 0", "x-norm is 0"),
    ("--n 5 --d 99999999999 --alpha 1 --lambda 1", "d is 99999999999"),
  ])
  func resnetFailures(arguments: String, fragment: String) throws {
    try expectUsage("resnet predict " + arguments, [fragment])
  }

  @Test func resnetDraws() throws {
    try expectUsage("resnet simulate --n 5 --d 3 --alpha 1 --lambda 1 --draws 1", ["draws is 1", "from 2"])
    try expectUsage("resnet layers --n 5 --d 9999 --alpha 1 --lambda 1 --draws 99999999", ["draws is 99999999"])
    // All networks of two units and 60 layers without skip connections die.
    try expectFailure(
      ExitCode.numerical, ["passed nothing"],
      words("resnet simulate --n 2 --d 60 --alpha 0 --lambda 1 --draws 50"),
      outputs: ["--report", "out/report.json"], in: scratch)
  }

  @Test func widthPredict() throws {
    let drift = try report(["width", "predict", "f_ab(1) f_a(2) f_b(3) f(4)"])
    #expect(
      drift["tensors"] == .number(4) && drift["exponent"] == .number(-1) && drift["vanishes"] == .bool(false))
    #expect(drift["components"] == .array([.number(3), .number(1)]))
    let odd = try report(["width", "predict", "f(1) f(2) f(3)"])
    #expect(odd["exponent"] == .null && odd["vanishes"] == .bool(true) && odd.members["exponent"] != nil)
    let derivative = try report(["width", "predict", "f_a(1) f_a(2)", "--derivative", "1"])
    #expect(derivative["exponent"] == .number(-1) && derivative["undifferentiated"]["exponent"] == .number(0))
    let table = try report(["width", "table"])
    #expect(table["rows"].elements.count == 17)
    #expect(table["rows"].elements[4]["recorded"]["gap"] == .number(-1.01))
  }

  @Test func widthMeasure() throws {
    let measured = words("width measure --arch mlp --act tanh --widths 4,8,16 --nets 100 --quantity ntk-var")
    let report = try report(measured)
    #expect(
      report["predicted"] == .number(-1) && report["verdict"].isText && report["standardError"].number > 0)
    #expect(report["estimates"].elements.count == 3)
    #expect(try self.report(measured + ["--threads", "1"]) == report)
    let two = try self.report(words("width measure --widths 4,8 --nets 20"))
    #expect(two["slope"] == .null && two["verdict"] == .text("not resolved") && two["reason"].isText)
    let gap = try self.report(words("width gap --widths 4 --steps 2 --nets 20"))
    #expect(gap["rows"].elements[0]["scaled"].isNumber && gap["difference"]["slope"] == .null)
  }

  @Test func widthFailures() throws {
    func expect(_ arguments: [String], _ fragments: [String]) throws {
      try expectFailure(
        ExitCode.usage, fragments, arguments, outputs: ["--report", "out/report.json"], in: scratch)
    }
    try expect(["width", "predict", ""], ["pattern is ''", "f_ab(1)"])
    try expect(["width", "predict", "f_a(1) f(2)"], ["index 'a' occurs once", "twice"])
    try expect(["width", "predict", "f(1) f(2)", "--derivative", "-1"], ["derivative is -1"])
    try expect(words("width measure --widths 0,2"), ["widths is 0,2", "4096"])
    try expect(words("width measure --nets 1"), ["nets is 1"])
    try expect(words("width measure --quantity o4 --act relu"), ["o4 with relu", "tanh"])
    try expect(words("width measure --quantity o5"), ["'o5'", "o3f"])
    try expect(words("width gap --rate 2"), ["rate is 2", "stability"])
    try expect(words("width gap --head mean"), ["'mean'", "flatten"])
  }

  @Test func mixtureReports() throws {
    let triplet = try report(
      words("mogp triplet --law gbfry --alpha 0.5 --tau 2 --p 100 --laplace 0.5,2 --draws 200"))
    #expect(triplet["law"] == .text("gbfry") && triplet["a"] == .number(0))
    #expect(abs(triplet["laplace"].elements[0]["exponent"].number - 0.4110) < 1e-4)
    #expect(
      triplet["finite"].elements[1]["standardError"].number > 0
        && triplet["finite"].elements[1]["t"] == .number(2))
    #expect(triplet["finiteA"].isNumber && triplet["finiteAError"].isNumber)
    #expect(triplet["tail"].elements[0]["finite"].isNumber)
    #expect(try report(words("mogp laws"))["laws"].elements.count == 13)

    try scratch.file("points.csv", "0.7\n-0.2\n")
    let arguments = words("mogp sample --law horseshoe --layers 1 --draws 500 --x points.csv")
    let sample = try report(arguments)
    #expect(sample["draws"] == .number(500) && sample["correlationOfSquares"] == .null)
    #expect(sample["quantiles"].elements[0]["p"] == .number(0.01) && sample["points"].elements.count == 2)
    #expect(try report(arguments + ["--threads", "1"]) == sample)
    let finite = try report(words("mogp sample --law bernoulli --draws 500 --finite 50"))
    #expect(
      abs(finite["correlationOfSquaresTheory"].number - 0.3) < 1e-9 && finite["correlationOfSquares"].isNumber)

    let pruned = try report(
      words("mogp prune --law gbfry --alpha 0.3 --tau 5 --eps 1e-3,1e-2 --p 200 --draws 50"))
    for key in ["eps", "theory", "sampled", "standardError"] {
      #expect(pruned["errors"].elements[0][key].isNumber, "\(key)")
    }
    #expect(pruned["slope"].isNumber)
    let fraction = try report(words("mogp prune --law deterministic --kappa 0.5,0.9 --p 100 --draws 50"))
    expectClose(fraction["errors"].elements.map { $0["theory"].number }, [0.25, 0.45], 1e-12)
    #expect(fraction["slope"] == .null)
    let tails = try report(words("mogp tails --law beta-pareto --tau 1.5 --t 6 --draws 500"))
    #expect(tails["index"] == .number(3) && tails["tails"].elements[0]["ratio"].isNumber)
  }

  /// Lists of parameters give the reports of single values, in their order, and a table.
  @Test func lists() throws {
    let pruned = words("mogp prune --law gbfry --tau 5 --eps 1e-3,1e-2 --draws 50")
    let lists = try report(pruned + words("--alpha 0.3,0.5 --p 100,200"))
    #expect(lists["points"].elements.count == 4)
    #expect(try lists["points"].elements[1] == report(pruned + words("--alpha 0.3 --p 200")))
    #expect(lists["points"].elements[2]["parameters"]["alpha"] == .number(0.5))
    let triplet = words("mogp triplet --law gbfry --alpha 0.5 --p 100 --draws 50")
    let tails = try report(triplet + words("--tau 2,5"))
    #expect(try tails["points"].elements[1] == report(triplet + words("--tau 5")))
    let resnet = try report(words("resnet predict --n 50,100 --d 10,100 \(equal)"))
    #expect(try resnet["points"].elements[3] == report(words("resnet predict --n 100 --d 100 \(equal)")))
    let table = try Tool.succeed(words("resnet predict --n 50,100 --d 10,100 \(equal)"), in: scratch).output
    #expect(table.split(separator: "\n").count == 5)
    try expectUsage("mogp tails --law gbfry --tau 2,3 --t 3", ["tau is 2.0,3.0", "mogp prune"])
    try expectUsage("resnet simulate --n 5,6 --d 3 --alpha 1 --lambda 1", ["n is 5,6", "resnet predict"])
    try expectUsage("resnet predict --n 5,1 --d 3 --alpha 1 --lambda 1", ["n is 1"])
  }

  /// Every kind of picture from the reports that the commands write.
  @Test(.needsGnuplot) func pictures() throws {
    for (arguments, name) in [
      ("resnet simulate --n 20 --d 10 \(equal) --draws 500 --nout 5", "resnet"),
      ("mogp prune --law gbfry --alpha 0.3 --tau 5 --eps 1e-3,1e-2,1e-1 --p 200 --draws 50", "prune"),
      ("mogp prune --law horseshoe --kappa 0.5,0.9 --p 200 --draws 50", "kappa"),
      ("mogp prune --law gbfry --alpha 0.3 --tau 5 --eps 1e-3,1e-2 --p 100,200 --draws 50", "points"),
      ("width table", "table"), ("width measure --arch mlp --widths 4,8,16 --nets 60", "measured"),
    ] {
      try Tool.succeed(words(arguments) + ["--report", "\(name).json", "--quiet"], in: scratch)
    }
    for arguments in [
      "densities resnet.json", "pruning prune.json", "pruning prune.json points.json", "pruning kappa.json",
      "slopes table.json measured.json",
      "widths measured.json",
    ] {
      let run = try Tool.succeed(words("plot \(arguments) --output picture.svg"), in: scratch)
      #expect(run.errors.isEmpty, "\(run.errors)")
      #expect(try scratch.text("picture.svg").hasPrefix("<?xml"), "\(arguments)")
    }
    try expectFailure(
      ExitCode.badData, ["table.json", "renorm resnet simulate"], words("plot densities table.json"),
      outputs: ["--output", "out/p.svg"], in: scratch)
    try expectFailure(
      ExitCode.usage, ["prune.json", "kappa.json", "no one picture"],
      words("plot pruning prune.json kappa.json"),
      outputs: ["--output", "out/p.svg"], in: scratch)
  }

  @Test func mixturePosterior() throws {
    try scratch.file("d.csv", "-1,0.9\n-0.3,0.1\n0.4,-0.4\n1,0.8\n")
    try scratch.file("t.csv", "0.7\n0.1\n")
    try scratch.file("targets.csv", "0.7,5\n0.1,6\n")
    let arguments = words(
      "mogp posterior --law beta --train d.csv --noise 0.25 --sv 1.41421356 --atoms 8 --chains 2 --burn 5 "
        + "--keep 10"
    )
    // Twenty draws are too few to converge: the report is written all the same.
    func report(_ arguments: [String]) throws -> JSON {
      let run = try Tool.run(arguments + ["--report", "-"], in: scratch)
      #expect(run.exitCode == ExitCode.numerical && run.errors.contains("did not converge"), "\(run)")
      return try JSON(run.output)
    }
    let first = try report(arguments + ["--test", "t.csv", "--check-is", "--check-draws", "500"])
    #expect(first["mean"].elements.count == 2 && first["variance"].elements.count == 2)
    #expect(first["standardErrors"].elements.count == 2 && first["rHat"].isNumber)
    // Eight atoms leave a part out.
    #expect(first["residualShare"].number > 0.02)
    #expect(
      try Tool.run(arguments + ["--test", "t.csv"], in: scratch).errors.contains(
        "percent of the mean weight is in atoms that are not sampled"))
    #expect(first["effectiveSampleSize"].isNumber && first["check"]["isCheck"].isBool)
    // A target in the last column changes nothing, and a checkpoint neither.
    let other = try report(arguments + ["--test", "targets.csv", "--checkpoint", "state.npz"])
    #expect(other["mean"] == first["mean"])
    #expect(try report(arguments + ["--test", "targets.csv", "--checkpoint", "state.npz"]) == other)
    let outputs = ["--report", "out/report.json"]
    try expectFailure(
      ExitCode.badData, ["state.npz", "seed is 1 there and 2 here"],
      arguments + ["--test", "t.csv", "--checkpoint", "state.npz", "--seed", "2"], outputs: outputs, in: scratch
    )
    try scratch.file("wide.csv", "0.7,5,6\n")
    try expectFailure(
      ExitCode.badData, ["wide.csv", "3 columns"], arguments + ["--test", "wide.csv"], outputs: outputs,
      in: scratch)
    try expectFailure(
      ExitCode.missingInput, ["none.csv"], arguments + ["--test", "none.csv"], outputs: outputs, in: scratch)
  }

  @Test(arguments: [
    ("sample --law cauchy", "horseshoe"), ("sample --law gbfry --alpha 1", "alpha is 1"),
    ("sample --law gbfry --alpha nan", "alpha is nan"), ("sample --law gbfry --tau 0.5", "tau is 0.5"),
    ("sample --law horseshoe --tau 2", "no parameters"), ("sample --law beta --sv 0", "sv is 0"),
    ("sample --law beta --sb -1", "sb is -1"), ("sample --law beta --finite 0", "p is 0"),
    ("sample --law beta --draws 1", "draws is 1"), ("sample --law beta --layers 0", "layers is 0"),
    ("tails --law beta --t 0", "t is 0"), ("prune --law beta --eps 0", "eps is 0"),
    ("prune --law beta --kappa 1", "kappa is 1"), ("prune --law beta", "--eps or --kappa"),
  ])
  func mixtureFailures(arguments: String, fragment: String) throws {
    try expectUsage("mogp " + arguments, [fragment])
  }

  /// Numbers that are not finite are no results, with a report or without.
  @Test(arguments: [[], ["--report", "-"]]) func infiniteResults(output: [String]) throws {
    let run = try Tool.run(
      words("mogp prune --law pareto-stable --alpha 0.001 --kappa 0.1,0.99 --draws 100") + output, in: scratch)
    #expect(run.exitCode == ExitCode.numerical && run.output.isEmpty, "\(run)")
    #expect(run.errors.contains("not a finite number"), "\(run.errors)")
  }

  @Test(arguments: [
    "mogp", "mogp laws", "mogp triplet", "mogp sample", "mogp posterior", "mogp tails", "mogp prune",
    "resnet", "resnet predict", "resnet simulate", "resnet layers", "width", "width predict", "width table",
    "width measure", "width gap",
  ])
  func help(command: String)
    throws
  {
    let help = try Tool.succeed(words(command) + ["--help"], in: scratch).output
    #expect(help.contains("renorm \(command)") && help.contains("Example"))
    let lines = help.split(separator: "\n").filter { !$0.hasPrefix("USAGE") }
    #expect(lines.allSatisfy { $0.count <= 80 })
  }
}
