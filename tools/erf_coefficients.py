#!/usr/bin/env python3
"""Prints Sources/CVectorKernels/ErfCoefficients.h.

Two expansions of erf, each with the least largest error of the result (Remez exchange in many digits):

    erf(x) = x sum_k n_k x^(2k),  0 <= x <= 1;  n_0 is 2/sqrt(pi) rounded to double, so that small results keep
        their relative accuracy
    erf(x) = 1 - exp(-x^2) sum_k f_k (x - 1)^k,  1 <= x <= 6;  beyond 6 the result is 1 to double precision

    python3 tools/erf_coefficients.py [--near 11] [--far 20] > Sources/CVectorKernels/ErfCoefficients.h
    python3 tools/erf_coefficients.py --survey     # the errors of other degrees

Needs mpmath.
"""

import argparse

from mpmath import cos, erf, erfc, exp, lu_solve, matrix, mp, mpf, pi, sqrt

mp.dps = 60
GRID = 1500


class Near:
    name, title = "NEAR", "erf(x) = x sum_k n_k x^(2k) for x <= 1"
    # A little beyond 1: the ends of the two expansions overlap.
    left, right, fixed = mpf(0), mpf(1) + mpf(2) ** -40, mpf(float(2 / sqrt(pi)))

    def basis(self, x, k):
        return x ** (2 * k + 1)

    def value(self, x):
        return erf(x)


class Far:
    name, title = "FAR", "erf(x) = 1 - exp(-x^2) sum_k f_k (x - 1)^k for 1 <= x <= 6"
    left, right, fixed = mpf(1) - mpf(2) ** -40, mpf(6), None

    def basis(self, x, k):
        return exp(-x * x) * (x - 1) ** k

    def value(self, x):
        return erfc(x)


class Fit:
    """Minimises the largest |value(x) - sum_k c_k basis(x, k)|."""

    def __init__(self, form, degree):
        self.form = form
        # Denser near the left end, where the weight of the far expansion is.
        ratio = mpf(1) / GRID
        self.grid = [form.left + (form.right - form.left) * (1 - cos(pi * ratio * k / 2)) for k in range(GRID + 1)]
        self.values = [form.value(x) for x in self.grid]
        self.rows = [[form.basis(x, k) for k in range(degree + 1)] for x in self.grid]
        self.free = range(0 if form.fixed is None else 1, degree + 1)
        self.coefficients = self.exchange()

    def errors(self, coefficients):
        return [v - sum(c * b for c, b in zip(coefficients, row)) for v, row in zip(self.values, self.rows)]

    def exchange(self):
        count = len(self.free) + 1
        reach = GRID if self.form.fixed is not None else GRID * 3 // 5
        points = [int(reach * (1 - cos(pi * (k + mpf(1) / 2) / count)) / 2) for k in range(count)]
        fixed = [] if self.form.fixed is None else [self.form.fixed]
        for _ in range(60):
            system, values = matrix(count, count), matrix(count, 1)
            for row, point in enumerate(points):
                for column, k in enumerate(self.free):
                    system[row, column] = self.rows[point][k]
                system[row, count - 1] = (-1) ** row
                values[row] = self.values[point] - sum(c * b for c, b in zip(fixed, self.rows[point]))
            solution = lu_solve(system, values)
            coefficients = fixed + [solution[k] for k in range(count - 1)]
            errors = self.errors(coefficients)
            points = self.alternating(errors, count)
            if max(map(abs, errors)) < 1.01 * abs(solution[count - 1]):
                return coefficients
        raise SystemExit("the exchange did not converge")

    def alternating(self, errors, count):
        """The largest errors of alternating sign."""
        points = []
        for k, e in enumerate(errors):
            if points and (e > 0) == (errors[points[-1]] > 0):
                if abs(e) > abs(errors[points[-1]]):
                    points[-1] = k
            else:
                points.append(k)
        while len(points) > count:
            points.pop(0 if abs(errors[points[0]]) < abs(errors[points[-1]]) else -1)
        if len(points) < count:
            raise SystemExit("too few alternations")
        return points

    def rounded(self):
        return [float(c) for c in self.coefficients]

    def largest_error(self, coefficients):
        """In units of 2^-53."""
        return float(max(map(abs, self.errors([mpf(c) for c in coefficients]))) * 2 ** 53)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--near", type=int, default=11)
    parser.add_argument("--far", type=int, default=20)
    parser.add_argument("--survey", action="store_true")
    arguments = parser.parse_args()
    if arguments.survey:
        for form, degrees in ((Near(), range(9, 14)), (Far(), range(12, 22))):
            for degree in degrees:
                fit = Fit(form, degree)
                both = fit.largest_error(fit.coefficients), fit.largest_error(fit.rounded())
                print("%s, degree %d: error %.3g, rounded %.3g" % (form.name, degree, *both), flush=True)
        return
    print("// Made by tools/erf_coefficients.py; do not edit.")
    for form, degree in ((Near(), arguments.near), (Far(), arguments.far)):
        fit = Fit(form, degree)
        print("//\n// %s; largest error %.3f x 2^-53." % (form.title, fit.largest_error(fit.rounded())))
        for k, c in enumerate(fit.rounded()):
            print("#define ERF_%s_%d %s" % (form.name, k, c.hex()))


if __name__ == "__main__":
    main()
