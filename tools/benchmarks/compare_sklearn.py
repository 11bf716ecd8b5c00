"""Times exact Gaussian-process regression and a finite-width FC fit in Python beside renorm, in turn.

infinite: FC at infinite width, P = 2000, 500 test points, mean and variance. renorm's phases kernels + solve + predict
    beside scikit-learn's GaussianProcessRegressor with a precomputed kernel, and beside SciPy's cho_factor; on all sides
    the kernels, the factorisation and the predictions count.
finite: FC at N = 1000, P = 2000: renorm's phases kernels + solve beside NumPy and LAPACK, in two forms of which the
    faster counts: eigenvalues once, or a Cholesky factorisation for every step of a root search.
Start of processes, imports and reading of files count on neither side. The smallest run stands beside plain NumPy too.
"""

import types

import common

import numpy as np
import reference
from reference import erf_diagonal, erf_kernel

scipy = types.SimpleNamespace(linalg=common.optional("scipy.linalg"), optimize=common.optional("scipy.optimize"))
gaussian_process = common.optional("sklearn.gaussian_process")

TEMPERATURE = 0.01
WIDTH = 1000


def precomputed(training, cross, diagonal):
    """A kernel between numbered points, looked up in matrices that exist already."""

    class Precomputed(gaussian_process.kernels.Kernel):
        def __init__(self, training, cross, diagonal):
            self.training, self.cross, self.diagonal = training, cross, diagonal

        def __call__(self, x, y=None, eval_gradient=False):
            # scikit-learn adds the noise to what it gets, and asks twice.
            return self.training.copy() if y is None else self.cross

        def diag(self, x):
            return self.diagonal

        def is_stationary(self):
            return False

    return Precomputed(training, cross, diagonal)


def infinite(options):
    has_sklearn = common.available(options, "scikit-learn", scikit_learn=gaussian_process)
    complete = has_scipy(options)
    count, tests = (30, 5) if options.smallest else (2000, 500)
    x, y, x_test, y_test = common.mnist(count, tests)
    renorm = common.Renorm(options, "infinite", x, y, x_test, y_test)

    def ours():
        report = renorm.fit(
            "--architecture", "fc", "--infinite-width", "--temperature", TEMPERATURE, "--predictions", renorm.predictions)
        table = np.genfromtxt(renorm.predictions, delimiter=",", names=True)
        return common.seconds(report, "kernels", "solve", "predict"), (table["mean"], table["variance"])

    def sklearn():
        def fit():
            kernel = precomputed(erf_kernel(x), erf_kernel(x_test, x), erf_diagonal(x_test))
            process = gaussian_process.GaussianProcessRegressor(
                kernel, alpha=TEMPERATURE, optimizer=None, copy_X_train=False)
            process.fit(np.arange(len(x))[:, None], y)
            mean, deviation = process.predict(np.arange(len(x_test))[:, None], return_std=True)
            return mean, deviation**2

        return common.timed(fit)

    def scipy_cholesky():
        def fit():
            a = erf_kernel(x)
            a[np.diag_indices_from(a)] += TEMPERATURE
            cross = erf_kernel(x, x_test)
            factor = scipy.linalg.cho_factor(a, lower=True, overwrite_a=True, check_finite=False)
            mean = cross.T @ scipy.linalg.cho_solve(factor, y, check_finite=False)
            whitened = scipy.linalg.solve_triangular(factor[0], cross, lower=True, check_finite=False)
            return mean, erf_diagonal(x_test) - np.einsum("pk,pk->k", whitened, whitened)

        return common.timed(fit)

    def plain():
        return common.timed(lambda: reference.predictions(x, y, x_test, TEMPERATURE))

    medians, times, results = common.interleaved(
        options.repetitions, renorm=ours,
        sklearn=sklearn if has_sklearn else None, scipy=scipy_cholesky if complete else None,
        numpy=plain if options.smallest else None)
    row = {"comparison": f"FC at infinite width, MNIST 3/8, P = {count}, {tests} test points"}
    for name in ("sklearn", "scipy"):
        if name in medians:
            row[f"ratio_{name}"] = medians[name] / medians["renorm"]
    row |= {"medians": medians, "times": times}
    for name, ending in (("sklearn", ""), ("scipy", "_scipy"), ("numpy", "_numpy")):
        if name in results and (name == "sklearn" or options.smallest):
            for index, what in enumerate(("mean", "variance")):
                row[f"difference_{what}{ending}"] = common.relative_difference(
                    results[name][index], results["renorm"][index])
    return row


