import Renorm
import Testing

@testable import RenormFiles

/// What is said of reports that cannot be read, and what may be missing.
@Suite struct RecordReaderTests {
  private func read<Record: Decodable>(_ type: Record.Type, _ text: String) throws(DataError) -> Record {
    try RecordReader.read(type, bytes: Array(text.utf8), path: "r.json", accepted: "a report (JSON) of a fit")
  }

  private func message<Record: Decodable>(_ type: Record.Type, _ text: String) -> String {
    do {
      return "read: \(try read(type, text))"
    } catch {
      return "\(error)"
    }
  }

  private func fixture(_ changes: [(String, String)]) throws -> String {
    var text = try RecordFixture.text("fit-fc.json")
    for (old, new) in changes {
      #expect(text.contains(old))
      text = text.replacing(old, with: new)
    }
    return text
  }

  @Test func newerVersion() throws {
    let expected =
      "r.json: key 'reportVersion': is 2, accepted are versions up to 1; a newer renorm has written it"
    #expect(
      message(FitRecord.self, try fixture([("\"reportVersion\" : 1", "\"reportVersion\" : 2")])) == expected)
    // Also where nothing else is understood.
    #expect(message(FitRecord.self, "{\"reportVersion\": 2}") == expected)
  }

  @Test(arguments: [
    ("{}", "r.json: key 'architecture': is missing"),
    ("{\"architecture\": 3}", "r.json: key 'architecture': is not text"),
    ("{\"architecture\": \"fc\", \"width\": \"wide\"}", "r.json: key 'width': is not a whole number"),
    ("{\"architecture\": \"fc\", \"grid\": [1, true]}", "r.json: key 'grid[1]': is not a whole number"),
    ("{\"architecture\": \"fc\", \"mask\": 7}", "r.json: key 'mask': is not a list"),
    ("{\"architecture\": \"fc\", \"alpha\": \"x\"}", "r.json: key 'alpha': is not a number"),
    ("{\"architecture\": \"fc\", \"infiniteWidth\": 1}", "r.json: key 'infiniteWidth': is not true or false"),
    ("{\"architecture\": ", "r.json: is not JSON"), ("[1]", "r.json: is not an object"),
    ("", "r.json: is not JSON"),
  ])
  func places(text: String, expected: String) {
    #expect(message(NetworkRecord.self, text) == expected + "; accepted is a report (JSON) of a fit")
  }

  @Test func nestedPlaces() throws {
    let lost = message(
      FitRecord.self, try fixture([("\"bias\"", "\"bios\""), ("\"count\" :", "\"number\" :")]))
    #expect(lost == "r.json: key 'test.count': is missing; accepted is a report (JSON) of a fit")
    let odd = message(FitRecord.self, try fixture([("\"minimum\"", "\"maximum\"")]))
    #expect(odd.hasPrefix("r.json: key 'formulation': ") && odd.contains("maximum"))
    let ragged = message(OrderParameterRecord.self, "{\"orderParameter\": [[1, 2], [3]]}")
    #expect(ragged.hasPrefix("r.json: key 'orderParameter': its rows have unequal lengths; accepted"))
  }

  /// Keys that reports of earlier versions did not have.
  @Test func earlierReports() throws {
    let whole = try read(FitRecord.self, try fixture([]))
    var text = try fixture([])
    for key in ["orderParameterError", "gradientRounding", "tolerance", "targetHeading"] {
      text = text.split(separator: "\n").filter { !$0.contains("\"\(key)\"") }.joined(separator: "\n")
    }
    let early = try read(FitRecord.self, text)
    #expect(early.solution.convergence.orderParameterError == nil && early.solution.gradientRounding == nil)
    #expect(early.solution.tolerance == nil && early.data?.targetHeading == nil)
    #expect(early.solution.orderParameter == whole.solution.orderParameter && early.test == whole.test)
    #expect(whole.solution.tolerance == 1e-8 && whole.data?.targetHeading == "label")
  }

  /// Another program's report needs no more than a name.
  @Test func foreignReports() throws {
    let record = try read(NetworkRecord.self, "{\"architecture\": \"cnn\", \"width\": null, \"unknown\": [1]}")
    #expect(record.architecture == "cnn" && record.width == nil && record.temperature == nil)
    let both = try read(
      Both<NetworkRecord, SampledScoresRecord>.self,
      "{\"architecture\": \"cnn\", \"test\": {\"bias\": {\"mean\": 2}, \"accuracy\": null}}")
    #expect(both.second.test?.bias?.mean == 2 && both.second.test?.bias?.standardError == nil)
    #expect(both.second.test?.accuracy == nil && both.second.test?.count == nil)
  }

  /// Parameters that came later than the first reports: written where they differ from their default, which
  /// they have where a report of this program is silent.
  @Test func laterParameters() throws {
    let text = "{\"architecture\": \"fc\", \"reportVersion\": 1"
    let silent = try read(NetworkRecord.self, text + "}")
    #expect(silent.parameters == [:] && silent.value(.nodePrior) == .name("none"))
    #expect(try read(NetworkRecord.self, "{\"architecture\": \"fc\"}").value(.nodePrior) == nil)
    let told = try read(NetworkRecord.self, text + ", \"nodePrior\": \"gamma\", \"nodeParameter\": 2.5}")
    #expect(told.value(.nodePrior) == .name("gamma") && told.parameters.parameters.count == 2)
    let again = try read(NetworkRecord.self, RecordEncoder.json(told))
    #expect(again == told)
    #expect(
      message(NetworkRecord.self, text + ", \"nodePrior\": 3}").hasPrefix(
        "r.json: key 'nodePrior': is not text"))
  }
}
