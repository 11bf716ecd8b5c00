"""Times fits beside the script that a competent user would write today with NumPy and SciPy, in turn.

The script holds the kernels of all pairs of positions once (K_ij + K_ji for i < j, packed lower triangles in one array),
so that the renormalized kernel and all derivatives are one matrix-vector product each; an evaluation is these two, one
dpotrf and one dpotri; L-BFGS searches over the Cholesky factor of Q with logarithms on its diagonal (over log Q for an
LCN). relu: Anderson's iteration of the two equations of the saddle. Three outputs of an FC network: eigenvalues of the
kernel once, then L-BFGS over the factor of the D x D matrix.

cnn-100, cnn-500, cnn-1000, cnn-2000, lcn-1000: MNIST 3/8, mask 7 (n = 16), N = P/2, T = 0.01.
relu-500: CNN, mask 14 (n = 4). outputs-1000: FC, MNIST 1/4/7, N = P/2.
renorm's phases kernels + solve count on one side, kernels and search on the other; start of processes and reading of
files on neither.
"""

import functools

import common

import numpy as np
import reference

linalg = common.optional("scipy.linalg")
optimize = common.optional("scipy.optimize")

TEMPERATURE = 0.01


def patches(x, mask):
    """Patches that tile the images, positions x examples x pixels."""
    side = round(x.shape[1] ** 0.5) // mask
    return x.reshape(len(x), side, mask, side, mask).transpose(1, 3, 0, 2, 4).reshape(side * side, len(x), mask * mask)


def relu_kernel(x, other):
    """E[relu(a) relu(b)] of all pairs of patches."""
    sizes = [np.sqrt(np.einsum("pk,pk->p", z, z) / z.shape[1]) for z in (x, other)]
    products = x @ other.T / x.shape[1]
    scale = np.outer(*sizes)
    cosines = np.clip(np.divide(products, scale, out=np.zeros_like(scale), where=scale > 0), -1, 1)
    return scale * (cosines * (np.pi - np.arccos(cosines)) + np.sqrt(1 - cosines**2)) / (2 * np.pi)


class Bank:
    """Packed kernels of pairs of positions: pairs x P(P+1)/2 numbers."""

    def __init__(self, x, mask, is_local, kernel=reference.erf_kernel, means=None):
        parts = patches(x, mask)
        self.positions, self.count = len(parts), len(x)
        self.pairs = [(i, j) for i in range(self.positions) for j in range(i, i + 1 if is_local else self.positions)]
        self.lower = np.tril_indices(self.count)
        self.kernels = np.empty((len(self.pairs), len(self.lower[0])))
        for row, (i, j) in zip(self.kernels, self.pairs):
            k = kernel(parts[i], parts[j])
            if means is not None:
                k -= np.outer(means[i], means[j])
            row[:] = (k if i == j else k + k.T)[self.lower]
        self.kernels /= self.positions
        # Elements beside the diagonal occur twice in a trace.
        self.counts = np.where(self.lower[0] == self.lower[1], 1.0, 2.0)

    def weights(self, q):
        return np.array([q[i, j] for i, j in self.pairs])

    def sum(self, q):
        """sum_ij Q_ij K_ij / n, its lower triangle."""
        a = np.zeros((self.count, self.count), order="F")
        a[self.lower] = self.weights(q) @ self.kernels
        return a

    def traces(self, g):
        """tr(K_ij G) / n for a symmetric G of which the lower triangle is read, symmetric n x n."""
        result = np.zeros((self.positions, self.positions))
        for (i, j), trace in zip(self.pairs, self.kernels @ (self.counts * g[self.lower])):
            result[i, j] = result[j, i] = trace if i == j else trace / 2
        return result


def factored(a):
    """log det A, A^-1 (its lower triangle), and the solver, from the lower triangle of A."""
    a[np.diag_indices_from(a)] += TEMPERATURE
    factor, info = linalg.lapack.dpotrf(a, lower=1, overwrite_a=1, clean=0)
    if info:
        raise np.linalg.LinAlgError("not positive definite")
    log_determinant = 2 * np.log(np.diag(factor)).sum()
    solve = functools.partial(linalg.cho_solve, (factor.copy(order="F"), True), check_finite=False)
    inverse, _ = linalg.lapack.dpotri(factor, lower=1, overwrite_c=1)
    return log_determinant, inverse, solve


class Cone:
    """Positive definite matrices by Cholesky factors with logarithms on the diagonal; diagonal ones by logarithms."""

    def __init__(self, order, is_diagonal=False):
        self.order, self.is_diagonal = order, is_diagonal
        self.places = np.diag_indices(order) if is_diagonal else np.tril_indices(order)

    def factor(self, x):
        lower = np.zeros((self.order, self.order))
        lower[self.places] = x
        diagonal = np.diag_indices(self.order)
        lower[diagonal] = np.exp(lower[diagonal])
        return lower

    def gradient(self, lower, g):
        """The derivative by the coordinates, from the symmetric derivative by Q = L L^T."""
        slope = 2 * np.tril(g @ lower)
        diagonal = np.diag_indices(self.order)
        slope[diagonal] *= lower[diagonal]
        return slope[self.places]


def minimised(action, cone):
    """The minimum of S, from Q = 1; `action` gives S and dS/dQ."""

    def objective(x):
        lower = cone.factor(x)
        value, gradient = action(lower @ lower.T, lower)
        return value, cone.gradient(lower, gradient)

    found = optimize.minimize(
        objective, np.zeros(len(cone.places[0])), jac=True, method="L-BFGS-B",
        options={"gtol": 3e-8, "ftol": 1e-15, "maxcor": 20, "maxiter": 1000, "maxfun": 2000})
    lower = cone.factor(found.x)
    return lower @ lower.T, found.nfev


