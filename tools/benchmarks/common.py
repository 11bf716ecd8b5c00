"""What the comparison scripts share: data, runs of `renorm fit`, interleaved timing, output."""

import argparse
import datetime
import gzip
import importlib
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np


def arguments(description, repetitions=3):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--renorm", required=True, help="the built renorm binary")
    parser.add_argument("--benchmarks", help="the built renorm-benchmarks binary")
    parser.add_argument("--repetitions", type=int, help=f"{repetitions} unless given, 1 with --smallest")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--scratch", type=Path, required=True, help="folder for data and reports")
    parser.add_argument("--json", type=Path, help="write the results to this file")
    parser.add_argument("--only", nargs="+", help="names of the comparisons to run")
    parser.add_argument(
        "--smallest", action="store_true",
        help="smallest sizes, whose times mean nothing; what needs a missing package is left out")
    options = parser.parse_args()
    if options.repetitions is None:
        options.repetitions = 1 if options.smallest else repetitions
    return options


def optional(name):
    """A module, or None where it cannot be imported; `available` says what that means for a run."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def available(options, what, **packages):
    """Whether all packages (None: missing) of a contender are there. Only the smallest run does without."""
    missing = [name.replace("_", "-") for name, module in packages.items() if module is None]
    if missing and not options.smallest:
        sys.exit(f"{what}: missing Python packages: {', '.join(missing)}; without them only --smallest runs")
    if missing:
        leave_out(what, f"missing Python packages: {', '.join(missing)}")
    return not missing


def leave_out(what, reason):
    print(f"{what} is left out: {reason}", file=sys.stderr)


def versions(*packages):
    """The versions of those packages that are installed."""
    found = {}
    for package in packages:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            pass
    return found


def run(options, comparisons, *packages):
    """Runs the chosen comparisons, shows their rows and writes them; a comparison may give None where it cannot run."""
    if unknown := sorted(set(options.only or ()) - comparisons.keys()):
        sys.exit(f"--only: no comparison {', '.join(unknown)}; {', '.join(comparisons)} exist")
    rows = []
    for name in options.only or comparisons:
        row = comparisons[name](options)
        if row is not None:
            rows.append(row)
            show([row])
    setting = machine(options.threads) | versions(*packages)
    print(json.dumps(setting))
    if options.json:
        options.json.write_text(json.dumps({"machine": setting, "rows": rows}, indent=1))


def mnist(train_count, test_count=0, classes=(3, 8), step=1):
    """The first images of two classes, every step-th pixel, standardised by the training entries; labels -1 and +1."""
    folder = os.environ.get("RENORM_DATA")
    if not folder:
        sys.exit("set RENORM_DATA to the folder with the MNIST files that README.md lists")

    def part(stem, count):
        def array(name, header):
            with gzip.open(Path(folder) / name) as file:
                return np.frombuffer(file.read(), dtype=np.uint8, offset=header)

        images = array(f"{stem}-images-idx3-ubyte.gz", 16).reshape(-1, 784)
        labels = array(f"{stem}-labels-idx1-ubyte.gz", 8)
        chosen = np.flatnonzero(np.isin(labels, classes))[:count]
        kept = images[chosen].reshape(-1, 28, 28)[:, ::step, ::step]
        # No -1 here: of an array without elements it could be any number.
        kept = kept.reshape(len(chosen), kept.shape[1] * kept.shape[2])
        return kept / 255.0, np.where(labels[chosen] == classes[1], 1.0, -1.0)

    x, y = part("train", train_count)
    mean, deviation = x.mean(), x.std()
    x_test, y_test = part("t10k", test_count)
    return (x - mean) / deviation, y, (x_test - mean) / deviation, y_test


class Renorm:
    """`renorm` on arrays that both sides read as they are."""

    def __init__(self, options, name, x, y, x_test=None, y_test=None):
        self.side = round(x.shape[1] ** 0.5)
        options.scratch.mkdir(parents=True, exist_ok=True)
        self.options = options
        self.data = options.scratch / f"{name}.npz"
        self.report = options.scratch / f"{name}.json"
        self.predictions = options.scratch / f"{name}.csv"
        arrays = {"x_train": x, "y_train": y}
        if x_test is not None and len(x_test):
            arrays.update(x_test=x_test, y_test=y_test)
        np.savez(self.data, **arrays)

    def fit(self, *settings):
        """Runs `renorm fit` and returns its report."""
        return self.run("fit", *settings)

    def run(self, subcommand, *settings):
        """Runs a command of the tool and returns its report."""
        shape = f"1x{self.side}x{self.side}"
        command = [self.options.renorm, subcommand, "--train", str(self.data), "--shape", shape]
        command += ["--standardize", "none", "--threads", str(self.options.threads)]
        command += ["--report", str(self.report), "--quiet", *map(str, settings)]
        self.report.unlink(missing_ok=True)
        done = subprocess.run(command, check=False)
        # The few draws of the smallest run do not converge, which the tool says after it has written them.
        if done.returncode != 0 and not (self.options.smallest and subcommand == "sample" and done.returncode == 70):
            sys.exit(f"{' '.join(command)}: exit {done.returncode}")
        return json.loads(self.report.read_text())


def seconds(report, *phases):
    return sum(report["timing"][phase] for phase in phases)


def timed(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def interleaved(repetitions, **contenders):
    """Runs contenders in turn, A B A B. Each returns (seconds, result); gives medians, all times, last results.

    A contender that is None is left out of all three.
    """
    contenders = {name: contender for name, contender in contenders.items() if contender is not None}
    times = {name: [] for name in contenders}
    results = {}
    for _ in range(repetitions):
        for name, contender in contenders.items():
            duration, results[name] = contender()
            times[name].append(duration)
    return {name: statistics.median(values) for name, values in times.items()}, times, results


def relative_difference(a, b):
    """The largest difference over the largest element of b."""
    a, b = np.asarray(a), np.asarray(b)
    return float(np.max(np.abs(a - b)) / np.max(np.abs(b)))


def machine(threads):
    model = platform.processor()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":")[1].strip()
                break
    except OSError:
        pass
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "processor": model,
        "threads": threads,
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def limit_threads(count):
    """To be called before NumPy is imported for the first time by anything else."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(count)


def show(rows):
    for row in rows:
        print(json.dumps(row))
