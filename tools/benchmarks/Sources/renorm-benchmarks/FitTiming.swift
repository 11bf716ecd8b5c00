import Renorm
import RenormFiles

/// A whole fit with its phases.
struct FitTiming: Codable {
  /// Local kernels and their bank, or the kernel and its reduction.
  var kernels = 0.0
  /// The order parameter.
  var solve = 0.0
  /// The factor for predictions.
  var factor = 0.0
  var evaluations = 0
  var curvatureEvaluations = 0
  var gradientNorm = 0.0
  var converged = false
  var plan: String?

  var total: Double { kernels + solve + factor }
  var count: Int { evaluations + curvatureEvaluations }
}

extension Problem {
  func fit(_ data: Dataset, threads: Int, memoryLimit: Int? = nil) throws -> (
    posterior: Posterior, timing: FitTiming
  ) {
    let network = try network()
    let clock = ContinuousClock()
    var marks = [clock.now]
    var plan: MemoryPlan?
    let posterior = try network.fit(data, options: FitOptions(threads: threads, memoryLimit: memoryLimit)) {
      event in
      switch event {
      case .solving, .factoring: marks.append(clock.now)
      case .computingKernels(let chosen): plan = chosen
      default: break
      }
    }
    marks.append(clock.now)
    guard marks.count == 4 else {
      throw BenchmarkError("a fit reported \(marks.count - 2) phases instead of 2")
    }
    let convergence = posterior.solution.convergence
    let timing = FitTiming(
      kernels: (marks[1] - marks[0]).seconds, solve: (marks[2] - marks[1]).seconds,
      factor: (marks[3] - marks[2]).seconds, evaluations: convergence.evaluations,
      curvatureEvaluations: convergence.curvatureEvaluations, gradientNorm: convergence.gradientNorm,
      converged: convergence.converged, plan: plan?.storage.rawValue)
    return (posterior, timing)
  }
}
