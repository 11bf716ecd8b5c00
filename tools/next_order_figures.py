#!/usr/bin/env python3
"""Draws the pictures of docs/next-order.md with gnuplot, from tables in docs/next-order.

    python3 tools/next_order_figures.py                      # pictures from the tables that are there
    python3 tools/next_order_figures.py --renorm .build/release/renorm      # the table over widths anew, minutes

`width.csv` comes from `renorm compare --order next` on the digits that ship with the project. `calibration.csv` comes from
`tools/benchmarks/calibrate_next_order.py --csv`, which needs MNIST and CIFAR-10. `--tables` and `--images` name other
folders than those of docs.
"""

import argparse
import csv
import json
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLES = ROOT / "docs" / "next-order"
IMAGES = ROOT / "docs" / "images"
WIDTHS = [6, 10, 20, 40, 80, 160]
BLUE, VERMILLION, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#808080"
COMMON = """
set encoding utf8
set datafile separator comma
set border linewidth 0.5 linecolor rgb '#404040'
set tics nomirror scale 0.6
set pointsize 0.6
set key noopaque reverse Left samplen 1.5
"""


def measure(renorm, tables):
    """Compares theory and sampling over widths."""
    rows = []
    for width in WIDTHS:
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.json"
            subprocess.run(
                [renorm, "compare", "--order", "next", "--order-draws", "100000", "--architecture", "cnn", "--mask", "4",
                 "--width", str(width), "--temperature", "0.05", "--train", "notebooks-data/digits/digits.npz",
                 "--classes", "7,9", "--train-count", "60", "--test-count", "100", "--report", str(report), "--quiet"],
                cwd=ROOT, check=True)
            found = json.loads(report.read_text())
        error = next(row for row in found["comparison"] if row["name"] == "generalizationError")
        means = found["predictions"]
        order = found["theory"]["nextOrder"]
        rows.append([width, error["theory"], error["corrected"], error["sampled"], error["standardError"],
                     means["rmsDifference"], means["rmsDifferenceCorrected"], means["rmsStandardError"],
                     order["delta"], order["sigma"], order["class"]])
        print(*rows[-1])
    tables.mkdir(exist_ok=True)
    with (tables / "width.csv").open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["width", "leading", "corrected", "sampled", "error", "rmsLeading", "rmsCorrected", "rmsNoise",
                        "delta", "sigma", "class"])
        table.writerows(rows)


def draw(path, size, script):
    text = f"set terminal pngcairo size {size[0]},{size[1]} font 'Sans,10'\nset output '{path}'\n{COMMON}{script}"
    subprocess.run(["gnuplot"], input=text, text=True, check=True)
    print(path)


def width_picture(tables, images):
    data = tables / "width.csv"
    draw(images / "next-order-width.png", (900, 360), f"""
set multiplot layout 1,2
set logscale x
set xlabel 'width {{/:Italic N}}'
set ylabel 'generalization error' offset 1,0
set xrange [5:200]
plot '{data}' skip 1 using 1:2 with linespoints linecolor rgb '{BLUE}' pointtype 7 title 'leading order', \
  '' skip 1 using 1:3 with linespoints linecolor rgb '{VERMILLION}' pointtype 5 title 'with the next order', \
  '' skip 1 using 1:4:5 with yerrorbars linecolor rgb 'black' pointtype 6 title 'sampled'
set logscale y
set format y '%g'
set ylabel 'rms error of means' offset 1,0
plot '{data}' skip 1 using 1:6 with linespoints linecolor rgb '{BLUE}' pointtype 7 title 'leading order', \
  '' skip 1 using 1:7 with linespoints linecolor rgb '{VERMILLION}' pointtype 5 title 'with the next order', \
  '' skip 1 using 1:8 with lines linecolor rgb '{GREY}' dashtype 2 title 'error of sampling'
""")


def trust_picture(tables, images):
    """What is left of the generalization error against delta, and the means' error over leading against sigma."""
    data = tables / "calibration.csv"
    names = data.read_text().split("\n")[0].split(",")
    column = {name: index + 1 for index, name in enumerate(names)}
    d, s, lead, corr, noise = (column[k] for k in ("delta", "sigma", "leading", "corrected", "percentError"))
    rms, after, error = (column[k] for k in ("rms", "rmsCorrected", "noise"))
    clean = lambda k: f"(sqrt(column({k})**2>column({error})**2?column({k})**2-column({error})**2:1e-8))"
    draw(images / "next-order-trust.png", (900, 360), f"""
set multiplot layout 1,2
set xlabel '|{{/Symbol d}}|'
set ylabel 'generalization error off by, percent' offset 1,0
set logscale xy
set xrange [0.02:10]
set yrange [0.03:100]
set arrow from 1.1,graph 0 to 1.1,graph 1 nohead dashtype 2 linecolor rgb '{GREY}'
set arrow from 1.5,graph 0 to 1.5,graph 1 nohead dashtype 2 linecolor rgb '{GREY}'
set key left top
least(x) = x > 0.03 ? x : 0.03
plot '{data}' skip 1 using (abs(${d})):(least(abs(${lead}))) with points pointtype 6 linecolor rgb '{BLUE}' title 'leading order', \
  '' skip 1 using (abs(${d})):(least(abs(${corr}))) with points pointtype 5 linecolor rgb '{VERMILLION}' title 'with the next order'
unset arrow
set xlabel '{{/Symbol s}}'
set ylabel 'rms error of means' offset 1,0
set xrange [0.003:1]
set yrange [0.001:1]
set arrow from 0.1,graph 0 to 0.1,graph 1 nohead dashtype 2 linecolor rgb '{GREY}'
plot '{data}' skip 1 using {s}:{clean(rms)} with points pointtype 6 linecolor rgb '{BLUE}' title 'leading order', \
  '' skip 1 using {s}:{clean(after)} with points pointtype 5 linecolor rgb '{VERMILLION}' title 'with the next order'
""")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--renorm", help="a built renorm binary, to compute the table over widths anew")
    parser.add_argument("--tables", type=Path, default=TABLES, help="folder of width.csv and calibration.csv")
    parser.add_argument("--images", type=Path, default=IMAGES, help="folder of the pictures")
    options = parser.parse_args()
    if options.renorm:
        measure(str(Path(options.renorm).resolve()), options.tables)
    width_picture(options.tables, options.images)
    trust_picture(options.tables, options.images)


if __name__ == "__main__":
    main()
