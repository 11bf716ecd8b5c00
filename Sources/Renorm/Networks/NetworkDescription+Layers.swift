/// The parameters of the hidden layers of a network. `width` and `lambda1` are those of all layers; where
/// layers differ, `widths` and `lambdas` stand beside N of the last layer of finite width and lambda_1.
extension NetworkDescription {
  /// L.
  public var depth: Int { self[.depth]?.count ?? self[.widths]?.list?.count ?? 1 }

  /// Brings equivalent descriptions to one form: a list of equal values becomes the one value and the depth.
  package mutating func resolveLayers() {
    resolvePatches()
    if let widths = self[.widths]?.list?.compactMap(\.width), !widths.isEmpty {
      if self[.depth] == nil { self[.depth] = .count(widths.count) }
      let own = widths.last { $0 != .infinite } ?? .infinite
      if self[.width] == nil { width = own }
      if widths.count == depth, width == own, Set(widths).count == 1 { self[.widths] = nil }
    }
    if let lambdas = self[.lambdas]?.list, let first = lambdas.first {
      if self[.lambda1] == nil { self[.lambda1] = first }
      if lambdas.count == depth, self[.lambda1] == first, Set(lambdas).count == 1 { self[.lambdas] = nil }
    }
  }

  /// Patches of two layers of a cnn that are given in one list become those of each.
  private mutating func resolvePatches() {
    guard architecture == "cnn" || self[.architecture] == nil else { return }
    for (first, second) in [(NetworkParameter.mask, NetworkParameter.upperMask), (.stride, .upperStride)] {
      guard let list = self[first]?.list, list.count == 2, self[second] == nil else { continue }
      (self[first], self[second]) = (list[0], list[1])
    }
    if self[.upperMask] != nil, self[.depth] == nil, self[.widths] == nil { self[.depth] = .count(2) }
  }

  /// N_1..N_L and lambda_1..lambda_L.
  ///
  /// - Throws: `RenormError.invalidParameter` for lists whose length is not the depth, for values out of their
  ///   domain, and for a width or lambda1 beside a list that says otherwise.
  func layers() throws(RenormError) -> (widths: [Width], lambdas: [Double]) {
    let depth = try values.required(.depth, by: "a network", default: .count(1)).count ?? 1
    guard depth <= Self.largestDepth else {
      throw .invalidParameter(
        name: NetworkParameter.depth.words, value: "\(depth)", accepted: "1 to \(Self.largestDepth)")
    }
    var widths = [Width](
      repeating: try values.required(.width, by: "a network").width ?? .infinite, count: depth)
    if let list = try list(.widths, depth)?.compactMap(\.width) {
      guard list.last(where: { $0 != .infinite }) ?? .infinite == widths[0] else {
        throw .invalidParameter(
          name: NetworkParameter.width.words, value: "\(widths[0])", accepted: "no width beside `widths`")
      }
      widths = list
    }
    var lambdas = [Double](repeating: lambda1, count: depth)
    if let list = try list(.lambdas, depth)?.compactMap(\.number) {
      guard list.first == lambda1 else {
        throw .invalidParameter(
          name: NetworkParameter.lambda1.key, value: "\(lambda1)", accepted: "no `lambda1` beside `lambdas`")
      }
      lambdas = list
    }
    return (widths, lambdas)
  }

  /// A network of more layers is a slip of the pen: each takes kernels of its own.
  private static let largestDepth = 100

  private func list(_ parameter: NetworkParameter, _ depth: Int) throws(RenormError) -> [ParameterValue]? {
    guard let value = self[parameter] else { return nil }
    guard parameter.domain.contains(value), let list = value.list else {
      throw .invalidParameter(name: parameter.words, value: value.text, accepted: parameter.domain.accepted)
    }
    guard list.count == depth else {
      throw .invalidParameter(
        name: parameter.words, value: value.text, accepted: "\(depth) values, one for each hidden layer")
    }
    return list
  }

  /// How order parameters enter the kernel.
  ///
  /// - Throws: `RenormError.invalidParameter` for an unknown name.
  func deepTheory() throws(RenormError) -> DeepTheory {
    guard let name = self[.deepTheory]?.name else { return .linearPart }
    guard let theory = DeepTheory(rawValue: name) else {
      throw .invalidParameter(
        name: NetworkParameter.deepTheory.words, value: "'\(name)'",
        accepted: NetworkParameter.deepTheory.domain.accepted)
    }
    return theory
  }
}
