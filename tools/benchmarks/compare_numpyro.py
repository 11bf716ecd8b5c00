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

import importlib.metadata  # noqa: E402
import json  # noqa: E402

import arviz  # noqa: E402
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
import numpyro  # noqa: E402
from jax.scipy.linalg import cho_solve, solve_triangular  # noqa: E402
from jax.scipy.special import erf  # noqa: E402
from numpyro.infer import MCMC, NUTS  # noqa: E402

jax.config.update("jax_enable_x64", True)

COUNT, TESTS, WIDTH, TEMPERATURE = 60, 100, 30, 0.02
WARMUP, SAMPLES = 500, 1000


def patches(x, mask):
    """Examples x positions x pixels of a patch: non-overlapping squares of a 14 x 14 image, in row-major order."""
    side = 14 // mask
    return x.reshape(-1, side, mask, side, mask).swapaxes(2, 3).reshape(-1, side * side, mask * mask)


def density(train, y, test):
    """The log density of whitened weights, and the scalars that are compared."""
    count, positions, inputs = train.shape
    scale = (positions * WIDTH) ** -0.5

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
        mean = (f.T @ u).reshape(positions, WIDTH)
        spread = jnp.sum(solve_triangular(factor, f, lower=True) ** 2, axis=0).reshape(positions, WIDTH)
        order = jnp.mean(mean**2 + 1 - spread, axis=1)
        value = likelihood(z) - 0.5 * jnp.sum(z * z)
        return jnp.concatenate([order, value[None], g @ (f.T @ u), variances])

    return likelihood, scalars, (WIDTH, inputs)


def theirs(options, likelihood, scalars, shape, seed):
    def model():
        z = numpyro.sample("z", numpyro.distributions.Normal(0, 1).expand(shape).to_event(2))
        numpyro.factor("likelihood", likelihood(z))

    sampler = MCMC(
        NUTS(model), num_warmup=WARMUP, num_samples=SAMPLES, num_chains=options.threads, chain_method="parallel",
        progress_bar=False)
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


def ours(renorm, architecture, seed):
    draws = renorm.options.scratch / "draws.npz"
    report = renorm.run(
        "sample", "--architecture", *architecture, "--width", WIDTH, "--temperature", TEMPERATURE,
        "--chains", renorm.options.threads, "--seed", seed, "--warmup", WARMUP, "--samples", SAMPLES, "--draws", draws)
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
    x, y, x_test, y_test = common.mnist(COUNT, TESTS, classes=(0, 1), step=2)
    renorm = common.Renorm(options, name, x, y, x_test, y_test)
    likelihood, scalars, shape = density(patches(x, mask), y, patches(x_test, mask))
    rates = {"renorm": [], "numpyro": []}
    without_warmup = {"renorm": [], "numpyro": []}
    means, errors = {}, {}
    for seed in range(1, options.repetitions + 1):
        contenders = {
            "renorm": lambda seed=seed: ours(renorm, architecture, seed),
            "numpyro": lambda seed=seed: theirs(options, likelihood, scalars, shape, seed),
        }
        for side, contender in contenders.items():
            values, sampling, total = contender()
            effective = slowest(values)
            rates[side].append(effective / total)
            without_warmup[side].append(effective / sampling)
            means[side] = values.mean(axis=(0, 1))
            errors[side] = [float(arviz.mcse(values[..., k])) for k in range(values.shape[-1])]
    # Both sides must sample the same density: differences of means in units of their Monte Carlo errors.
    z = np.abs(means["renorm"] - means["numpyro"]) / np.hypot(errors["renorm"], errors["numpyro"])
    median = {side: float(np.median(values)) for side, values in rates.items()}
    return {
        "comparison": name,
        "ratio": median["renorm"] / median["numpyro"],
        "target": 3,
        "ratio_without_warmup": float(np.median(without_warmup["renorm"]) / np.median(without_warmup["numpyro"])),
        "effective_per_second": rates,
        "median_z": float(np.median(z)),
        "largest_z": float(np.max(z)),
    }



def main():
    options = common.arguments(__doc__)
    comparisons = {
        "cnn": lambda: compare(options, "sample-cnn", ["cnn", "--mask", "7"], 7),
        "fc": lambda: compare(options, "sample-fc", ["fc"], 14),
    }
    rows = []
    for name in options.only or comparisons:
        rows.append(comparisons[name]())
        common.show(rows[-1:])
    setting = common.machine(options.threads) | {
        package: importlib.metadata.version(package) for package in ("numpyro", "jax", "arviz")}
    print(json.dumps(setting))
    if options.json:
        options.json.write_text(json.dumps({"machine": setting, "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
