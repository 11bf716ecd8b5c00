/// Which density of a finite network is sampled, and how: every density comes with the method that suits it.
public enum NetworkSampler: Equatable, Sendable {
  /// Hamiltonian Monte Carlo on the hidden weights, the readout integrated out (`CollapsedDensity`).
  case collapsed(HamiltonianOptions = HamiltonianOptions())
  /// Hamiltonian Monte Carlo on all weights (`FullDensity`).
  case full(HamiltonianOptions = HamiltonianOptions())
  /// Discretised Langevin dynamics on all weights as published training runs use it: w <- w + epsilon grad log
  /// p + noise (`LangevinTransition`).
  case langevin(LangevinOptions)

  /// `collapsed`, `full` or `langevin`.
  public var name: String {
    switch self {
    case .collapsed: "collapsed"
    case .full: "full"
    case .langevin: "langevin"
    }
  }

  /// How draws are made.
  public var method: SamplingMethod {
    switch self {
    case .collapsed(let options), .full(let options): .hamiltonian(options)
    case .langevin(let options): .langevin(options)
    }
  }

  /// Whether the readout is integrated out.
  var isCollapsed: Bool { if case .collapsed = self { true } else { false } }
}
