import LinearAlgebra
import Testing

@testable import RenormFiles

/// Files of version 0.1.0 are read, and written again byte by byte but for a key that came later, which is
/// null.
@Suite struct RecordFixtureTests {
  private func expectSame<Record: Codable>(_ record: Record, _ name: String) throws -> Record {
    let text = try RecordEncoder.json(record).replacing(/\n *"nextOrder" : null,/, with: "")
    #expect(try RecordFixture.text(name) == text, "\(name)")
    return record
  }

  @Test(arguments: ["fit-fc", "fit-cnn-relu", "fit-outputs", "fit-named", "predict-plain"])
  func fits(name: String) throws {
    _ = try expectSame(FitRecord(path: RecordFixture.path(name + ".json")), name + ".json")
  }

  @Test(arguments: ["sample-cnn", "sample-relu"])
  func samples(name: String) throws {
    _ = try expectSame(SampleRecord(path: RecordFixture.path(name + ".json")), name + ".json")
  }

  /// A few numbers by eye.
  @Test func meaning() throws {
    let fit = try expectSame(FitRecord(path: RecordFixture.path("fit-outputs.json")), "fit-outputs.json")
    #expect(fit.network.outputs == 2 && fit.network.width == 8 && fit.solution.orderParameter.rows == 2)
    #expect(fit.data?.targetScaling?.shifts.count == 2 && fit.test?.accuracy == nil && fit.test?.count == 5)
    let plain = try expectSame(FitRecord(path: RecordFixture.path("predict-plain.json")), "predict-plain.json")
    #expect(plain.test?.bias == nil && plain.test?.variance ?? 0 > 0 && plain.memory.plan == nil)
    let sample = try expectSame(SampleRecord(path: RecordFixture.path("sample-cnn.json")), "sample-cnn.json")
    #expect(sample.sampled.orderParameter.count == 4 && sample.sampler.name == "collapsed")
    #expect(sample.sampler.perChain.count == 2 && sample.sampled.diagnostics["similarity"] != nil)
    let compare = try expectSame(CompareRecord(path: RecordFixture.path("compare-fc.json")), "compare-fc.json")
    #expect(compare.comparison.map(\.name).contains("bias") && compare.verdict.agrees == nil)
    #expect(compare.theory.orderParameter.matrix.rows == 1 && compare.predictions?.count == 4)
  }

  @Test(arguments: [
    "fit-one", "fit-outputs", "fit-named", "fit-pair", "predict-plain", "compare-fc", "sample-fc",
  ])
  func predictions(name: String) throws {
    let table = try PredictionTable(path: RecordFixture.path(name + ".csv"))
    #expect(try RecordFixture.text(name + ".csv") == table.csv)
  }

  @Test func meaningOfPredictions() throws {
    func table(_ name: String) throws -> PredictionTable { try PredictionTable(path: RecordFixture.path(name)) }
    let named = try table("fit-named.csv")
    let names = try #require(named.classes).classes
    #expect(named.outputs == 3 && named.targets == .labels(names))
    #expect(names[1] == .name("birch, white"))
    let pair = try table("fit-pair.csv")
    #expect(
      pair.targets == .values([[1], [-1], [1], [-1], [1]]) && pair.classes?.classes.first == .name("yes"))
    let plain = try table("predict-plain.csv")
    #expect(plain.targets == .labels([nil, nil, nil, nil]) && plain.classes?.predicted.contains(nil) == false)
    #expect(
      try table("compare-fc.csv").further.map(\.name) == ["sampledMean", "sampledVariance", "meanError", "z"])
  }

  @Test func draws() throws {
    let scratch = try Scratch()
    let draws = try DrawsRecord(path: RecordFixture.path("sample-relu.npz"))
    #expect(draws.chains == 2 && draws.samples == 12 && draws.orderParameter.shape == [1, 1])
    #expect(draws.mean?.shape == [4] && draws.variance == nil)
    try draws.write(to: scratch.path("again.npz"))
    let again = try scratch.bytes("again.npz")
    #expect(try RecordFixture.bytes("sample-relu.npz") == again)
    #expect(throws: DataError.self) { try DrawsRecord(path: RecordFixture.path("similarity-cnn.npz")) }
  }

  /// Of the metadata the order of keys was left to chance.
  @Test func similarity() throws {
    let scratch = try Scratch()
    let record = try SimilarityRecord(path: RecordFixture.path("similarity-cnn.npz"))
    #expect(record.pairs.count == 10 && record.targets.rows == 4 && record.metadata.width == 6)
    try record.write(to: scratch.path("again.npz"))
    let (old, new) = (
      try NPZArchive.read(RecordFixture.path("similarity-cnn.npz")),
      try NPZArchive.read(scratch.path("again.npz"))
    )
    #expect(old.names == new.names)
    for name in old.names where name != "metadata" {
      let (a, b) = (try old.array(name), try new.array(name))
      #expect(a.shape == b.shape && a.values() == b.values(), "\(name)")
    }
    let again = try SimilarityRecord(path: scratch.path("again.npz"))
    #expect(again.metadata == record.metadata)
    let (lower, upper) = (try #require(record.pair(2, 1)), try #require(record.pair(1, 2)))
    #expect(upper.after == lower.after.transposed && lower.after != upper.after)
    #expect(record.pair(4, 0) == nil)
    #expect(try SimilarityRecord.isOne(path: RecordFixture.path("similarity-cnn.npz")))
    #expect(try !SimilarityRecord.isOne(path: RecordFixture.path("sample-relu.npz")))
  }
}