def has_scipy(options):
    return common.available(options, "SciPy", scipy=scipy.linalg and scipy.optimize)


def stationary(slope):
    """The root of q dS/dq in log q; its value is the gradient norm that renorm reports."""
    return np.exp(scipy.optimize.brentq(slope, np.log(1e-3), np.log(1e3), xtol=1e-9))


def finite(options):
    complete = has_scipy(options)
    count, width = (30, 15) if options.smallest else (2000, WIDTH)
    x, y, _, _ = common.mnist(count)
    renorm = common.Renorm(options, "finite", x, y)
    order = len(x)

    def ours():
        report = renorm.fit("--architecture", "fc", "--width", width, "--temperature", TEMPERATURE)
        return common.seconds(report, "kernels", "solve"), report["orderParameter"][0][0]

    def eigenvalues():
        def fit():
            k, vectors = scipy.linalg.eigh(erf_kernel(x), overwrite_a=True, check_finite=False, driver="evd")
            squares = (vectors.T @ y) ** 2

            def slope(logarithm):
                q = np.exp(logarithm)
                a = TEMPERATURE + q * k
                return q - 1 + q / width * np.sum(k / a - k * squares / a**2)

            return stationary(slope)

        return common.timed(fit)

    def cholesky():
        def fit():
            kernel = erf_kernel(x)

            def slope(logarithm):
                q = np.exp(logarithm)
                a = q * kernel
                a[np.diag_indices_from(a)] += TEMPERATURE
                factor, _ = scipy.linalg.lapack.dpotrf(a.T, lower=0, overwrite_a=1, clean=1)
                u = scipy.linalg.cho_solve((factor, False), y, check_finite=False)
                inverse, _ = scipy.linalg.lapack.dtrtri(factor, lower=0, overwrite_c=1)
                trace = np.einsum("ij,ij->", inverse, inverse)
                # q tr(A^-1 K) = P - T tr A^-1 and q u^T K u = u^T y - T u^T u.
                return q - 1 + (order - TEMPERATURE * trace - u @ y + TEMPERATURE * u @ u) / width

            root = scipy.optimize.root_scalar(slope, x0=0.0, x1=-0.1, method="secant", xtol=1e-9)
            return np.exp(root.root)

        return common.timed(fit)

    def plain():
        return common.timed(lambda: reference.order_parameter(x, y, width, TEMPERATURE))

    medians, times, results = common.interleaved(
        options.repetitions, renorm=ours, eigenvalues=eigenvalues if complete else None,
        cholesky=cholesky if complete else None, numpy=plain if options.smallest else None)
    row = {"comparison": f"FC, MNIST 3/8, P = {count}, N = {width}, T = 0.01, NumPy and LAPACK"}
    if complete:
        row["ratio"] = min(medians["eigenvalues"], medians["cholesky"]) / medians["renorm"]
    row |= {"medians": medians, "times": times}
    for name, ending in (("eigenvalues", ""), ("cholesky", "_cholesky"), ("numpy", "_numpy")):
        if name in results:
            row[f"difference{ending}"] = common.relative_difference(results[name], results["renorm"])
    return row


def main():
    options = common.arguments(__doc__, repetitions=5)
    common.run(options, {"infinite": infinite, "finite": finite}, "scikit-learn", "scipy")


if __name__ == "__main__":
    main()
