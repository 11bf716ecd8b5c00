import RenormPlot

extension PlotError {
  /// The description with the options of the command line.
  var message: String {
    switch self {
    case .adjustable(let reason, let parameters):
      "\(reason); set \(parameters.map(\.flag).joined(separator: " or "))"
    case .wrongFilter: "--\(self)"
    case .gnuplotMissing: "\(self), or write the script alone with --script"
    default: description
    }
  }
}

extension PlotParameter {
  /// The option that sets the parameter.
  fileprivate var flag: String {
    switch self {
    case .filters: "--filter PARAMETER=VALUE"
    case .bestOver: "--best-over PARAMETER"
    case .classes: "--classes LABEL,LABEL,..."
    case .report: "--report FILE"
    }
  }
}
