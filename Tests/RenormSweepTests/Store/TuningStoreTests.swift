import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import Renorm
@testable import RenormFiles
@testable import RenormSweep

/// What a store of a tuning keeps, and what it refuses.
@Suite struct TuningStoreTests {
  private let scratch: Scratch
  private let data: Dataset

  init() throws {
    scratch = try Scratch()
    data = Dataset(
      shape: ImageShape(channels: 1, height: 1, width: 3),
      inputs: Matrix(rows: 3, columns: 12) { i, mu in sin(Double(3 * mu + i * i)) },
      targets: Matrix(rows: 12, columns: 1) { mu, _ in cos(Double(7 * mu)) })
  }

  private func tuning(_ high: Double = 10, seed: UInt32 = 0) throws -> Tuning {
    try Tuning(
      Network(architecture: FullyConnected(), width: .finite(10), temperature: 0.1),
      [TunedParameter(.temperature, from: 1e-3, to: high)],
      options: TuningOptions(seed: seed, fit: FitOptions(threads: 1)))
  }

  private func source(_ crc: String) -> DataSource {
    DataSource(role: .train, path: "a.csv", format: "CSV", crc32: crc, byteCount: 3, exampleCount: 12)
  }

  private func open(_ tuning: Tuning, crc: String = "00000001") throws -> TuningStore {
    try TuningStore(scratch.path("store"), tuning, sources: [source(crc)])
  }

  private func refusal(_ body: () throws -> TuningStore) -> String {
    do {
      try body().close()
      return ""
    } catch {
      return "\(error)"
    }
  }

  /// What is read is what was written, bit for bit, and a run that goes on is the undisturbed one.
  @Test func goesOn() throws {
    let tuning = try tuning()
    let whole = try tuning.run(on: data)
    let store = try open(tuning)
    #expect(store.evaluations.isEmpty)
    for evaluation in whole.evaluations.prefix(3) { try store.write(evaluation) }
    #expect(store.count == 3)
    store.close()
    let again = try open(tuning)
    #expect(again.evaluations == Array(whole.evaluations.prefix(3)))
    #expect(try tuning.run(on: data, known: again.evaluations).evaluations == whole.evaluations)
    again.close()
  }

  /// A file that is cut short or changed, and all after it, are made again.
  @Test func damagedEvaluationsDoNotCount() throws {
    let tuning = try tuning()
    let whole = try tuning.run(on: data)
    let store = try open(tuning)
    for evaluation in whole.evaluations.prefix(4) { try store.write(evaluation) }
    store.close()
    let text = try scratch.text("store/evaluations/000002.json")
    try scratch.file("store/evaluations/000002.json", text.replacing("\"index\":2", with: "\"index\":9"))
    let again = try open(tuning)
    #expect(again.evaluations.count == 2)
    again.close()
    try scratch.file("store/evaluations/000001.json", String(text.prefix(20)))
    let third = try open(tuning)
    #expect(third.evaluations.count == 1)
    third.close()
  }

  @Test func refusesOtherTunings() throws {
    let tuning = try tuning()
    try open(tuning).close()
    #expect(
      refusal { try open(self.tuning(5)) }.contains("tuned parameters was temperature=0.001:10.0 and is now"))
    #expect(refusal { try open(self.tuning(seed: 4)) }.contains("seed was 0 and is now 4"))
    #expect(refusal { try open(tuning, crc: "00000002") }.contains("the data files have changed"))
    let held = try open(tuning)
    #expect(refusal { try open(tuning) }.contains("a process works at it"))
    held.close()
    #expect(refusal { try open(tuning) } == "")
    try scratch.file("store/tune.json", "{}")
    #expect(refusal { try open(tuning) }.contains("tune.json"))
  }
}
