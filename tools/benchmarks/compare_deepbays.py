"""Times the same fits with renorm and with the Python package deepbays, in turn, and compares the results.

What counts: for renorm the phases `kernels` and `solve` of its report (and `predict` where it says so), for deepbays
`preprocess` and `optimize` (and `predict`). Start of processes, imports and reading of files count on neither side.

deepbays needs help to run; none of it is inside what is timed:
- its package imports cupy without using it in the classes compared here: an empty one takes its place;
- CONV_1HL wants float64 labels as a torch tensor of one dimension, FC_1HL as a NumPy array of one dimension (a column
  would broadcast to a matrix in averageLoss);
- CONV_1HL ignores `stride`: its patches never overlap, so mask = stride is compared;
- it stops at its default tolerances (fsolve: xtol 1e-6; L-BFGS-B on differences of the action). Its order parameter is
  compared as it is, and once more after its own optimizer has been restarted, untimed, with a finer tolerance.
"""

import contextlib
import importlib.metadata
import io
import json
import subprocess
import sys
import types

import common

for name in ("cupy", "cupy.cuda"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["cupy.cuda"].Device = None

import numpy as np  # noqa: E402
import scipy.optimize  # noqa: E402
import torch  # noqa: E402

with contextlib.redirect_stdout(io.StringIO()):
    from deepbays import RKGP  # noqa: E402


def model(**settings):
    """A deepbays model, without the text that it prints."""
    with contextlib.redirect_stdout(io.StringIO()):
        return RKGP(L=1, D=1, act="erf", **settings)


def cnn(options):
    """CNN, mask 7 (n = 16), P = 100, N = 50, T = 0.01."""
    x, y, _, _ = common.mnist(100, classes=(0, 1))
    renorm = common.Renorm(options, "cnn", x, y)
    labels = torch.tensor(y)

    def ours():
        report = renorm.fit("--architecture", "cnn", "--mask", 7, "--stride", 7, "--width", 50, "--temperature", 0.01)
        return common.seconds(report, "kernels", "solve"), report

    def theirs():
        network = model(width=50, T=0.01, priors=[1.0, 1.0], model_type="CONV", mask=7, stride=7)

        def fit():
            network.preprocess(x, labels)
            network.optimize()

        return common.timed(fit)[0], network

    medians, times, results = common.interleaved(options.repetitions, renorm=ours, deepbays=theirs)
    network = results["deepbays"]
    q = np.array(results["renorm"]["orderParameter"])
    default = common.relative_difference(network.optQ, q)
    network.minimizeAction(network.optQ, minimizationTol=1e-12)
    return row(
        "CNN, MNIST 0/1, mask 7, P = 100, N = 50, T = 0.01", medians, times, target=1000,
        difference=default, difference_refined=common.relative_difference(network.optQ, q),
        deepbays_converged=bool(network.converged))


def fc(options):
    """FC, P = 2000, N = 1000, T = 0.01."""
    x, y, _, _ = common.mnist(2000)
    renorm = common.Renorm(options, "fc", x, y)

    def ours():
        report = renorm.fit("--architecture", "fc", "--width", 1000, "--temperature", 0.01)
        return common.seconds(report, "kernels", "solve"), report

    def theirs():
        network = model(width=1000, T=0.01, priors=[1.0, 1.0])

        def fit():
            network.preprocess(x, y)
            network.optimize()

        return common.timed(fit)[0], network

    medians, times, results = common.interleaved(options.repetitions, renorm=ours, deepbays=theirs)
    q = results["renorm"]["orderParameter"][0][0]
    network = results["deepbays"]
    return row(
        "FC, MNIST 3/8, P = 2000, N = 1000, T = 0.01", medians, times, target=3,
        difference=common.relative_difference(network.optQ, q),
        difference_refined=common.relative_difference(refined_fc(network), q))


def refined_fc(network):
    """The stationary point of deepbays' own action for FC, from its eigenvalues, to a tolerance of 1e-13."""
    k, y = np.real(network.eigvalK) / network.l1, np.real(network.yT)

    def slope(logarithm):
        q = np.exp(logarithm)
        a = network.T + q * k
        return q - 1 + q / network.N1 * np.sum(k / a - k * (y / a) ** 2)

    start = np.log(network.optQ)
    return np.exp(scipy.optimize.brentq(slope, start - 0.1, start + 0.1, xtol=1e-13))


def grid(options):
    """FC, 400 points of a (T, lambda1) grid at P = 1000 with 500 test points."""
    temperatures = np.geomspace(1e-3, 1, 20)
    precisions = np.geomspace(0.1, 10, 20)
    points = [(t, l) for t in temperatures for l in precisions]
    sample = points[::34]
    x, y, x_test, y_test = common.mnist(1000, 500)
    renorm = common.Renorm(options, "grid", x, y, x_test, y_test)
    report = options.scratch / "grid-points.json"

    def ours():
        command = [options.benchmarks, "grid", "--data", str(renorm.data), "--width", "500"]
        command += ["--threads", str(options.threads), "--json", str(report)]
        command += ["--temperatures", *map(repr, map(float, temperatures))]
        command += ["--lambda1", *map(repr, map(float, precisions))]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        result = json.loads(report.read_text())
        return result["seconds"], result

    def loop(reuses):
        """A loop over the sample, scaled to all points; `reuses` keeps the kernel and its eigenvalues."""
        networks, prepared, total = [], 0.0, 0.0
        network = None
        for temperature, precision in sample:
            if network is None or not reuses:
                network = model(width=500, T=temperature, priors=[1.0, precision])
                prepared += common.timed(lambda: network.preprocess(x, y))[0]
            network.T, network.l1 = temperature, precision

            def solve():
                network.optimize()
                network.predict(x_test)
                return network.averageLoss(y_test)

            total += common.timed(solve)[0]
            networks.append((network.optQ, network.Ypred.copy()))
        scale = len(points) / len(sample)
        return total * scale + prepared * (1 if reuses else scale), networks

    medians, times, results = common.interleaved(
        options.repetitions, renorm=ours, deepbays=lambda: loop(False), deepbays_reusing=lambda: loop(True))
    chosen = [results["renorm"]["points"][points.index(point)] for point in sample]
    theirs = results["deepbays"]
    result = row(
        "FC grid, MNIST 3/8, 400 points, P = 1000, N = 500, 500 test points", medians, times, target=200,
        difference=max(common.relative_difference(q, p["orderParameter"]) for (q, _), p in zip(theirs, chosen)),
        difference_predictions=max(
            common.relative_difference(mean, p["mean"]) for (_, mean), p in zip(theirs, chosen)),
        deepbays_points_timed=len(sample))
    result["ratio_reusing"] = medians["deepbays_reusing"] / medians["renorm"]
    return result


def row(name, medians, times, target, **details):
    ratio = medians["deepbays"] / medians["renorm"]
    return {"comparison": name, "ratio": ratio, "target": target, "medians": medians, "times": times, **details}


def main():
    options = common.arguments(__doc__)
    torch.set_num_threads(options.threads)
    comparisons = {"cnn": cnn, "fc": fc, "grid": grid}
    rows = []
    for name in options.only or comparisons:
        rows.append(comparisons[name](options))
        common.show(rows[-1:])
    setting = common.machine(options.threads) | {
        "deepbays": importlib.metadata.version("deepbays"), "torch": torch.__version__}
    print(json.dumps(setting))
    if options.json:
        options.json.write_text(json.dumps({"machine": setting, "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
