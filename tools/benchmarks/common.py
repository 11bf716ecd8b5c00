"""What the comparison scripts share: data, runs of `renorm fit`, interleaved timing, output."""

import argparse
import datetime
import gzip
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
    parser.add_argument("--repetitions", type=int, default=repetitions)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--scratch", type=Path, required=True, help="folder for data and reports")
    parser.add_argument("--json", type=Path, help="write the results to this file")
    parser.add_argument("--only", nargs="+", help="names of the comparisons to run")
    return parser.parse_args()


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
        kept = images[chosen].reshape(-1, 28, 28)[:, ::step, ::step].reshape(len(chosen), -1)
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
        subprocess.run(command, check=True)
        return json.loads(self.report.read_text())


def seconds(report, *phases):
    return sum(report["timing"][phase] for phase in phases)


def timed(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def interleaved(repetitions, **contenders):
    """Runs contenders in turn, A B A B. Each returns (seconds, result); gives medians, all times, last results."""
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
