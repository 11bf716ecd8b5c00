"""Effective samples of the slowest scalar per second: `renorm sample` beside NumPyro's NUTS on the same density.

The density is that of the hidden weights with the readout integrated out, MNIST 0/1 at every second pixel (14 x 14),
P = 60, T = 0.02, N = 30, erf; once a CNN (mask 7, n = 4), once FC. Both sides sample the whitened weights
sqrt(lambda0) w, in double precision, with as many chains in parallel as there are threads. The scalars are the same on both
sides: the sampled order parameter's diagonal, the log density, and the conditional means and variances of f at the test
points. Their bulk effective sample size is ArviZ's for both. Seconds are those of warm-up and sampling, for NumPyro
without compilation and without the scalars, which are computed from its draws afterwards. The ratio without warm-up stands
beside it.
"""

import os

# Read by XLA when it is loaded: a device for every chain, one thread each.
os.environ["XLA_FLAGS"] = f"--xla_cpu_multi_thread_eigen=false --xla_force_host_platform_device_count={os.cpu_count()}"

import common  # noqa: E402

import collections  # noqa: E402
import statistics  # noqa: E402

import numpy as np  # noqa: E402

arviz = common.optional("arviz")
jax = common.optional("jax")
numpyro = common.optional("numpyro")
if jax is not None:
    import jax.numpy as jnp
    from jax.scipy.linalg import cho_solve, solve_triangular
    from jax.scipy.special import erf

    jax.config.update("jax_enable_x64", True)
if numpyro is not None:
    from numpyro.infer import MCMC, NUTS

TEMPERATURE = 0.02
Sizes = collections.namedtuple("Sizes", "count tests width warmup samples")
FULL = Sizes(count=60, tests=100, width=30, warmup=500, samples=1000)
SMALLEST = Sizes(count=20, tests=3, width=5, warmup=20, samples=20)


def patches(x, mask):
    """Examples x positions x pixels of a patch: non-overlapping squares of a 14 x 14 image, in row-major order."""
    side = 14 // mask
    return x.reshape(-1, side, mask, side, mask).swapaxes(2, 3).reshape(-1, side * side, mask * mask)


def density(train, y, test, width):
    """The log density of whitened weights, and the scalars that are compared."""
    count, positions, inputs = train.shape
    scale = (positions * width) ** -0.5

    def features(z, x):
        # One matrix product, which XLA runs several times faster than an einsum over three axes.
        return scale * erf(x.reshape(-1, inputs) @ z.T * inputs**-0.5).reshape(len(x), -1)

    def factored(z):
        f = features(z, train)
        factor = jnp.linalg.cholesky(f @ f.T + TEMPERATURE * jnp.eye(count))
        return f, factor, cho_solve((factor, True), y)

    def likelihood(z):
        _, factor, u = factored(z)
        return -jnp.sum(jnp.log(jnp.diag(factor))) - 0.5 * y @ u

    def scalars(z):
        f, factor, u = factored(z)
        g = features(z, test)
        whitened = solve_triangular(factor, f @ g.T, lower=True)
        variances = jnp.sum(g * g, axis=1) - jnp.sum(whitened * whitened, axis=0)
        # Given w, v is Gaussian with mean F^T u and covariance 1 - F^T A^-1 F.
        mean = (f.T @ u).reshape(positions, width)
        spread = jnp.sum(solve_triangular(factor, f, lower=True) ** 2, axis=0).reshape(positions, width)
        order = jnp.mean(mean**2 + 1 - spread, axis=1)
        value = likelihood(z) - 0.5 * jnp.sum(z * z)
        return jnp.concatenate([order, value[None], g @ (f.T @ u), variances])

    return likelihood, scalars, (width, inputs)


def theirs(options, sizes, likelihood, scalars, shape, seed):
    def model():
        z = numpyro.sample("z", numpyro.distributions.Normal(0, 1).expand(shape).to_event(2))
        numpyro.factor("likelihood", likelihood(z))

    sampler = MCMC(
        NUTS(model), num_warmup=sizes.warmup, num_samples=sizes.samples, num_chains=options.threads,
        chain_method="parallel", progress_bar=False)
    key = jax.random.PRNGKey(seed)
    # The first run compiles; the second repeats warm-up and sampling with compiled functions.
    sampler.warmup(key)
    sampler.run(key)
    warmup, _ = common.timed(lambda: jax.block_until_ready(sampler.warmup(key)))
    sampling, _ = common.timed(lambda: (sampler.run(key), jax.block_until_ready(sampler.get_samples())))
    draws = sampler.get_samples(group_by_chain=True)["z"]
    each = jax.jit(scalars)
    values = np.array([[each(z) for z in chain] for chain in draws])
    return values, sampling, warmup + sampling


