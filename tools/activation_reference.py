#!/usr/bin/env python3
"""Prints Tests/RenormTests/ActivationReference.swift: second moments of erf and relu in many digits.

    python3 tools/activation_reference.py > Tests/RenormTests/ActivationReference.swift

Needs mpmath.
"""

import math
import random

from mpmath import acos, asin, mp, mpf, pi, sqrt

# Digits beyond the exponents' range: 1/2 is not lost beside a product of the largest variances.
mp.dps = 700


def erf(a, c, b):
    x = 2 * c / sqrt((1 + 2 * a) * (1 + 2 * b))
    return 2 / pi * asin(max(-1, min(1, x)))


def relu(a, c, b):
    scale = sqrt(a * b)
    if scale == 0:
        return mpf(0)
    u = max(-1, min(1, c / scale))
    return scale / (2 * pi) * (u * (pi - acos(u)) + sqrt(1 - u * u))


def points():
    tiny = 2.0 ** -52
    pairs = [
        (0.0, 0.0), (0.0, 1.0), (1e-280, 1e-280), (1e-300, 1e300), (1e-12, 1e-12), (1e-6, 40.0),
        (0.3, 0.3), (1.0, 1.0), (2.0, 0.7), (1e4, 1e4), (1e12, 1e12), (1e12, 1e-12), (1e300, 1e300),
        (1.7e308, 1.7e308),
    ]
    correlations = [
        1.0, -1.0, 1 + tiny, 1 - tiny, -1 + tiny, 1 - 1e-9, 0.9999, 0.0, 0.5, math.sqrt(0.5),
        math.sin(math.pi / 8), math.cos(math.pi / 8), -1e-9,
    ]
    for a, b in pairs:
        for r in correlations if a > 0 else [0.0]:
            yield a, r * (a if a == b else math.sqrt(a) * math.sqrt(b)), b
    generator = random.Random(1)
    for _ in range(80):
        a, b = (10 ** generator.uniform(-12, 12) for _ in range(2))
        yield a, math.sqrt(a * b) * math.sin(generator.uniform(-math.pi / 2, math.pi / 2)), b


def parts(value):
    head = float(value)
    tail = float(value - mpf(head))
    # Swift warns of subnormal literals.
    return "%r, %r" % (head, tail if abs(tail) > 1e-307 else 0.0)


def main():
    print("// Made by tools/activation_reference.py; do not edit.")
    print()
    print("/// Variances a and b, covariance c, and both second moments as the sum of two numbers.")
    print("struct ActivationReference {")
    print("  let a, c, b, erf, erfTail, relu, reluTail: Double")
    print()
    print("  init(_ values: [Double]) {")
    print("    (a, c, b) = (values[0], values[1], values[2])")
    print("    (erf, erfTail, relu, reluTail) = (values[3], values[4], values[5], values[6])")
    print("  }")
    print()
    print("  static let all = table.map(ActivationReference.init)")
    print()
    print("  private static let table: [[Double]] = [")
    for a, c, b in points():
        x, y, z = mpf(a), mpf(c), mpf(b)
        print("    [%r, %r, %r,\n      %s, %s]," % (a, c, b, parts(erf(x, y, z)), parts(relu(x, y, z))))
    print("  ]")
    print("}")


if __name__ == "__main__":
    main()
