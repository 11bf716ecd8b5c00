"""How far results of the next order in 1/N are off, by class of trust: `renorm compare --order next` on 30 problems.

    RENORM_DATA=/folder/with/data tools/benchmarks/calibrate_next_order.py --renorm .build/release/renorm \
        --scratch tools/benchmarks/.build/calibration

None of the problems was used to choose the thresholds of the classes. They are MNIST at every second pixel (14 x 14) and
CIFAR-10 airplane/automobile at every second pixel (3 x 16 x 16), 100 held-out examples, FC, LCN and CNN (n = 4, 9, 16), erf,
relu and linear. Reports stay in the scratch folder, and a problem with a report is not run again. A table in Markdown is
printed, and a summary by class: medians and maxima of how far the generalization error is off in percent, and of the ratio
of the means' errors, corrected over leading, each with the sampling error taken off in squares.
"""

import argparse
import collections
import csv
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

Problem = collections.namedtuple("Problem", "architecture activation data mask width count temperature lambda1")
CIFAR = "cifar"


def problem(architecture, activation, data, mask, width, count, temperature, lambda1=1):
    return Problem(architecture, activation, data, mask, width, count, temperature, lambda1)


# mask: (pixels, stride); 7 is n = 4 and (5, 4) n = 9, (3, 3) n = 16 of 14 x 14; 8 is n = 4 and (5, 5) n = 9 of 16 x 16.
PROBLEMS = [
    problem("fc", "erf", (1, 7), None, 50, 50, 0.05),
    problem("fc", "erf", (5, 8), None, 40, 40, 0.05),
    problem("fc", "erf", (2, 7), None, 30, 30, 0.1),
    problem("fc", "erf", (7, 9), None, 60, 60, 0.1),
    problem("fc", "relu", (5, 8), None, 40, 40, 0.1),
    problem("fc", "relu", (2, 3), None, 50, 50, 0.05),
    problem("fc", "linear", (7, 9), None, 10, 50, 0.05),
    problem("fc", "linear", (3, 5), None, 20, 60, 0.05, 3),
    problem("cnn", "erf", (2, 7), (7, 7), 25, 40, 0.05),
    problem("cnn", "erf", (5, 8), (7, 7), 30, 50, 0.02),
    problem("cnn", "erf", (1, 7), (5, 4), 20, 40, 0.02),
    problem("cnn", "erf", (7, 9), (3, 3), 30, 50, 0.05),
    problem("cnn", "erf", (3, 5), (3, 3), 40, 60, 0.1),
    problem("cnn", "relu", (3, 5), (7, 7), 30, 40, 0.1),
    problem("cnn", "relu", (4, 7), (5, 4), 30, 40, 0.05),
    problem("cnn", "linear", (5, 8), (7, 7), 15, 50, 0.05),
    problem("lcn", "erf", (5, 8), (7, 7), 25, 40, 0.05),
    problem("lcn", "erf", (7, 9), (5, 4), 20, 50, 0.05),
    problem("lcn", "relu", (2, 3), (7, 7), 25, 40, 0.05),
    problem("lcn", "linear", (4, 7), (7, 7), 10, 40, 0.1),
    problem("fc", "erf", CIFAR, None, 40, 30, 0.1),
    problem("fc", "relu", CIFAR, None, 40, 30, 0.1),
    problem("cnn", "erf", CIFAR, (8, 8), 25, 40, 0.05),
    problem("cnn", "erf", CIFAR, (5, 5), 30, 40, 0.05),
    problem("lcn", "erf", CIFAR, (8, 8), 20, 40, 0.1),
    problem("cnn", "relu", CIFAR, (8, 8), 30, 40, 0.1),
    problem("fc", "erf", (0, 6), None, 15, 40, 0.02),
    problem("fc", "erf", (3, 5), None, 15, 50, 0.05),
    problem("cnn", "erf", (3, 8), (7, 7), 8, 50, 0.05),
    problem("lcn", "erf", (4, 9), (7, 7), 8, 50, 0.05),
]


def name(p):
    data = "cifar" if p.data == CIFAR else "".join(map(str, p.data))
    mask = "" if p.mask is None else f"-{p.mask[0]}-{p.mask[1]}"
    return f"{p.architecture}-{p.activation}-{data}{mask}-N{p.width}-P{p.count}-T{p.temperature}-l{p.lambda1}"


def command(options, p, report):
    data = Path(os.environ.get("RENORM_DATA", "."))
    words = [options.renorm, "compare", "--order", "next", "--architecture", p.architecture,
             "--activation", p.activation, "--width", p.width, "--temperature", p.temperature, "--lambda1", p.lambda1,
             "--train-count", p.count, "--test-count", options.tests, "--pixel-step", 2, "--order-draws", options.draws * (5 if p.architecture == "fc" else 1),
             "--samples", options.samples, "--warmup", options.warmup, "--report", report, "--quiet"]
    if p.mask is not None:
        words += ["--mask", p.mask[0], "--stride", p.mask[1]]
    if p.data == CIFAR:
        words += ["--train", data / "cifar10-airplane-automobile-train.bin",
                  "--test", data / "cifar10-airplane-automobile-test.bin", "--classes", "0,1"]
    else:
        words += ["--train", data / "train-images-idx3-ubyte.gz", "--train-labels", data / "train-labels-idx1-ubyte.gz",
                  "--test", data / "t10k-images-idx3-ubyte.gz", "--test-labels", data / "t10k-labels-idx1-ubyte.gz",
                  "--classes", ",".join(map(str, p.data))]
    return [str(word) for word in words]


