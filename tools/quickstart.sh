#!/usr/bin/env bash
# Installs what is missing, builds renorm in release mode, and compares three architectures at several widths
# on handwritten digits that ship with the project.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/setup.sh
need_swift
# shellcheck disable=SC2086  # a list of words
need_packages $libraries
echo 'Building renorm ...'
swift build -c release --product renorm >&2

reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
renorm=$(swift build -c release --show-bin-path)/renorm

# value KEY FILE: the first number under a key; in a report the held-out scores stand before the training ones.
value() { sed -n "s/^ *\"$1\" : \([-+0-9.eE]*\),\{0,1\}\$/\1/p" "$2" | head -n 1; }

cat <<'TEXT'

Handwritten digits, 7 against 9: P = 100 training and 119 held-out images of 8 x 8 pixels, T = 0.01.
fc  fully connected;  lcn  locally connected;  cnn  convolutional (patches of 4 x 4, every 2 pixels).
The generalization error is bias (of the mean prediction) + variance (of the posterior).

network  width N   alpha = P/N   generalization error     bias   variance   accuracy
TEXT

for architecture in fc lcn cnn; do
  window=
  [ "$architecture" = fc ] || window='--mask 4 --stride 2'
  for width in infinite 100 20 10; do
    size="--width $width"
    [ "$width" != infinite ] || size=--infinite-width
    # shellcheck disable=SC2086  # lists of words
    "$renorm" fit --architecture $architecture $window $size --temperature 0.01 \
      --train notebooks-data/digits/digits.npz --classes 7,9 --train-count 100 \
      --report "$reports/fit.json" --quiet
    report=$reports/fit.json
    LC_ALL=C printf '%-7s  %8s   %11.3g   %20.4f   %6.4f   %8.4f   %8.3f\n' $architecture $width \
      "$(value alpha $report)" "$(value generalizationError $report)" "$(value bias $report)" \
      "$(value variance $report)" "$(value accuracy $report)"
  done
done

cat <<TEXT

What to see: as N shrinks at fixed P, the fc network loses: its one order parameter amounts to another
prior, and its error grows. The local networks learn which patches matter: their order parameter is a number
per patch (lcn) or a matrix over patches (cnn), and their bias falls below that of the infinite network.

Next: $renorm fit --help, and the section "A first fit on your own file" in README.md.
TEXT
