internal import Foundation

/// log x.
func logarithm(_ x: Double) -> Double { log(x) }
