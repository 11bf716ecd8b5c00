"""Times fits of deep fully connected networks with renorm and with a dense program in SciPy, in turn.

The dense program minimises the same action by BFGS in the logarithms of the order parameters, with the exact gradient, a
Cholesky factor and the inverse of A for every evaluation: what published code for deep networks does, without its
overheads. Beside both stands the *floor* of renorm's search: evaluations x (dpotrf + dpotri + L traces), and for every
second derivative L products of order P.
"""

import types

import common

import numpy as np
import reference

scipy = types.SimpleNamespace(linalg=common.optional("scipy.linalg"), optimize=common.optional("scipy.optimize"))
TEMPERATURE = 0.05


def minimum(x, y, widths, theory):
    """Order parameters by BFGS."""
    bank = reference.deep_bank(x, len(widths))
    if theory == "vanilla":
        bank = [sum(bank)]
    target = scipy.optimize.minimize(
        lambda logarithms: reference.deep_action(bank, y, np.exp(logarithms), widths, TEMPERATURE),
        np.zeros(len(widths)), jac=True, method="BFGS", options={"gtol": 1e-7})
    return np.exp(target.x), target.nfev


def floor(count, depth, evaluations, curvatures):
    """Seconds of LAPACK and BLAS in a search."""
    generator = np.random.default_rng(1)
    matrix = generator.standard_normal((count, count))
    definite = np.asfortranarray(matrix @ matrix.T + count * np.eye(count))
    factor_time, (factor, _) = common.timed(lambda: scipy.linalg.lapack.dpotrf(definite, lower=1))
    inverse_time, (inverse, _) = common.timed(lambda: scipy.linalg.lapack.dpotri(factor, lower=1))
    trace_time, _ = common.timed(lambda: np.vdot(inverse, definite))
    product_time, _ = common.timed(lambda: definite @ inverse)
    return evaluations * (factor_time + inverse_time + depth * trace_time) + curvatures * depth * product_time


def deep(options, theory, count, depth):
    complete = common.available(options, "SciPy", scipy=scipy.optimize)
    count = 30 if options.smallest else count
    widths = [count // 2] * depth
    x, y, _, _ = common.mnist(count)
    renorm = common.Renorm(options, f"deep-{theory}-{count}", x, y)

    def ours():
        report = renorm.fit(
            "--architecture", "fc", "--depth", depth, "--width", widths[0], "--temperature", TEMPERATURE,
            "--deep-theory", theory)
        return common.seconds(report, "kernels", "solve"), report

    def theirs():
        return common.timed(lambda: minimum(x, y, widths, theory))

    medians, times, results = common.interleaved(
        options.repetitions, renorm=ours, dense=theirs if complete else None)
    report = results["renorm"]
    q = np.array(report["orderParameters"])
    bank = reference.deep_bank(x, depth)
    if theory == "vanilla":
        bank = [sum(bank)]
    _, gradient = reference.deep_action(bank, y, q, widths, TEMPERATURE)
    row = {
        "comparison": f"FC, L = {depth}, {theory}, MNIST 3/8, P = {count}, N = {widths[0]}, T = {TEMPERATURE}",
        "evaluations": report["evaluations"], "curvatures": report["curvatureEvaluations"],
        "gradient_numpy": float(np.max(np.abs(gradient))), "medians": medians, "times": times}
    if complete:
        row["ratio"] = medians["dense"] / medians["renorm"]
        row["difference"] = common.relative_difference(q, results["dense"][0])
        row["evaluations_dense"] = results["dense"][1]
        if theory == "linear-part":
            solve = report["timing"]["solve"]
            row["solve_over_floor"] = solve / floor(count, depth, report["evaluations"], report["curvatureEvaluations"])
    return row


def main():
    options = common.arguments(__doc__)
    common.run(options, {
        "linear-part": lambda options: deep(options, "linear-part", 2000, 3),
        "linear-part-500": lambda options: deep(options, "linear-part", 500, 3),
        "vanilla-500": lambda options: deep(options, "vanilla", 500, 3),
        "vanilla-1000": lambda options: deep(options, "vanilla", 1000, 3),
    }, "scipy")


if __name__ == "__main__":
    main()
