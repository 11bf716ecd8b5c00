@preconcurrency internal import CNumerics

/// Process-wide set-up of the GNU Scientific Library.
enum GSL {
  /// Evaluated once: GSL's default error handler aborts the process.
  static let disableAbortOnError: Void = { _ = gsl_set_error_handler_off() }()
}