def prior(q, lower):
    return np.trace(q) - 2 * np.log(np.diag(lower)).sum(), np.eye(len(q)) - np.linalg.inv(q)


def bank_fit(x, y, mask, width, is_local):
    bank = Bank(x, mask, is_local)

    def action(q, lower):
        log_determinant, inverse, solve = factored(bank.sum(q))
        u = solve(y)
        value, gradient = prior(q, lower)
        inverse -= np.outer(u, u)
        return value + (log_determinant + y @ u) / width, gradient + bank.traces(inverse) / width

    return minimised(action, Cone(bank.positions, is_local))


def relu_fit(x, y, mask, width):
    """The saddle in (Q, Qbar), by Anderson's iteration of both equations."""
    parts = patches(x, mask)
    means = np.sqrt(np.einsum("ipk,ipk->ip", parts, parts) / parts.shape[2] / (2 * np.pi))
    bank = Bank(x, mask, False, relu_kernel, means)
    n = bank.positions
    half = np.tril_indices(n)
    evaluations = 0

    def symmetric(values):
        matrix = np.zeros((n, n))
        matrix[half] = values
        return matrix + matrix.T - np.diag(np.diag(matrix))

    def residual(z):
        nonlocal evaluations
        evaluations += 1
        q, kernel = symmetric(z[: len(half[0])]), symmetric(z[len(half[0]) :])
        r = np.linalg.inv(np.eye(n) + q)
        a = bank.sum(kernel)
        a += np.tril(means.T @ r @ means) / n
        _, inverse, solve = factored(a)
        u = solve(y)
        solved = solve(means.T)
        projection = means @ u
        by_mean = (means @ solved - np.outer(projection, projection)) / (width * n)
        inverse -= np.outer(u, u)
        by_kernel = bank.traces(inverse) / width
        return np.concatenate([(by_kernel - q)[half], (r - r @ by_mean @ r - kernel)[half]])

    start = np.concatenate([np.zeros(len(half[0])), np.eye(n)[half]])
    found = optimize.anderson(residual, start, M=10, f_tol=1e-9, maxiter=500, alpha=0.5)
    return symmetric(found[len(half[0]) :]), evaluations


def outputs_fit(x, y, width):
    """Q between outputs of an FC network: everything decouples in the eigenvectors of K."""
    kernel, vectors = linalg.eigh(reference.erf_kernel(x), overwrite_a=True, check_finite=False, driver="evd")
    targets = vectors.T @ y

    def action(q, lower):
        w, v = np.linalg.eigh(q)
        a = TEMPERATURE + np.outer(kernel, w)
        rotated = targets @ v
        u = rotated / a
        value, gradient = prior(q, lower)
        slope = np.diag((kernel[:, None] / a).sum(axis=0)) - (kernel[:, None] * u).T @ u
        return value + (np.log(a).sum() + (rotated * u).sum()) / width, gradient + v @ slope @ v.T / width

    return minimised(action, Cone(y.shape[1]))


def comparison(name, count, settings, fit, classes=(3, 8), outputs=1):
    def compare(options):
        if not common.available(options, "the script", scipy=linalg and optimize):
            return None
        size = 30 if options.smallest else count
        width = size // 2
        x, y = data(size, classes, outputs)
        renorm = common.Renorm(options, name, x, y)

        def ours():
            report = renorm.fit(*settings, "--width", width, "--temperature", TEMPERATURE)
            return common.seconds(report, "kernels", "solve"), report

        medians, times, results = common.interleaved(
            options.repetitions, renorm=ours, script=lambda: common.timed(lambda: fit(x, y, width)))
        report, (q, evaluations) = results["renorm"], results["script"]
        return {
            "comparison": f"{name}: MNIST {'/'.join(map(str, classes))}, P = {size}, N = {width}, T = {TEMPERATURE}",
            "ratio": medians["script"] / medians["renorm"],
            "difference": common.relative_difference(q, report["orderParameter"]),
            "evaluations": {"renorm": report["evaluations"], "script": evaluations},
            "medians": medians,
            "times": times,
        }

    return compare


def data(count, classes, outputs):
    """Images and targets: -1 and +1, or for several outputs each class less the mean."""
    if outputs == 1:
        x, y, _, _ = common.mnist(count, classes=classes)
        return x, y
    # No label is -1, so these are the images of one class.
    parts = [common.mnist(-(-count // len(classes)), classes=(-1, label))[0] for label in classes]
    x = np.concatenate(parts)[:count]
    labels = np.concatenate([np.full(len(part), k) for k, part in enumerate(parts)])[:count]
    return x, np.eye(len(classes))[labels] - 1 / len(classes)


def main():
    options = common.arguments(__doc__)
    comparisons = {}
    for count in (100, 500, 1000, 2000):
        comparisons[f"cnn-{count}"] = comparison(
            f"cnn-{count}", count, ["--architecture", "cnn", "--mask", 7],
            lambda x, y, width: bank_fit(x, y, 7, width, False))
    comparisons["lcn-1000"] = comparison(
        "lcn-1000", 1000, ["--architecture", "lcn", "--mask", 7], lambda x, y, width: bank_fit(x, y, 7, width, True))
    comparisons["relu-500"] = comparison(
        "relu-500", 500, ["--architecture", "cnn", "--mask", 14, "--activation", "relu"],
        lambda x, y, width: relu_fit(x, y, 14, width))
    comparisons["outputs-1000"] = comparison(
        "outputs-1000", 1000, ["--architecture", "fc"], outputs_fit, classes=(1, 4, 7), outputs=3)
    common.run(options, comparisons, "scipy")


if __name__ == "__main__":
    main()
