"""Compares the numbers that two builds of renorm print for the same command lines: a check for changes of structure.

    python3 tools/compare_binaries.py OLD NEW [--tolerance 1e-12] [--every K]

Needs notebooks-data/digits only. Keys that only one of the reports has, timing and memory are left out; a number that was
null and is known now is listed, and does not count.
"""

import argparse
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = ["--train", str(ROOT / "notebooks-data/digits/digits.npz"), "--train-count", "40", "--test-count", "30"]
IGNORED = {"timing", "memory", "version", "warnings", "gradientNorm", "gradientRounding", "data"}


def command_lines():
    """Fits of every architecture, activation and readout, several outputs, and a few runs of the sampler."""
    common = ["fit", *DATA, "--quiet", "--report", "-", "--threads", "1"]
    fit = [*common, "--temperature", "0.02"]
    two = ["--classes", "7,9"]
    for architecture, activation in itertools.product(["fc", "lcn", "cnn"], ["erf", "relu", "linear"]):
        shape = [] if architecture == "fc" else ["--mask", "4"]
        for width in (["--width", "20"], ["--infinite-width"]):
            yield [*fit, *two, "--architecture", architecture, "--activation", activation, *shape, *width]
    for readout in (["mean-pool"], ["exponential", "--length-scale", "1.5"], ["matern32", "--length-scale", "2"]):
        for activation in ("erf", "relu"):
            yield [*fit, *two, "--architecture", "cnn", "--mask", "4", "--width", "30", "--readout", *readout,
                   "--activation", activation]
    for extra in (["--lambda0", "0.5"], ["--lambda1", "3"], ["--standardize", "feature"], ["--stride", "2"]):
        yield [*fit, *two, "--architecture", "cnn", "--mask", "4", "--width", "40", *extra]
    for temperature in ("1e-4", "1", "100"):
        yield [*common, "--temperature", temperature, *two, "--architecture", "fc", "--width", "10"]
    for extra in (["--likelihood", "softmax"], ["--depth", "2"], ["--lambda-bias", "2"], ["--node-prior", "gamma",
                  "--node-parameter", "3"]):
        yield [*common, "--temperature", "0.1", *two, "--architecture", "fc", "--width", "20", *extra]
    three = ["--classes", "1,4,7"]
    for activation in ("erf", "relu"):
        yield [*fit, *three, "--architecture", "fc", "--width", "30", "--activation", activation]
        yield [*fit, *three, "--architecture", "cnn", "--mask", "4", "--readout", "mean-pool", "--width", "30",
               "--activation", activation]
    yield [*fit, *three, "--architecture", "cnn", "--mask", "4", "--infinite-width"]
    for command in ("sample", "compare"):
        for architecture in (["fc"], ["cnn", "--mask", "4"]):
            yield [command, *DATA, *two, "--temperature", "0.1", "--width", "10", "--architecture", *architecture,
                   "--samples", "60", "--warmup", "60", "--chains", "2", "--seed", "3", "--quiet", "--report", "-",
                   "--threads", "1"]


def numbers(value, path=""):
    """The numbers of a report by their paths."""
    if isinstance(value, dict):
        for key, member in value.items():
            if key not in IGNORED:
                yield from numbers(member, f"{path}.{key}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from numbers(member, f"{path}[{index}]")
    elif isinstance(value, bool):
        if path.endswith(".converged"):
            yield path, int(value)
    elif isinstance(value, (int, float)):
        yield path, value


def report(binary, arguments, folder):
    run = subprocess.run([binary, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode not in (0, 70) or not run.stdout:
        sys.exit(f"{binary} {' '.join(arguments)}: exit {run.returncode}: {run.stderr.strip()}")
    return dict(numbers(json.loads(run.stdout)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("new", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--tolerance", type=float, default=1e-12)
    parser.add_argument("--every", type=int, default=1, metavar="K", help="every K-th command line only")
    options = parser.parse_args()
    if options.every < 1:
        parser.error("--every is at least 1")
    worst, count, differing = 0.0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for arguments in itertools.islice(command_lines(), 0, None, options.every):
            count += 1
            old, new = (report(binary, arguments, folder) for binary in (options.old, options.new))
            shown = " ".join(arguments)
            for path in sorted(old.keys() & new.keys()):
                error = abs(old[path] - new[path]) / max(1.0, abs(old[path]))
                worst = max(worst, error)
                if error > options.tolerance:
                    differing += 1
                    print(f"{shown}\n  {path}: {old[path]} {new[path]} ({error:.1e})")
            if missing := sorted(old.keys() - new.keys()):
                differing += len(missing)
                print(f"{shown}\n  no longer there: {', '.join(missing)}")
    print(f"{count} command lines, largest difference {worst:.1e}, {differing} above {options.tolerance:.0e}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
