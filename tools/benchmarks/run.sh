#!/usr/bin/env bash
# Builds in release mode and runs all benchmarks; results go to tools/benchmarks/.build/results.
#
# RENORM_DATA: folder with the MNIST and CIFAR-10 files that README.md lists.
# REPETITIONS: repetitions of the Swift benchmarks (default 5).
# Arguments choose parts: kernels evaluations sweep deep deepbays sklearn script growth numpyro (default: all).
set -euo pipefail
cd "$(dirname "$0")"
. ../setup.sh
need_swift
# shellcheck disable=SC2086  # a list of words
need_packages $libraries python3 python3-venv
[ -n "${RENORM_DATA:-}" ] || fail 'set RENORM_DATA to a folder with the MNIST and CIFAR-10 files; see README.md'

# The library's internals are measured too, hence -enable-testing; the tool is built as its users build it.
# The plan of an earlier build does not see new files of the library, which is a package by path.
rm -f .build/release.yaml
swift build -c release -Xswiftc -enable-testing >&2
swift build -c release --package-path ../.. --product renorm >&2
benchmarks=$(swift build -c release -Xswiftc -enable-testing --show-bin-path)/renorm-benchmarks
renorm=$(swift build -c release --package-path ../.. --show-bin-path)/renorm
results=.build/results
mkdir -p "$results"

threads=$(nproc)
export OPENBLAS_NUM_THREADS=$threads OMP_NUM_THREADS=$threads
repetitions=${REPETITIONS:-5}

need_python() {
  venv=.build/venv
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet "$@" >&2
}

compare() {
  "$venv/bin/python" "compare_$1.py" --renorm "$renorm" --benchmarks "$benchmarks" --threads "$threads" \
    --scratch .build/scratch --json "$results/$1.json"
}

for part in "${@:-all}"; do
  case $part in
    kernels | all)
      for examples in 100 1000; do
        "$benchmarks" kernels --examples $examples --repetitions "$repetitions" \
          --json "$results/kernels-$examples.json"
      done ;;&
    evaluations | all) "$benchmarks" evaluations --json "$results/evaluations.json" ;;&
    sweep | all)
      "$benchmarks" sweep --json "$results/sweep-cnn.json"
      "$benchmarks" sweep --architecture fc --examples 1000 --width 500 --temperature 'logspace(0.001,10,20)' \
        --lambda1 'logspace(0.01,100,20)' --json "$results/sweep-fc.json" ;;&
    deep | all) need_python numpy scipy && compare deep ;;&
    deepbays | all) need_python deepbays && compare deepbays ;;&
    sklearn | all) need_python numpy scipy scikit-learn && compare sklearn ;;&
    script | all) need_python numpy scipy && compare script ;;&
    growth | all)
      need_python numpy
      "$venv/bin/python" growth.py --renorm "$renorm" --scratch .build/scratch --json "$results/growth.json" ;;&
    numpyro | all) need_python numpy numpyro arviz && compare numpyro ;;&
    all | kernels | evaluations | sweep | deep | deepbays | sklearn | script | growth | numpyro) ;;
    *) fail "unknown part '$part'; kernels, evaluations, sweep, deep, deepbays, sklearn, script, growth and numpyro exist" ;;
  esac
done
