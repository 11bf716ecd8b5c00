import LinearAlgebra

/// The ends of a solver's domain, each a change of a problem.
enum Extreme: CaseIterable {
  case none, cold, hot, noSignal, largeTargets, oneUnit, broadPrior, narrowPrior, duplicates, oneExample

  func applied(to problem: RandomProblem) -> RandomProblem {
    var p = problem
    switch self {
    case .none: break
    case .cold: p.naive.temperature = 1e-6
    case .hot: p.naive.temperature = 1e3
    case .noSignal: p.targets = 0 * p.targets
    case .largeTargets: p.targets = 30 * p.targets
    case .oneUnit: p.width = 1
    case .broadPrior: p.naive.lambda1 = 1e-3
    case .narrowPrior: p.naive.lambda1 = 1e3
    case .duplicates:
      // Every example twice, with different targets.
      let count = 2 * problem.inputs.columns
      p.inputs = problem.inputs.selectingColumns((0..<count).map { $0 / 2 })
      p.targets = Matrix(rows: count, columns: problem.targets.columns) { i, d in
        problem.targets[i / 2, d] + (i % 2 == 0 ? 0.1 : 0)
      }
    case .oneExample:
      p.inputs = problem.inputs.selectingColumns(0..<1)
      p.targets = problem.targets.selectingRows(0..<1)
    }
    return p
  }
}