def entry(report, quantity):
    return next(row for row in report["comparison"] if row["name"] == quantity)


def row(p, report):
    """The numbers of a report that the table needs."""
    order = report["theory"]["nextOrder"]
    means = report["predictions"]
    error = entry(report, "generalizationError")
    noise = means["rmsStandardError"]
    clean = [max(means[key] ** 2 - noise ** 2, 0) ** 0.5 for key in ("rmsDifference", "rmsDifferenceCorrected")]
    percent = [100 * (error[key] / error["sampled"] - 1) for key in ("theory", "corrected")]
    return {
        "problem": p, "delta": order["delta"], "deltaError": (order["standardErrors"] or {}).get("delta", 0.0),
        "sigma": order["sigma"], "class": order["class"], "omitted": order["omitted"],
        "leading": percent[0], "corrected": percent[1], "percentError": 100 * error["standardError"] / error["sampled"],
        "rms": means["rmsDifference"], "rmsCorrected": means["rmsDifferenceCorrected"], "noise": noise,
        "drawNoise": (order["standardErrors"] or {}).get("means", 0.0),
        "ratio": clean[1] / clean[0] if clean[0] > 0 else None,
        "verdict": report["correctedVerdict"]["agrees"], "leadingVerdict": report["verdict"]["agrees"],
    }


def title(p):
    data = "CIFAR-10" if p.data == CIFAR else f"{p.data[0]}/{p.data[1]}"
    positions = {None: "", (7, 7): ", n = 4", (8, 8): ", n = 4", (5, 4): ", n = 9", (5, 5): ", n = 9", (3, 3): ", n = 16"}
    prior = "" if p.lambda1 == 1 else f", lambda1 = {p.lambda1}"
    return (f"{p.architecture.upper()} {p.activation} {data}{positions[p.mask]}, P = {p.count}, N = {p.width}, "
            f"T = {p.temperature}{prior}")


def show(rows):
    print("| problem | delta (error) | sigma | class | generalization error off by, percent: leading / corrected / "
          "error of sampling | rms error of means: leading / corrected / sampling |")
    print("|---|---|---|---|---|---|")
    for r in rows:
        delta = f"{r['delta']:.2f} ({r['deltaError']:.2f})" if r["deltaError"] else "0"
        print(f"| {title(r['problem'])} | {delta} | {r['sigma']:.3f} | {r['class']} | {r['leading']:.2f} / "
              f"{r['corrected']:.2f} / {r['percentError']:.2f} | {r['rms']:.4f} / {r['rmsCorrected']:.4f} / "
              f"{r['noise']:.4f} |")
    print("\n| class | problems | generalization error off by, percent, median (largest): leading | corrected | "
          "corrected over leading error of means, median (largest) |")
    print("|---|---|---|---|---|")
    for kind in ("reliable", "check", "sample"):
        own = [r for r in rows if r["class"] == kind]
        if not own:
            continue
        def both(values):
            return f"{statistics.median(values):.2f} ({max(values):.2f})"
        ratios = [r["ratio"] for r in own if r["ratio"] is not None]
        print(f"| {kind} | {len(own)} | {both([abs(r['leading']) for r in own])} | "
              f"{both([abs(r['corrected']) for r in own])} | {both(ratios)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--renorm", required=True, help="the built renorm binary")
    parser.add_argument("--scratch", type=Path, required=True, help="folder for reports")
    parser.add_argument("--samples", type=int, default=600, help="kept draws of each of four chains")
    parser.add_argument("--warmup", type=int, default=250)
    parser.add_argument("--tests", type=int, default=100, help="held-out examples")
    parser.add_argument("--draws", type=int, default=60000, help="of a hidden unit; FC takes five times as many, each cheaper")
    parser.add_argument("--csv", type=Path, help="write the rows to this file, for tools/next_order_figures.py")
    parser.add_argument("--only", type=int, nargs="+", help="numbers of problems, from 0")
    parser.add_argument("--show", action="store_true", help="show what is there; run nothing")
    options = parser.parse_args()
    options.scratch.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in options.only or range(len(PROBLEMS)):
        p = PROBLEMS[number]
        report = options.scratch / (name(p) + ".json")
        if not report.exists() and not options.show:
            print(f"{number}: {title(p)}", file=sys.stderr)
            part = report.with_suffix(".part")
            # 70: the chains have not converged; the report is written all the same.
            result = subprocess.run(command(options, p, part))
            if result.returncode not in (0, 70):
                sys.exit(f"{title(p)}: exit code {result.returncode}")
            part.rename(report)
        if report.exists():
            rows.append(row(p, json.loads(report.read_text())))
    show(rows)
    if options.csv:
        with options.csv.open("w", newline="") as file:
            names = [key for key in rows[0] if key not in ("omitted", "ratio")]
            table = csv.DictWriter(file, names, extrasaction="ignore", lineterminator="\n")
            table.writeheader()
            table.writerows({**r, "problem": title(r["problem"])} for r in rows)


if __name__ == "__main__":
    main()
