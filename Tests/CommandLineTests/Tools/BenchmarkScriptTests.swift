import Testing

/// The comparisons with Python in tools/benchmarks at their smallest size: they run, and what they compare with
/// NumPy agrees. Times of such sizes mean nothing and are not looked at, except that they are there.
@Suite(.needsData, .needsNumPy) struct BenchmarkScriptTests {
  /// The rows of a comparison by their number.
  private func rows(_ name: String, in scratch: Scratch) throws -> [JSON] {
    let run = try ToolScript.run(
      "benchmarks/compare_\(name).py",
      [
        "--smallest", "--renorm", try Tool.path(), "--threads", "2", "--scratch", "work", "--json", "rows.json",
      ],
      in: scratch)
    #expect(run.exitCode == 0 && !run.wasKilled, "\(run)")
    let rows = try JSON(scratch.text("rows.json"))["rows"].elements
    for row in rows {
      let times = row["times"]["renorm"].elements
      #expect(times.count == 1, "one repetition: \(row)")
      let seconds = row["medians"]["renorm"].number
      #expect(seconds > 0 && seconds.isFinite, "\(row)")
      // Ratios of a contender that was left out are left out too.
      #expect(!row["ratio_sklearn"].isNumber || row["medians"]["sklearn"].isNumber)
    }
    return rows
  }

  @Test func sklearn() throws {
    let rows = try rows("sklearn", in: Scratch())
    try #require(rows.count == 2)
    // At infinite width nothing is iterated: rounding only, at condition numbers of about 1e4.
    for key in ["difference_mean_numpy", "difference_variance_numpy"] { #expect(rows[0][key].number < 1e-10) }
    // The order parameter is found to a gradient norm of 1e-8 at slopes of order 1.
    #expect(rows[1]["difference_numpy"].number < 1e-6)
  }

  @Test func deepbays() throws {
    let rows = try rows("deepbays", in: Scratch())
    try #require(rows.count == 4, "the grid needs a binary of its own")
    // The largest element of dS/dQ, which the solver brings below 1e-8 in coordinates of order 1.
    #expect(rows[0]["gradient_numpy"].number < 1e-6)
    #expect(rows[1]["difference_numpy"].number < 1e-6)
    // Deep networks of the theory `nested`, by differences of the action.
    for row in rows[2...] { #expect(row["gradient_numpy"].number < 1e-6 && row["evaluations"].number <= 8) }
  }

  /// Another program finds the same order parameters: L-BFGS over Cholesky factors, and the saddle of relu by
  /// Anderson's iteration, both from Q = 1.
  @Test(.needsSciPy) func script() throws {
    let rows = try rows("script", in: Scratch())
    try #require(rows.count == 7)
    for row in rows { #expect(row["difference"].number < 1e-6, "\(row)") }
  }

  @Test func deep() throws {
    let rows = try rows("deep", in: Scratch())
    try #require(rows.count == 4)
    for row in rows {
      #expect(row["gradient_numpy"].number < 1e-6)
      #expect(!row["difference"].isNumber || row["difference"].number < 1e-6)
      #expect(row["evaluations"].number <= 8)
    }
  }

  @Test func numpyro() throws {
    let rows = try rows("numpyro", in: Scratch())
    try #require(rows.count == 2)
    for row in rows {
      #expect(row["draws"].number == 40, "2 chains of 20")
      #expect(row["scalars"] == row["expected_scalars"])
      #expect(row["all_finite"] == .bool(true))
      #expect(row["smallest_variance"].number >= 0)
      #expect(row["largest_variance"].number <= 1)
    }
  }

  /// Without --smallest nothing is left out in silence.
  @Test(arguments: [("sklearn", "sklearn"), ("deepbays", "deepbays"), ("numpyro", "jax"), ("script", "scipy")])
  func aMissingPackageIsOneLine(_ name: String, module: String) throws {
    let scratch = try Scratch()
    // A module of this name that cannot be imported stands before an installed one.
    try scratch.folder("modules")
    try scratch.file("modules/\(module).py", "raise ImportError\n")
    let run = try ToolScript.run(
      "benchmarks/compare_\(name).py", ["--renorm", "none", "--scratch", "work"], in: scratch,
      environment: ["PYTHONPATH": scratch.path("modules")])
    #expect(run.exitCode == 1)
    #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    #expect(run.errors.contains("without them only --smallest runs"))
  }
}