def ours(renorm, sizes, architecture, seed):
    draws = renorm.options.scratch / "draws.npz"
    report = renorm.run(
        "sample", "--architecture", *architecture, "--width", sizes.width, "--temperature", TEMPERATURE,
        "--chains", renorm.options.threads, "--seed", seed, "--warmup", sizes.warmup, "--samples", sizes.samples,
        "--draws", draws)
    arrays = np.load(draws)
    positions = arrays["orderParameter"].shape[-1]
    diagonal = arrays["orderParameter"][..., range(positions), range(positions)]
    values = np.concatenate(
        [diagonal, arrays["logDensity"][..., None], arrays["mean"], arrays["variance"]], axis=-1)
    total = report["timing"]["sample"]
    # The report has one time for both; gradients take nearly all of it.
    sampler = report["sampler"]
    return values, total * sampler["gradients"] / (sampler["gradients"] + sampler["warmupGradients"]), total


def slowest(values):
    return min(float(arviz.ess(values[..., k], method="bulk")) for k in range(values.shape[-1]))


def compare(options, name, architecture, mask):
    has_numpyro = common.available(options, "NumPyro", jax=jax, numpyro=numpyro)
    has_arviz = common.available(options, "the effective sample size", arviz=arviz)
    sizes = SMALLEST if options.smallest else FULL
    x, y, x_test, y_test = common.mnist(sizes.count, sizes.tests, classes=(0, 1), step=2)
    renorm = common.Renorm(options, name, x, y, x_test, y_test)
    if has_numpyro:
        likelihood, scalars, shape = density(patches(x, mask), y, patches(x_test, mask), sizes.width)
    sides = ["renorm", "numpyro"] if has_numpyro else ["renorm"]
    times = {side: [] for side in sides}
    rates = {side: [] for side in sides}
    without_warmup = {side: [] for side in sides}
    draws = {}
    for seed in range(1, options.repetitions + 1):
        contenders = {
            "renorm": lambda seed=seed: ours(renorm, sizes, architecture, seed),
            "numpyro": lambda seed=seed: theirs(options, sizes, likelihood, scalars, shape, seed),
        }
        for side in sides:
            draws[side], sampling, total = contenders[side]()
            times[side].append(total)
            if has_arviz:
                effective = slowest(draws[side])
                rates[side].append(effective / total)
                without_warmup[side].append(effective / sampling)
    medians = {side: statistics.median(values) for side, values in times.items()}
    row = {"comparison": name, "target": 3, "medians": medians, "times": times}
    if options.smallest:
        row |= checked(draws["renorm"], x, x_test, mask, sizes)
    if has_arviz:
        row["effective_per_second"] = rates
    if has_arviz and has_numpyro:
        row |= agreement(rates, without_warmup, draws)
    return row


def checked(draws, x, x_test, mask, sizes):
    """What NumPy can say of draws: their counts, and the bound by the prior on the variances of f."""
    positions = patches(x, mask).shape[1]
    variances = draws[..., positions + 1 + sizes.tests:]
    return {
        "draws": int(np.prod(draws.shape[:2])),
        "scalars": draws.shape[2],
        "expected_scalars": positions + 1 + 2 * sizes.tests,
        "all_finite": bool(np.all(np.isfinite(draws))),
        # Given w, the variance of f is at most |phi|^2 / (n N) <= 1, as |erf| <= 1.
        "smallest_variance": float(variances.min()),
        "largest_variance": float(variances.max()),
    }


def agreement(rates, without_warmup, draws):
    """Ratios, and whether both sides sample the same density."""
    means = {side: values.mean(axis=(0, 1)) for side, values in draws.items()}
    errors = {
        side: [float(arviz.mcse(values[..., k])) for k in range(values.shape[-1])] for side, values in draws.items()}
    # Differences of means in units of their Monte Carlo errors.
    z = np.abs(means["renorm"] - means["numpyro"]) / np.hypot(errors["renorm"], errors["numpyro"])
    median = {side: float(np.median(values)) for side, values in rates.items()}
    return {
        "ratio": median["renorm"] / median["numpyro"],
        "ratio_without_warmup": float(np.median(without_warmup["renorm"]) / np.median(without_warmup["numpyro"])),
        "median_z": float(np.median(z)),
        "largest_z": float(np.max(z)),
    }


def main():
    options = common.arguments(__doc__)
    comparisons = {
        "cnn": lambda options: compare(options, "sample-cnn", ["cnn", "--mask", "7"], 7),
        "fc": lambda options: compare(options, "sample-fc", ["fc"], 14),
    }
    common.run(options, comparisons, "numpyro", "jax", "arviz")


if __name__ == "__main__":
    main()
