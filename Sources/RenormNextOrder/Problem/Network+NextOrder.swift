extension Network {
  /// Refuses what has no next order, before any work.
  ///
  /// - Throws: `RenormError.unsupported` at infinite width, for several outputs, node priors and several hidden
  ///   layers.
  package func checkNextOrder(outputs: Int) throws(RenormError) {
    if width == .infinite {
      throw .unsupported(what: "the next order in 1/N at infinite width", instead: "take a finite width")
    }
    guard outputs == 1 else {
      throw .unsupported(
        what: "the next order in 1/N for \(outputs) outputs", instead: "take one output or two classes")
    }
    guard depth == 1 else {
      throw .unsupported(what: "the next order in 1/N with depth \(depth)", instead: "take depth 1")
    }
    guard nodePrior.law == nil else {
      throw .unsupported(
        what: "the next order in 1/N with the node prior '\(nodePrior.name)'",
        instead: "take the node prior 'none'")
    }
  }
}
