internal import Foundation
public import LinearAlgebra
public import Renorm

/// Kernels that another program wrote as an NPZ archive, with the targets to be learnt.
///
/// | array | shape | content |
/// |---|---|---|
/// | `kernels` | n x n x P x P, or n x P x P | K_ij(mu, nu), or K_ii alone where other kernels vanish |
/// | `y` | P, or P x D | targets; for a likelihood of classes P integers, the labels |
/// | `cross` | n x n x P* x P, or n x P* x P | K_ij(x, mu) of held-out points; none without |
/// | `diagonal` | n x n x P*, or n x P* | K_ij(x, x) |
/// | `y_test` | P*, or P* x D | their targets, where they are known |
/// | `means`, `means_test` | n x P, n x P* | m_i of features with means (activations that are not odd) |
///
/// Other arrays are ignored. docs/theory.md, section 10.
public struct BankFile: Sendable {
  /// The kernels.
  public let kernels: SuppliedKernels
  /// y, P x D.
  public let targets: Matrix
  /// Targets of held-out points, P* x D.
  public let heldOutTargets: Matrix?

  private let path: String

  /// The training examples.
  public var training: Dataset { get throws(RenormError) { try kernels.training(targets: targets) } }

  /// The training examples and the targets of held-out points where `y` and `y_test` are labels of classes: one
  /// integer an example. The classes are those of both, in ascending order.
  ///
  /// - Throws: `DataError.malformed` for labels that are no integers, `RenormError.unusableData` for one class.
  public func classified() throws -> (training: Dataset, heldOutTargets: Matrix?) {
    let own = try Self.labels(targets, "y", path)
    let heldOut = try heldOutTargets.map { try Self.labels($0, "y_test", path) }
    let classes = Set(own + (heldOut ?? [])).sorted()
    guard classes.count > 1 else {
      throw RenormError.unusableData("array y has one class alone; a likelihood of classes needs two")
    }
    return (
      try kernels.training(targets: ClassLabels.targets(own, classes: classes), classes: classes),
      heldOut.map { ClassLabels.targets($0, classes: classes) }
    )
  }

  fileprivate static func labels(
    _ values: Matrix, _ name: String, _ path: String
  ) throws(DataError) -> [ClassLabel] {
    guard values.columns == 1 else {
      throw .malformed(
        path: path, place: nil,
        reason: "array \(name) has \(values.columns) columns; labels of classes are one integer an example")
    }
    var labels: [ClassLabel] = []
    for (example, value) in values.elements.enumerated() {
      guard let label = Int(exactly: value) else {
        throw .malformed(
          path: path, place: nil,
          reason: "array \(name) has \(value) at example \(example) (from 0); labels of classes are integers")
      }
      labels.append(.integer(label))
    }
    return labels
  }

  /// Reads and checks an archive.
  ///
  /// - Throws: `DataError` for a file that is no archive or lacks an array, `.malformed` for shapes that do not
  /// fit
  ///   together and `RenormError` as `SuppliedKernels`.
  public init(reading path: String) throws {
    self.path = path
    let archive = try BankArrays(path)
    let kernels = try archive.required("kernels")
    let shape = kernels.shape
    let isCoupled = shape.count == 4
    guard shape.count == 3 || shape.count == 4 && shape[0] == shape[1],
      shape[shape.count - 1] == shape[shape.count - 2], !shape.contains(0)
    else {
      throw DataError.malformed(
        path: path, place: nil,
        reason: "array kernels has shape \(shape); accepted: (n, n, P, P), or (n, P, P) for kernels of i = j "
          + "alone")
    }
    let (n, p) = (shape[0], shape[shape.count - 1])
    // Kernels are held once as read and once in tiles, beside a matrix of the order of all.
    try archive.checkMemory(3)
    targets = try archive.targets("y", count: p)
    let heldOut = try archive.heldOut(indices: n, isCoupled: isCoupled, count: p)
    let y = targets
    heldOutTargets =
      try heldOut.map { (heldOut) throws -> Matrix? in
        guard archive.has("y_test") else { return nil }
        return try archive.targets("y_test", count: heldOut.count, outputs: y.columns)
      } ?? nil
    do {
      self.kernels = try SuppliedKernels(
        indices: n, isCoupled: isCoupled, count: p, heldOut: heldOut?.count ?? 0, kernels: kernels.values(),
        cross: heldOut?.cross ?? [], diagonal: heldOut?.diagonal ?? [],
        means: try archive.optional("means", shape: [n, p]),
        heldOutMeans: heldOut?.means)
    } catch let error as RenormError {
      throw DataError.malformed(path: path, place: nil, reason: "\(error)")
    }
  }
}

