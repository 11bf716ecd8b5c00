#!/usr/bin/env bash
# Installs what is missing, builds in release mode and runs all tests.
#
# RENORM_DATA: folder with MNIST (IDX, gzipped) and CIFAR-10 records; the tests that need them are skipped without it.
# RENORM_SLOW_TESTS: set to run the slow tests and the commands of tools/benchmarks at their smallest size too.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/setup.sh
need_swift
# shellcheck disable=SC2086  # a list of words
need_packages $libraries python3 python3-numpy python3-scipy gnuplot-nox
if [ -z "${RENORM_DATA:-}" ]; then
  echo 'RENORM_DATA is not set: the tests on MNIST and CIFAR-10 files are skipped.'
fi
if [ -z "${RENORM_SLOW_TESTS:-}" ]; then
  echo 'RENORM_SLOW_TESTS is not set: the slow tests are skipped.'
fi
# Tests see internals, which needs a build of its own.
swift test -c release --scratch-path .build/testing -Xswiftc -enable-testing "$@"
if [ -n "${RENORM_SLOW_TESTS:-}" ]; then
  tools/benchmarks/smoke.sh
fi
