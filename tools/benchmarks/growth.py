"""How the time and the memory of fits grow with P, n, D and L: measurements beside the formulas of docs/costs.md.

Every phase has a formula of one or two terms whose coefficients, times on this machine, are fitted to all runs of the
family with equal relative weights. One thread and processor times of the user, which a loaded machine changes least: a
phase gets its share of the elapsed time of the fit.
"""

import json
import os
import statistics
import subprocess

import common

import numpy as np


def fit(options, name, examples, outputs, settings):
    """Processor seconds of kernels and solve, evaluations and curvatures, planned bytes and those at the peak."""
    x, y, _, _ = common.mnist(examples)
    if outputs > 1:
        y = np.random.default_rng(1).standard_normal((len(y), outputs)) + y[:, None]
    renorm = common.Renorm(options, f"growth-{name}", x, y)
    command = [options.renorm, "fit", "--train", str(renorm.data), "--shape", "1x28x28", "--standardize", "none"]
    command += ["--threads", "1", "--report", str(renorm.report), "--quiet", *map(str, settings)]
    runs = []
    for _ in range(options.repetitions):
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"{' '.join(command)}: exit {process.returncode}")
        report = json.loads(renorm.report.read_text())
        timing = report["timing"]
        share = usage.ru_utime / timing["total"]
        runs.append((timing["kernels"] * share, timing["solve"] * share, report["memory"]["peakResidentBytes"]))
    times = [statistics.median(column) for column in zip(*runs)]
    return {
        "kernels": times[0], "solve": times[1], "bytes": times[2], "planned": report["memory"]["estimatedBytes"],
        "evaluations": report["evaluations"], "curvatures": report["curvatureEvaluations"],
    }


def families(smallest):
    """Names, runs (settings, P, n, M, D, L), and the terms of the kernels' and of an evaluation's time."""
    def network(architecture, width, *more):
        return ["--architecture", architecture, "--width", width, "--temperature", 0.1, *more]

    def counts(*values):
        return [20, 30] if smallest else values

    fc = [(network("fc", p), p, 1, 784, 1, 1) for p in counts(500, 1000, 2000, 3000, 4000)]
    layers = [
        (network("fc", p, "--depth", depth), p, 1, 784, 1, depth)
        for depth in (2, 3) for p in counts(600, 1200, 1800)
    ]
    tiles = {4: 14, 16: 7}
    local = {
        kind: [
            (network(kind, p, "--mask", mask), p, n, mask * mask, 1, 1)
            for n, mask in tiles.items() for p in sizes
        ] for kind, sizes in (("cnn", counts(400, 800, 1600)), ("lcn", counts(800, 1600, 2400)))
    }
    outputs = [
        (network("cnn", 2 * p, "--mask", 14), p, 4, 196, d, 1) for d in (2, 3) for p in counts(300, 600, 900)
    ]
    return {
        "fc": (fc, lambda p, n, m, d, l: (p * p * m, p**3), lambda p, n, m, d, l: (p * p,)),
        "cnn": (
            local["cnn"], lambda p, n, m, d, l: (n * n * p * p * m, n * n * p * p),
            lambda p, n, m, d, l: (n * n * p * p, p**3)),
        "lcn": (
            local["lcn"], lambda p, n, m, d, l: (n * p * p * m, n * p * p), lambda p, n, m, d, l: (n * p * p, p**3)),
        "outputs": (
            outputs, lambda p, n, m, d, l: (n * n * p * p * m, n * n * p * p),
            lambda p, n, m, d, l: (n * n * p * p * d * d, (p * d)**3)),
        "deep": (
            layers, lambda p, n, m, d, l: (p * p * m, l * p * p),
            lambda p, n, m, d, l: (p**3, l * p**3)),
    }


def coefficients(terms, times):
    """Those of least squares of relative errors, none of them negative."""
    rows = np.array(terms, dtype=float) / np.array(times)[:, None]
    kept = list(range(rows.shape[1]))
    while True:
        solution = np.linalg.lstsq(rows[:, kept], np.ones(len(rows)), rcond=None)[0]
        if len(kept) == 1 or (solution >= 0).all():
            result = np.zeros(rows.shape[1])
            result[kept] = solution
            return result
        kept.pop(int(np.argmin(solution)))


def growth(options, name):
    runs, kernel_terms, evaluation_terms = families(options.smallest)[name]
    measured = [fit(options, name, run[1], run[4], run[0]) for run in runs]
    sizes = [run[1:] for run in runs]
    found = {"kernels": [kernel_terms(*size) for size in sizes]}
    # A curvature counts as one evaluation; P^3 for each output is the factor of the predictor.
    found["solve"] = [
        [(m["evaluations"] + m["curvatures"]) * term for term in evaluation_terms(*size)] + [(size[0] * size[3])**3]
        for m, size in zip(measured, sizes)
    ]
    row = {"name": name, "runs": []}
    formulas = {}
    for phase, terms in found.items():
        row[f"coefficients {phase}"] = coefficients(terms, [m[phase] for m in measured]).tolist()
        formulas[phase] = np.array(terms, dtype=float) @ row[f"coefficients {phase}"]
    for index, (size, m) in enumerate(zip(sizes, measured)):
        row["runs"].append({
            **dict(zip(("P", "n", "M", "D", "L"), size)), **m,
            **{f"formula {phase}": float(formulas[phase][index]) for phase in formulas},
        })
    return row


if __name__ == "__main__":
    chosen = common.arguments(__doc__)
    common.run(chosen, {name: lambda o, name=name: growth(o, name) for name in families(False)})
