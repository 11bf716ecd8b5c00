internal import Foundation

/// log x.
func logarithm(_ x: Double) -> Double { log(x) }

/// e^x.
func exponential(_ x: Double) -> Double { exp(x) }
