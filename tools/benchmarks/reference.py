"""Networks in NumPy alone: kernels of erf, and what the smallest runs of the comparisons compare renorm with."""

import numpy as np


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


def predictions(x, y, x_test, temperature):
    """Means and variances of an FC network at infinite width."""
    cross = erf_kernel(x, x_test)
    solved = np.linalg.solve(erf_kernel(x) + temperature * np.eye(len(x)), cross)
    return solved.T @ y, erf_diagonal(x_test) - np.einsum("pk,pk->k", cross, solved)


def order_parameter(x, y, width, temperature, lambda1=1.0):
    """The stationary point of the action of an FC network in Q, by halving an interval of log Q."""
    k, vectors = np.linalg.eigh(erf_kernel(x) / lambda1)
    squares = (vectors.T @ y) ** 2

    def slope(logarithm):
        q = np.exp(logarithm)
        a = temperature + q * k
        return q - 1 + q / width * np.sum(k / a - k * squares / a**2)

    low, high = np.log(1e-3), np.log(1e3)
    while high - low > 1e-14 * max(1, abs(low)):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    return np.exp((low + high) / 2)


def cnn_gradient(q, x, y, mask, width, temperature):
    """dS/dQ of a CNN whose patches tile the image, with the kernels of all pairs of positions held at once."""
    side = round(x.shape[1] ** 0.5) // mask
    positions, count = side * side, len(x)
    patches = x.reshape(count, side, mask, side, mask).transpose(1, 3, 0, 2, 4).reshape(positions * count, mask * mask)
    local = erf_kernel(patches).reshape(positions, count, positions, count).transpose(0, 2, 1, 3) / positions
    a = np.einsum("ij,ijpq->pq", q, local) + temperature * np.eye(count)
    inverse = np.linalg.inv(a)
    u = inverse @ y
    forces = np.einsum("ijpq,pq->ij", local, inverse - np.outer(u, u))
    return np.eye(positions) - np.linalg.inv(q) + (forces + forces.T) / (2 * width)


def deep_bank(x, depth):
    """The kernels B_1..B_L of a deep erf network (docs/depth.md), all lambdas 1."""
    kernel = erf_kernel(x)
    bank = [kernel]
    for _ in range(1, depth):
        variances = np.diag(kernel).copy()
        roots = np.sqrt(1 + 2 * variances)
        image = 2 / np.pi * np.arcsin(2 * kernel / np.outer(roots, roots))
        slopes = 2 / (np.sqrt(np.pi) * roots)
        handed = np.outer(slopes, slopes)
        bank = [handed * part for part in bank] + [image - handed * kernel]
        kernel = image
    return bank


def deep_action(bank, y, q, widths, temperature):
    """The action of a deep network, per N_L/2, and its derivatives by log q: with one kernel, that of `vanilla`."""
    paths = np.cumprod(q[::-1])[::-1] if len(bank) > 1 else np.array([np.prod(q)])
    a = sum(path * part for path, part in zip(paths, bank)) + temperature * np.eye(len(y))
    inverse = np.linalg.inv(a)
    u = inverse @ y
    shares = np.array([path * (np.vdot(inverse, part) - u @ part @ u) for path, part in zip(paths, bank)])
    ratios = np.array(widths) / widths[-1]
    data = (np.linalg.slogdet(a)[1] + y @ u) / widths[-1]
    pulled = np.cumsum(shares) if len(bank) > 1 else np.full(len(q), shares[0])
    return np.sum(ratios * (q - np.log(q))) + data, ratios * (q - 1) + pulled / widths[-1]


def nested_action(x, y, q, width, temperature):
    """The action of the theory `nested` with layers of one width, per N/2: K^l = q_l k(K^(l-1))."""
    kernel = q[0] * erf_kernel(x)
    for scale in q[1:]:
        roots = np.sqrt(1 + 2 * np.diag(kernel))
        kernel = scale * 2 / np.pi * np.arcsin(2 * kernel / np.outer(roots, roots))
    a = kernel + temperature * np.eye(len(y))
    return np.sum(q - np.log(q)) + (np.linalg.slogdet(a)[1] + y @ np.linalg.solve(a, y)) / width
