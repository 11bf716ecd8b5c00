#!/usr/bin/env bash
# Builds renorm-benchmarks in debug mode and runs each of its commands at its smallest size, so that the package of
# the benchmarks cannot break unseen. The times that it prints mean nothing.
#
# RENORM_DATA: folder with the MNIST and CIFAR-10 files that README.md lists; without it nothing is done.
set -euo pipefail
cd "$(dirname "$0")"
. ../setup.sh
if [ -z "${RENORM_DATA:-}" ]; then
  echo 'RENORM_DATA is not set: the benchmarks are not run.'
  exit 0
fi
need_swift
# shellcheck disable=SC2086  # a list of words
need_packages $libraries
python3 -c 'import numpy' 2>/dev/null || need_packages python3 python3-numpy

# The plan of an earlier build does not see new files of the library, which is a package by path.
rm -f .build/debug.yaml
swift build -Xswiftc -enable-testing >&2
benchmarks=$(swift build -Xswiftc -enable-testing --show-bin-path)/renorm-benchmarks
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$benchmarks" kernels --positions 4 --examples 20 --held-out 3 --dgemm-order 50 --inner-rows 50 --repetitions 1 \
  --threads 1 --json "$scratch/kernels.json"
"$benchmarks" evaluations --positions 4 --examples 20 --targets 1 --threads 1 --json "$scratch/evaluations.json"
for architecture in fc cnn; do
  "$benchmarks" sweep --architecture $architecture --examples 20 --held-out 5 --width 10,20 --temperature 0.1,1 \
    --lambda1 1 --every 2 --threads 1 --json "$scratch/sweep-$architecture.json"
done
# The grid stands beside NumPy; this comparison does not run the tool.
python3 compare_deepbays.py --smallest --only grid --renorm none --benchmarks "$benchmarks" --threads 1 \
  --scratch "$scratch" --json "$scratch/grid.json"

python3 - "$scratch" <<'PYTHON'
import json, pathlib, sys

folder = pathlib.Path(sys.argv[1])

def check(what, value, accepted):
    if not accepted:
        sys.exit(f"smoke.sh: {what} is {value}")

def report(name):
    return json.loads((folder / name).read_text())

for row in report("kernels.json")["rows"]:
    check(f"the time of '{row['work']}'", row["milliseconds"], 0 < row["milliseconds"] < float("inf"))
for row in report("evaluations.json")["rows"]:
    fit = row["fit"]
    check(f"the gradient norm at {row['problem']}", fit["gradientNorm"], fit["converged"] and fit["gradientNorm"] <= 1e-8)
for architecture in ("fc", "cnn"):
    # A point of a sweep and a fit of its own end at gradient norms of 1e-8.
    difference = report(f"sweep-{architecture}.json")["difference"]
    check(f"the difference of the sweep of {architecture}", difference, difference < 1e-6)
difference = report("grid.json")["rows"][0]["difference_numpy"]
check("the difference of the grid from NumPy", difference, difference < 1e-6)
PYTHON
echo 'All commands of renorm-benchmarks run.'