/// Kernels of further held-out points for a model of supplied kernels: the arrays `cross`, `diagonal`,
/// `means_test`
/// and, where it is known, `y_test` of `BankFile`.
public struct HeldOutBankFile: Sendable {
  /// The kernels of the model with these points in the place of its own.
  public let kernels: SuppliedKernels
  /// P* x D.
  public let targets: Matrix?

  /// - Parameter classes: of a model of classes, whose labels `y_test` has.
  /// - Throws: as `BankFile`, also where the file has no kernels of held-out points.
  public init(
    reading path: String, of own: SuppliedKernels, outputs: Int, classes: [ClassLabel]? = nil
  ) throws {
    let archive = try BankArrays(path)
    guard
      let heldOut = try archive.heldOut(
        indices: own.indices, isCoupled: own.isCoupled, count: own.count)
    else {
      _ = try archive.required("cross")
      throw DataError.malformed(path: path, place: nil, reason: "it has no kernels of held-out points")
    }
    let given =
      archive.has("y_test")
      ? try archive.targets("y_test", count: heldOut.count, outputs: classes == nil ? outputs : 1) : nil
    targets = try given.map { (given) throws -> Matrix in
      guard let classes else { return given }
      let labels = try BankFile.labels(given, "y_test", path)
      if let unknown = labels.first(where: { !classes.contains($0) }) {
        throw DataError.malformed(
          path: path, place: nil,
          reason: "array y_test has the class \(unknown); the model knows "
            + classes.map { "\($0)" }.joined(separator: ", "))
      }
      return ClassLabels.targets(labels, classes: classes)
    }
    do {
      kernels = try SuppliedKernels(
        indices: own.indices, isCoupled: own.isCoupled, count: own.count, heldOut: heldOut.count,
        kernels: own.kernels, cross: heldOut.cross, diagonal: heldOut.diagonal, means: own.means,
        heldOutMeans: heldOut.means)
    } catch {
      throw DataError.malformed(path: path, place: nil, reason: "\(error)")
    }
  }
}

/// The arrays of a bank, with their shapes checked.
private struct BankArrays {
  let archive: NPZArchive
  let bytes: Int

  init(_ path: String) throws(DataError) {
    archive = try NPZArchive.read(path)
    bytes = ((try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int) ?? 0
  }

  func has(_ name: String) -> Bool { archive.names.contains(name) }

  func required(_ name: String) throws(DataError) -> TypedArray { try archive.array(name) }

  func checkMemory(_ copies: Int) throws(RenormError) {
    let needed = bytes.multipliedReportingOverflow(by: copies)
    let size = needed.overflow ? Int.max : needed.partialValue
    guard let available = MemoryBudget.shortage(of: size) else { return }
    throw .outOfMemory(
      what: "the kernels of \(archive.path)", bytes: size, available: available,
      advice: "take fewer examples or indices")
  }

  private func malformed(_ name: String, _ shape: [Int], _ accepted: String) -> DataError {
    .malformed(
      path: archive.path, place: nil,
      reason: "array \(name) has shape \(shape); with the shape of kernels \(accepted) is accepted")
  }

  func targets(_ name: String, count: Int, outputs: Int? = nil) throws(DataError) -> Matrix {
    let array = try required(name)
    let columns = array.shape.count == 2 ? array.shape[1] : 1
    guard (1...2).contains(array.shape.count), array.shape[0] == count, columns >= 1,
      columns == outputs ?? columns
    else { throw malformed(name, array.shape, "(\(count)) or (\(count), D)") }
    return Matrix(interleaved: array.values(), columns: columns)
  }

  func optional(_ name: String, shape: [Int]) throws(DataError) -> [Double]? {
    guard has(name) else { return nil }
    let array = try required(name)
    guard array.shape == shape else { throw malformed(name, array.shape, "\(shape)") }
    return array.values()
  }

  func heldOut(
    indices n: Int, isCoupled: Bool, count p: Int
  ) throws(DataError) -> (count: Int, cross: [Double], diagonal: [Double], means: [Double]?)? {
    guard has("cross") || has("diagonal") else { return nil }
    let (cross, diagonal) = (try required("cross"), try required("diagonal"))
    let lead = isCoupled ? [n, n] : [n]
    let count = cross.shape.count == lead.count + 2 ? cross.shape[lead.count] : 0
    guard cross.shape == lead + [count, p] else {
      throw malformed("cross", cross.shape, isCoupled ? "(\(n), \(n), P*, \(p))" : "(\(n), P*, \(p))")
    }
    guard diagonal.shape == lead + [count] else {
      throw malformed("diagonal", diagonal.shape, "\(lead + [count])")
    }
    return (count, cross.values(), diagonal.values(), try optional("means_test", shape: [n, count]))
  }
}
