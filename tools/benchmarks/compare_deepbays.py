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
import io
import json
import subprocess
import sys
import types

import common

import numpy as np
import reference

for name in ("cupy", "cupy.cuda"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["cupy.cuda"].Device = None

scipy = types.SimpleNamespace(optimize=common.optional("scipy.optimize"))
torch = common.optional("torch")
with contextlib.redirect_stdout(io.StringIO()):
    deepbays = common.optional("deepbays")


def has_deepbays(options):
    return common.available(options, "deepbays", deepbays=deepbays, scipy=scipy.optimize, torch=torch)


def model(L=1, **settings):
    """A deepbays model, without the text that it prints."""
    with contextlib.redirect_stdout(io.StringIO()):
        return deepbays.RKGP(L=L, D=1, act="erf", **settings)


def cnn(options):
    """CNN, mask 7 (n = 16), P = 100, N = 50, T = 0.01; at its smallest mask 14 (n = 4), P = 20, N = 10."""
    complete = has_deepbays(options)
    count, mask, width = (20, 14, 10) if options.smallest else (100, 7, 50)
    x, y, _, _ = common.mnist(count, classes=(0, 1))
    renorm = common.Renorm(options, "cnn", x, y)
    labels = torch.tensor(y) if complete else None

    def ours():
        report = renorm.fit(
            "--architecture", "cnn", "--mask", mask, "--stride", mask, "--width", width, "--temperature", 0.01)
        return common.seconds(report, "kernels", "solve"), report

    def theirs():
        network = model(width=width, T=0.01, priors=[1.0, 1.0], model_type="CONV", mask=mask, stride=mask)

        def fit():
            network.preprocess(x, labels)
            network.optimize()

        return common.timed(fit)[0], network

    medians, times, results = common.interleaved(
        options.repetitions, renorm=ours, deepbays=theirs if complete else None)
    q = np.array(results["renorm"]["orderParameter"])
    details = {}
    if complete:
        network = results["deepbays"]
        details["difference"] = common.relative_difference(network.optQ, q)
        network.minimizeAction(network.optQ, minimizationTol=1e-12)
        details["difference_refined"] = common.relative_difference(network.optQ, q)
        details["deepbays_converged"] = bool(network.converged)
    if options.smallest:
        gradient = reference.cnn_gradient(q, x, y, mask, width, 0.01)
        details["gradient_numpy"] = float(np.max(np.abs(gradient)))
    return row(
        f"CNN, MNIST 0/1, mask {mask}, P = {count}, N = {width}, T = 0.01", medians, times, target=1000, **details)


def fc(options):
    """FC, P = 2000, N = 1000, T = 0.01; at its smallest P = 30, N = 15."""
    complete = has_deepbays(options)
    count, width = (30, 15) if options.smallest else (2000, 1000)
    x, y, _, _ = common.mnist(count)
    renorm = common.Renorm(options, "fc", x, y)

    def ours():
        report = renorm.fit("--architecture", "fc", "--width", width, "--temperature", 0.01)
        return common.seconds(report, "kernels", "solve"), report

    def theirs():
        network = model(width=width, T=0.01, priors=[1.0, 1.0])

        def fit():
            network.preprocess(x, y)
            network.optimize()

        return common.timed(fit)[0], network

    medians, times, results = common.interleaved(
        options.repetitions, renorm=ours, deepbays=theirs if complete else None)
    q = results["renorm"]["orderParameter"][0][0]
    details = {}
    if complete:
        network = results["deepbays"]
        details["difference"] = common.relative_difference(network.optQ, q)
        details["difference_refined"] = common.relative_difference(refined_fc(network), q)
    if options.smallest:
        details["difference_numpy"] = common.relative_difference(reference.order_parameter(x, y, width, 0.01), q)
    return row(
        f"FC, MNIST 3/8, P = {count}, N = {width}, T = 0.01", medians, times, target=3, **details)


def refined_fc(network):
    """The stationary point of deepbays' own action for FC, from its eigenvalues, to a tolerance of 1e-13."""
    k, y = np.real(network.eigvalK) / network.l1, np.real(network.yT)

    def slope(logarithm):
        q = np.exp(logarithm)
        a = network.T + q * k
        return q - 1 + q / network.N1 * np.sum(k / a - k * (y / a) ** 2)

    start = np.log(network.optQ)
    return np.exp(scipy.optimize.brentq(slope, start - 0.1, start + 0.1, xtol=1e-13))


def deep(options, count):
    """Deep FC, L = 3, N = P/2, T = 0.05, the theory `nested`, which is deepbays' only one; at its smallest P = 20."""
    complete = has_deepbays(options)
    count = 20 if options.smallest else count
    width = count // 2
    x, y, _, _ = common.mnist(count)
    renorm = common.Renorm(options, f"deepbays-deep-{count}", x, y)

    def ours():
        report = renorm.fit(
            "--architecture", "fc", "--depth", 3, "--width", width, "--temperature", 0.05, "--deep-theory", "nested")
        return common.seconds(report, "kernels", "solve"), report

    def theirs():
        network = model(L=3, width=width, T=0.05, priors=[1.0] * 4)

        def fit():
            network.preprocess(x, torch.tensor(y))
            network.optimize()

        return common.timed(fit)[0], network

    medians, times, results = common.interleaved(
        options.repetitions, renorm=ours, deepbays=theirs if complete else None)
    q = np.array(results["renorm"]["orderParameters"])
    details = {"evaluations": results["renorm"]["evaluations"]}
    if complete:
        details["difference"] = common.relative_difference(results["deepbays"].optQ, q)
        details["deepbays_converged"] = bool(results["deepbays"].converged)
    if options.smallest:
        # By central differences, right to about 1e-9.
        steps = 1e-5 * np.eye(len(q))
        slopes = [
            reference.nested_action(x, y, q + step, width, 0.05) - reference.nested_action(x, y, q - step, width, 0.05)
            for step in steps]
        details["gradient_numpy"] = float(np.max(np.abs(slopes)) / 2e-5)
    return row(
        f"FC, L = 3, nested, MNIST 3/8, P = {count}, N = {width}, T = 0.05", medians, times, target=None, **details)


def grid(options):
    """FC, 400 points of a (T, lambda1) grid at P = 1000 with 500 test points; smallest: 4 points, P = 30, 5 tests."""
    if not options.benchmarks:
        if "grid" in (options.only or ()):
            sys.exit("the comparison grid needs --benchmarks, the built renorm-benchmarks binary")
        return common.leave_out("the comparison grid", "it needs --benchmarks, the built renorm-benchmarks binary")
    complete = has_deepbays(options)
    count, tests, width, side = (30, 5, 15, 2) if options.smallest else (1000, 500, 500, 20)
    temperatures = np.geomspace(1e-3, 1, side)
    precisions = np.geomspace(0.1, 10, side)
    points = [(t, l) for t in temperatures for l in precisions]
    sample = points if options.smallest else points[::34]
    x, y, x_test, y_test = common.mnist(count, tests)
    renorm = common.Renorm(options, "grid", x, y, x_test, y_test)
    report = options.scratch / "grid-points.json"

    def ours():
        command = [options.benchmarks, "grid", "--data", str(renorm.data), "--width", str(width)]
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
                network = model(width=width, T=temperature, priors=[1.0, precision])
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
        options.repetitions, renorm=ours, deepbays=(lambda: loop(False)) if complete else None,
        deepbays_reusing=(lambda: loop(True)) if complete else None)
    chosen = [results["renorm"]["points"][points.index(point)] for point in sample]
    details = {}
    if complete:
        theirs = results["deepbays"]
        details["difference"] = max(
            common.relative_difference(q, p["orderParameter"]) for (q, _), p in zip(theirs, chosen))
        details["difference_predictions"] = max(
            common.relative_difference(mean, p["mean"]) for (_, mean), p in zip(theirs, chosen))
        details["deepbays_points_timed"] = len(sample)
    if options.smallest:
        details["difference_numpy"] = max(
            common.relative_difference(reference.order_parameter(x, y, width, t, l), p["orderParameter"])
            for (t, l), p in zip(sample, chosen))
    result = row(
        f"FC grid, MNIST 3/8, {len(points)} points, P = {count}, N = {width}, {tests} test points", medians, times,
        target=200, **details)
    if complete:
        result["ratio_reusing"] = medians["deepbays_reusing"] / medians["renorm"]
    return result


def row(name, medians, times, target, **details):
    result = {"comparison": name}
    if "deepbays" in medians:
        result["ratio"] = medians["deepbays"] / medians["renorm"]
    return result | {"target": target, "medians": medians, "times": times, **details}


def main():
    options = common.arguments(__doc__)
    if torch is not None:
        torch.set_num_threads(options.threads)
    comparisons = {"cnn": cnn, "fc": fc, "grid": grid}
    for count in (500, 1000):
        comparisons[f"deep-{count}"] = lambda options, count=count: deep(options, count)
    common.run(options, comparisons, "deepbays", "torch")


if __name__ == "__main__":
    main()
