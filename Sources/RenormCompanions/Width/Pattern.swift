public import Renorm

/// A correlation function of derivative tensors of a network at initialisation, such as
/// `f_ab(1) f_a(2) f_b(3) f(4)`.
///
/// `f_ab(1)` is the tensor d^2 f/d theta_a d theta_b on input 1. Every letter stands for a parameter index that
/// is contracted with the other place where it occurs. Brackets `[...][...]` make the joint cumulant of the
/// products inside of them.
public struct Pattern: Equatable, Sendable {
  /// One derivative tensor.
  package struct Tensor: Equatable, Sendable {
    /// The letters of its parameter indices.
    package let indices: [Character]
    /// The name of its input; empty where none is given.
    package let input: String
  }

  /// The tensors in their order.
  package let tensors: [Tensor]
  /// The group of every tensor, counted from 0; nil for a plain average.
  package let groups: [Int]?

  /// The number of tensors m, bare f's included.
  public var count: Int { tensors.count }
  /// Whether an index is contracted with another of the same tensor, which the published rule does not cover.
  package var hasSelfContraction: Bool { tensors.contains { Set($0.indices).count < $0.indices.count } }

  /// Reads a pattern.
  ///
  /// - Throws: `RenormError.invalidParameter` for text of another form, and for an index that does not occur
  ///   twice.
  public init(_ text: String) throws(RenormError) {
    var parser = PatternParser(text)
    (tensors, groups) = try parser.parse()
    var occurrences: [Character: Int] = [:]
    for index in tensors.flatMap(\.indices) { occurrences[index, default: 0] += 1 }
    if let (index, count) = occurrences.filter({ $0.value != 2 }).min(by: { $0.key < $1.key }) {
      throw .invalidParameter(
        name: "pattern",
        value: "'\(text)', where the index '\(index)' occurs \(count == 1 ? "once" : "\(count) times")",
        accepted: "every index exactly twice")
    }
  }

  /// The components of the cluster graph, whose edges are shared indices: positions of tensors, in order.
  package var components: [[Int]] {
    var representative = Array(tensors.indices)
    func root(_ k: Int) -> Int {
      var k = k
      while representative[k] != k { k = representative[k] }
      return k
    }
    var first: [Character: Int] = [:]
    for (position, tensor) in tensors.enumerated() {
      for index in tensor.indices {
        if let other = first[index] {
          let (a, b) = (root(other), root(position))
          representative[max(a, b)] = min(a, b)
        } else {
          first[index] = position
        }
      }
    }
    return Dictionary(grouping: tensors.indices, by: root).sorted { $0.key < $1.key }.map(\.value)
  }
}

/// `f`, `_indices`, `(input)`, brackets and spaces.
private struct PatternParser {
  private let text: String
  private var rest: Substring

  init(_ text: String) {
    self.text = text
    rest = text[...]
  }

  mutating func parse() throws(RenormError) -> ([Pattern.Tensor], [Int]?) {
    var tensors: [Pattern.Tensor] = []
    var groups: [Int] = []
    var (group, isOpen) = (-1, false)
    while true {
      rest = rest.drop { $0.isWhitespace || $0 == "*" }
      guard let next = rest.first else { break }
      switch next {
      case "[":
        guard !isOpen else { throw failure("a bracket inside of a bracket") }
        guard groups.count == tensors.count else { throw failure("a tensor outside of the brackets") }
        isOpen = true
        group += 1
        rest = rest.dropFirst()
      case "]":
        guard isOpen else { throw failure("a ']' without '['") }
        guard groups.last == group else { throw failure("brackets with nothing inside") }
        isOpen = false
        rest = rest.dropFirst()
      case "f":
        tensors.append(try tensor())
        if isOpen { groups.append(group) }
      default: throw failure("an unexpected '\(next)'")
      }
    }
    guard !isOpen else { throw failure("a '[' without ']'") }
    guard !tensors.isEmpty else { throw failure("no tensor") }
    guard groups.isEmpty || groups.count == tensors.count else {
      throw failure("a tensor outside of the brackets")
    }
    return (tensors, groups.isEmpty ? nil : groups)
  }

  private mutating func tensor() throws(RenormError) -> Pattern.Tensor {
    rest = rest.dropFirst()
    var indices: [Character] = []
    if rest.first == "_" {
      rest = rest.dropFirst()
      let isBraced = rest.first == "{"
      if isBraced { rest = rest.dropFirst() }
      indices = Array(rest.prefix { $0.isLetter })
      rest = rest.dropFirst(indices.count)
      guard !indices.isEmpty else { throw failure("a '_' without indices") }
      if isBraced {
        guard rest.first == "}" else { throw failure("a '{' without '}'") }
        rest = rest.dropFirst()
      }
    }
    guard rest.first == "(" else { return Pattern.Tensor(indices: indices, input: "") }
    let input = rest.dropFirst().prefix { $0 != ")" }
    rest = rest.dropFirst(input.count + 1)
    guard rest.first == ")" else { throw failure("a '(' without ')'") }
    rest = rest.dropFirst()
    return Pattern.Tensor(indices: indices, input: input.trimmed)
  }

  private func failure(_ reason: String) -> RenormError {
    .invalidParameter(
      name: "pattern", value: "'\(text)', which has \(reason)",
      accepted:
        "tensors such as f_ab(1) f_a(2) f_b(3) f(4), for a joint cumulant in brackets [f(1) f(2)][f(3) f(4)]")
  }
}

extension Substring {
  fileprivate var trimmed: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
