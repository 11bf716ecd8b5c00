#!/usr/bin/env bash
# Draws the pictures of docs/plots.md from the digits that ship with the project, into docs/images.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/setup.sh
need_swift
# shellcheck disable=SC2086  # a list of words
need_packages $libraries gnuplot-nox
swift build -c release --product renorm >&2
renorm=$(swift build -c release --show-bin-path)/renorm
images=docs/images
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$images"

digits="--train notebooks-data/digits/digits.npz --classes 7,9 --train-count 100"

# value KEY FILE: the first number under a key; in a report the held-out scores stand before the training ones.
value() { sed -n "s/^ *\"$1\" : \([-+0-9.eE]*\),\{0,1\}\$/\1/p" "$2" | head -n 1; }
flag() { sed -n "s/^ *\"$1\" : \(true\|false\),\{0,1\}\$/\1/p" "$2" | head -n 1; }

# A table as a sweep writes it, of three architectures, seven widths, temperatures and readout precisions.
table=$work/table.csv
echo 'architecture,width,infiniteWidth,temperature,lambda1,trainCount,shuffleSeed,alpha,status,converged,bias,variance,generalizationError,accuracy' >"$table"
point() { # ARCHITECTURE WIDTH TEMPERATURE LAMBDA1 SEED
  local window= size="--width $2" width=$2
  [ "$1" = fc ] || window='--mask 4 --stride 2'
  if [ "$2" = infinite ]; then size=--infinite-width width=; fi
  # shellcheck disable=SC2086  # lists of words
  "$renorm" fit --architecture "$1" $window $size --temperature "$3" --lambda1 "$4" --shuffle-seed "$5" $digits \
    --report "$work/fit.json" --quiet
  report=$work/fit.json
  echo "$1,$width,$(flag infiniteWidth $report),$3,$4,100,$5,$(value alpha $report),ok,$(flag converged $report),$(value bias $report),$(value variance $report),$(value generalizationError $report),$(value accuracy $report)" >>"$table"
}
for architecture in fc lcn cnn; do
  for width in 5 10 20 50 100 300 infinite; do
    for seed in 1 2 3 4 5; do point $architecture $width 0.01 1 $seed; done
  done
done
for temperature in 0.001 0.003 0.01 0.03 0.1 0.3; do
  for lambda1 in 0.1 0.3 1 3 10 30; do
    # The first seed stands in the table at T = 0.01 and lambda1 = 1 already.
    [ $temperature,$lambda1 = 0.01,1 ] || point cnn 20 $temperature $lambda1 1
  done
done

# shellcheck disable=SC2086  # lists of words
{
  "$renorm" fit --architecture cnn --mask 4 --stride 2 --width 20 --temperature 0.01 $digits \
    --model "$work/model.npz" --predictions "$work/predictions.csv" --report "$work/report.json" --quiet
  "$renorm" fit --architecture fc --activation linear --width 20 --temperature 0.05 $digits --model "$work/linear.npz" --quiet
}
"$renorm" fit --architecture fc --width 100 --temperature 0.01 --train notebooks-data/digits/digits.npz --classification \
  --train-count 300 --model "$work/ten.npz" --predictions "$work/ten.csv" --report "$work/ten.json" --quiet

"$renorm" plot error "$table" --filter temperature=0.01 --filter lambda1=1 --output $images/error.png
"$renorm" plot heatmap "$table" --filter architecture=cnn --filter width=20 --filter shuffle-seed=1 \
  --output $images/heatmap.png
"$renorm" plot order-parameter "$work/model.npz" --output $images/order-parameter.png
"$renorm" plot order-parameter "$work/ten.npz" --scale symlog --output $images/order-parameter-classes.png
"$renorm" plot similarity "$work/linear.npz" --output $images/similarity.png
"$renorm" plot predictions "$work/predictions.csv" --report "$work/report.json" --output $images/predictions.png
"$renorm" plot predictions "$work/ten.csv" --report "$work/ten.json" --output $images/predictions-classes.png
"$renorm" plot calibration "$work/predictions.csv" --report "$work/report.json" --output $images/calibration.png
ls -l $images
