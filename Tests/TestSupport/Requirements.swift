import Foundation
import Testing

/// What a test may need besides the package. A test or suite with such a trait is skipped, with the reason in
/// the log, where it is missing; it never passes without having looked.
extension Trait where Self == ConditionTrait {
  /// Needs minutes: on where RENORM_SLOW_TESTS is set.
  package static func slow(_ reason: String) -> Self {
    .enabled(if: Machine.variable("RENORM_SLOW_TESTS") != nil, "\(reason); set RENORM_SLOW_TESTS=1 to run it")
  }

  /// Needs the files of MNIST and CIFAR-10, which are not part of the project.
  package static var needsData: Self {
    .enabled(
      if: Machine.dataFolder != nil, "RENORM_DATA does not name a folder with the MNIST and CIFAR-10 files")
  }

  /// Needs python3, without any package.
  package static var needsPython: Self { .enabled(if: Python.isInstalled, "python3 is not installed") }

  /// Needs python3 with NumPy.
  package static var needsNumPy: Self {
    .enabled(if: Python.isAvailable, "python3 with numpy is not installed")
  }

  /// Needs python3 with SciPy.
  package static var needsSciPy: Self {
    .enabled(if: Python.hasSciPy, "python3 with scipy is not installed")
  }

  /// Needs gnuplot.
  package static var needsGnuplot: Self { .enabled(if: Machine.hasGnuplot, "gnuplot is not installed") }

  /// Needs a user whom permissions of files bind.
  package static var needsOrdinaryUser: Self {
    .enabled(if: getuid() != 0, "the superuser may write everywhere")
  }
}

/// The machine that runs the tests.
package enum Machine {
  /// A variable of the environment; nil where it is empty too.
  package static func variable(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The folder of the MNIST and CIFAR-10 files.
  package static var dataFolder: String? { variable("RENORM_DATA") }

  static let hasGnuplot: Bool = {
    let folders = (variable("PATH") ?? "").split(separator: ":")
    return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/gnuplot") }
  }()
}
