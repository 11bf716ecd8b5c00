import RenormFiles
import Testing

@testable import RenormPlot

/// What pictures of predictions take from the report of the fit.
@Suite struct FitReportTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func report(_ data: String, outputs: Int = 1, temperature: String = "0.25") throws -> FitReport {
    try FitReport(
      path: scratch.file(
        "fit.json",
        "{\"architecture\": \"fc\", \"temperature\": \(temperature), \"outputs\": \(outputs), \"data\": \(data)}"
      ))
  }

  private func predictions(_ text: String, _ report: FitReport, classes: [ClassLabel]? = nil) throws
    -> PredictionsFile
  {
    try PredictionsFile(path: scratch.file("p.csv", text), classes: classes, report: report)
  }

  /// A network that learnt y/s with noise T has noise s^2 T in the units of y.
  @Test func noiseInTheUnitsOfTheTargets() throws {
    #expect(try report("null").noise == 0.25)
    #expect(
      try report("{\"classes\": null, \"targetScaling\": {\"shifts\": [150], \"scale\": 20}}").noise == 100)
  }

  @Test func classesInTheirOrder() throws {
    let three = try report("{\"classes\": [\"b\", \"c\", \"a\"]}", outputs: 3)
    let text = "index,target,mean_0,mean_1,mean_2,variance_0,variance_1,variance_2\n0,a,0,0,1,1,1,1\n"
    let file = try predictions(text, three)
    #expect(file.content == .classes(["b", "c", "a"]) && file.warnings.isEmpty && file.isRight(0))
    let pair = try report("{\"classes\": [9, 4]}")
    let two = "index,target,mean,variance\n0,1,0.5,1\n1,-1,-2,1\n"
    #expect(try predictions(two, pair).content == .twoClasses([9, 4]))
    let script = Script(CalibrationPlot(try predictions(two, pair), noise: 1).figure)
    #expect(script.label("ylabel") == "share of class 4")
  }

  /// Of classes with names the file tells which is predicted, and so the order of the outputs.
  @Test func orderOfNames() throws {
    let text = """
      index,target,mean_0,mean_1,mean_2,variance_0,variance_1,variance_2,class,predictedClass
      0,a,0,0,1,1,1,1,a,a
      1,b,0.5,0,0.25,1,1,1,b,b

      """
    #expect(try predictions(text, report("null", outputs: 3), classes: ["b", "c", "a"]).isRight(1))
    for classes: [ClassLabel] in [["a", "b", "c"], ["c", "b", "a"]] {
      #expect(throws: PlotError.self) { try predictions(text, report("null", outputs: 3), classes: classes) }
    }
  }

  /// Targets that happen to be -1 and 1 are numbers where the report says so.
  @Test func numbersOfPlusAndMinusOne() throws {
    let text = "index,target,mean,variance\n0,1,0.5,1\n1,-1,-2,1\n"
    #expect(try predictions(text, report("{\"classes\": null}")).content == .regression)
    #expect(try predictions(text, report("null")).content == .twoClasses(nil))
  }

  /// Reports of other networks, and classes that are not those of the file, are refused.
  @Test func contradictions() throws {
    let text = "index,target,mean,variance,class,predictedClass\n0,1,0.5,1,cat,cat\n1,-1,-2,1,dog,dog\n"
    #expect(try predictions(text, report("null")).content == .twoClasses(["dog", "cat"]))
    #expect(throws: PlotError.self) { try predictions(text, report("{\"classes\": [\"cat\", \"dog\"]}")) }
    #expect(throws: PlotError.self) { try predictions(text, report("null"), classes: ["cat"]) }
    #expect(throws: PlotError.self) { try predictions(text, report("null", outputs: 3)) }
    let numbers = "index,target,mean,variance\n0,1.5,0.5,1\n"
    #expect(throws: PlotError.self) { try predictions(numbers, report("{\"classes\": [1, 2]}")) }
    for temperature in ["-1", "null"] {
      #expect(throws: PlotError.self, "\(temperature)") { try report("null", temperature: temperature) }
    }
    for temperature in ["\"x\"", "1e999"] {
      #expect(throws: DataError.self, "\(temperature)") { try report("null", temperature: temperature) }
    }
    #expect(throws: DataError.self) { try FitReport(path: scratch.path("none.json")) }
  }
}
