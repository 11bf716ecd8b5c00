#!/usr/bin/env python3
"""Prints Sources/CVectorKernels/ArcsineCoefficients.h.

The coefficients c_k of  (2/pi) asin(w) = w sum_k c_k w^(2k),  0 <= w <= sin(pi/8):  c_0 is 2/pi rounded to
double, so that small results keep their relative accuracy, and the others minimise the largest error of the
result (Remez exchange in many digits; they are small enough to be rounded afterwards).

    python3 tools/asin_coefficients.py [--degree 9] > Sources/CVectorKernels/ArcsineCoefficients.h
    python3 tools/asin_coefficients.py --survey     # the error of other degrees

Needs mpmath.
"""

import argparse

from mpmath import asin, lu_solve, matrix, mp, mpf, pi, sin

mp.dps = 50
# A little beyond sin(pi/8): rounding can leave the argument just above.
END = sin(pi / 8) * (1 + mpf(2) ** -40)
C0 = mpf(float(2 / pi))


def error(coefficients, w):
    """(2/pi) asin(w) minus its expansion."""
    t = w * w
    total = mpf(0)
    for c in reversed(coefficients):
        total = total * t + c
    return 2 / pi * asin(w) - w * total


def fit(degree):
    """The expansion with c_0 given and c_1 ... c_degree minimising the largest error."""
    points = [END * sin(pi * (k + 1) / (2 * degree + 2)) for k in range(degree + 1)]
    while True:
        system = matrix(degree + 1, degree + 1)
        values = matrix(degree + 1, 1)
        for row, w in enumerate(points):
            for k in range(1, degree + 1):
                system[row, k - 1] = w ** (2 * k + 1)
            system[row, degree] = (-1) ** row
            values[row] = error([C0], w)
        solution = lu_solve(system, values)
        coefficients = [C0] + [solution[k] for k in range(degree)]
        points = extrema(coefficients, points)
        levels = [abs(error(coefficients, w)) for w in points]
        if max(levels) < 1.001 * min(levels):
            return coefficients


def extrema(coefficients, points):
    """The place of the largest error of either sign between the neighbours of each point."""
    edges = [mpf(0)] + [(p + q) / 2 for p, q in zip(points, points[1:])] + [END]
    found = []
    for left, right, point in zip(edges, edges[1:], points):
        sign = 1 if error(coefficients, point) > 0 else -1
        for _ in range(3):
            step = (right - left) / 16
            grid = [left + step * k for k in range(17)]
            best = max(grid, key=lambda w: sign * error(coefficients, w))
            left, right = max(left, best - step), min(right, best + step)
        found.append(best)
    return found


def largest_error(coefficients):
    """In units of 2^-52."""
    return float(max(abs(error(coefficients, END * k / 2000)) for k in range(2001)) * 2 ** 52)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--degree", type=int, default=9)
    parser.add_argument("--survey", action="store_true")
    arguments = parser.parse_args()
    if arguments.survey:
        for degree in range(6, 13):
            exact = fit(degree)
            both = largest_error(exact), largest_error([mpf(float(c)) for c in exact])
            print("degree %d: error %.3g, with rounded coefficients %.3g" % (degree, *both), flush=True)
        return
    coefficients = [float(c) for c in fit(arguments.degree)]
    print("// Made by tools/asin_coefficients.py; do not edit.")
    print("//")
    print("// (2/pi) asin(w) = w sum_k c_k w^(2k) for w <= sin(pi/8); largest error %.3f x 2^-52."
          % largest_error([mpf(c) for c in coefficients]))
    print()
    for k, c in enumerate(coefficients):
        print("#define ARCSINE_C%d %s" % (k, c.hex()))


if __name__ == "__main__":
    main()
