"""Times exact Gaussian-process regression and a finite-width FC fit in Python beside renorm, in turn.

infinite: FC at infinite width, P = 2000, 500 test points, mean and variance. renorm's phases kernels + solve + predict
    beside scikit-learn's GaussianProcessRegressor with a precomputed kernel, and beside SciPy's cho_factor; on all sides
    the kernels, the factorisation and the predictions count.
finite: FC at N = 1000, P = 2000: renorm's phases kernels + solve beside NumPy and LAPACK, in two forms of which the
    faster counts: eigenvalues once, or a Cholesky factorisation for every step of a root search.
Start of processes, imports and reading of files count on neither side.
"""

import importlib.metadata
import json

import common

import numpy as np
import scipy.linalg
import scipy.optimize
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import Kernel

TEMPERATURE = 0.01
WIDTH = 1000


def erf_kernel(x, other=None):
    """E[erf(a) erf(b)] of all pairs of examples."""
    variances = np.einsum("pk,pk->p", x, x) / x.shape[1]
    right = x if other is None else other
    right_variances = variances if other is None else np.einsum("pk,pk->p", right, right) / x.shape[1]
    covariances = x @ right.T / x.shape[1]
    covariances *= 2
    covariances /= np.sqrt(1 + 2 * variances)[:, None]
    covariances /= np.sqrt(1 + 2 * right_variances)[None, :]
    np.arcsin(covariances, out=covariances)
    covariances *= 2 / np.pi
    return covariances


def erf_diagonal(x):
    variances = np.einsum("pk,pk->p", x, x) / x.shape[1]
    return 2 / np.pi * np.arcsin(2 * variances / (1 + 2 * variances))


class Precomputed(Kernel):
    """A kernel between numbered points, looked up in matrices that exist already."""

    def __init__(self, training, cross, diagonal):
        self.training, self.cross, self.diagonal = training, cross, diagonal

    def __call__(self, x, y=None, eval_gradient=False):
        # scikit-learn adds the noise to what it gets, and asks twice.
        return self.training.copy() if y is None else self.cross

    def diag(self, x):
        return self.diagonal

    def is_stationary(self):
        return False


def infinite(options):
    x, y, x_test, y_test = common.mnist(2000, 500)
    renorm = common.Renorm(options, "infinite", x, y, x_test, y_test)

    def ours():
        report = renorm.fit(
            "--architecture", "fc", "--infinite-width", "--temperature", TEMPERATURE, "--predictions", renorm.predictions)
        table = np.genfromtxt(renorm.predictions, delimiter=",", names=True)
        return common.seconds(report, "kernels", "solve", "predict"), (table["mean"], table["variance"])

    def sklearn():
        def fit():
            kernel = Precomputed(erf_kernel(x), erf_kernel(x_test, x), erf_diagonal(x_test))
            process = GaussianProcessRegressor(kernel, alpha=TEMPERATURE, optimizer=None, copy_X_train=False)
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

    medians, times, results = common.interleaved(
        options.repetitions, renorm=ours, sklearn=sklearn, scipy=scipy_cholesky)
    return {
        "comparison": "FC at infinite width, MNIST 3/8, P = 2000, 500 test points",
        "ratio_sklearn": medians["sklearn"] / medians["renorm"], "ratio_scipy": medians["scipy"] / medians["renorm"],
        "medians": medians, "times": times,
        "difference_mean": common.relative_difference(results["sklearn"][0], results["renorm"][0]),
        "difference_variance": common.relative_difference(results["sklearn"][1], results["renorm"][1]),
    }


def stationary(slope):
    """The root of q dS/dq in log q; its value is the gradient norm that renorm reports."""
    return np.exp(scipy.optimize.brentq(slope, np.log(1e-3), np.log(1e3), xtol=1e-9))


def finite(options):
    x, y, _, _ = common.mnist(2000)
    renorm = common.Renorm(options, "finite", x, y)
    order = len(x)

    def ours():
        report = renorm.fit("--architecture", "fc", "--width", WIDTH, "--temperature", TEMPERATURE)
        return common.seconds(report, "kernels", "solve"), report["orderParameter"][0][0]

    def eigenvalues():
        def fit():
            k, vectors = scipy.linalg.eigh(erf_kernel(x), overwrite_a=True, check_finite=False, driver="evd")
            squares = (vectors.T @ y) ** 2

            def slope(logarithm):
                q = np.exp(logarithm)
                a = TEMPERATURE + q * k
                return q - 1 + q / WIDTH * np.sum(k / a - k * squares / a**2)

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
                return q - 1 + (order - TEMPERATURE * trace - u @ y + TEMPERATURE * u @ u) / WIDTH

            root = scipy.optimize.root_scalar(slope, x0=0.0, x1=-0.1, method="secant", xtol=1e-9)
            return np.exp(root.root)

        return common.timed(fit)

    medians, times, results = common.interleaved(
        options.repetitions, renorm=ours, eigenvalues=eigenvalues, cholesky=cholesky)
    return {
        "comparison": "FC, MNIST 3/8, P = 2000, N = 1000, T = 0.01, NumPy and LAPACK",
        "ratio": min(medians["eigenvalues"], medians["cholesky"]) / medians["renorm"],
        "medians": medians, "times": times,
        "difference": common.relative_difference(results["eigenvalues"], results["renorm"]),
        "difference_cholesky": common.relative_difference(results["cholesky"], results["renorm"]),
    }


def main():
    options = common.arguments(__doc__, repetitions=5)
    comparisons = {"infinite": infinite, "finite": finite}
    rows = []
    for name in options.only or comparisons:
        rows.append(comparisons[name](options))
        common.show(rows[-1:])
    setting = common.machine(options.threads) | {
        name: importlib.metadata.version(name) for name in ("scikit-learn", "scipy")}
    print(json.dumps(setting))
    if options.json:
        options.json.write_text(json.dumps({"machine": setting, "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
