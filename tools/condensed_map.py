#!/usr/bin/env python3
"""The map of docs/condensed.md: MNIST 3/8 over load and temperature, theory and sampling, at several sizes.

    python3 tools/condensed_map.py --data FOLDER --renorm .build/release/renorm   # docs/condensed/map.csv anew, an hour
    python3 tools/condensed_map.py                                # docs/images/condensed-map.png from the table

FOLDER holds the MNIST files that README.md lists. Rows that the table has are kept, so that a run can be continued.
"""

import argparse
import csv
import json
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "condensed" / "map.csv"
IMAGE = ROOT / "docs" / "images" / "condensed-map.png"
LOADS = [0.5, 1, 2, 4, 8]
TEMPERATURES = [0.005, 0.02, 0.1, 0.5]
# Draws of each of four chains; none where only the theory is evaluated.
SIZES = {60: 600, 200: 200, 400: None}
FIELDS = ["examples", "load", "temperature", "width", "logRatio", "readout", "secondLogRatio", "leadingBias",
          "condensedBias", "sampledBias", "biasError", "leadingVariance", "condensedVariance", "sampledVariance",
          "rmsLeading", "rmsCondensed", "rmsError", "sampledReadout", "rHat"]


def measure(renorm, data, examples, load, temperature):
    """A row of the table."""
    width = max(round(examples / load), 4)
    draws = SIZES[examples]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            renorm, "compare" if draws else "fit", "--order", "condensed", "--architecture", "fc", "--width", str(width),
            "--temperature", str(temperature), "--classes", "3,8", "--train-count", str(examples), "--test-count", "100",
            "--pixel-step", "2", "--train", f"{data}/train-images-idx3-ubyte.gz",
            "--train-labels", f"{data}/train-labels-idx1-ubyte.gz", "--test", f"{data}/t10k-images-idx3-ubyte.gz",
            "--test-labels", f"{data}/t10k-labels-idx1-ubyte.gz", "--threads", "1", "--report", str(report), "--quiet"]
        if draws:
            command += ["--samples", str(draws), "--warmup", str(max(draws // 2, 150))]
        # A comparison that fails says so with its exit code; a report is written all the same.
        subprocess.run(command, check=not draws)
        found = json.loads(report.read_text())
    row = {"examples": examples, "load": load, "temperature": temperature, "width": width}
    neuron = found["theory"]["condensed"] if draws else found["condensed"]
    row |= {key: neuron[key] for key in ("logRatio", "readout", "secondLogRatio")}
    if not draws:
        row |= {"condensedBias": found["test"]["bias"], "condensedVariance": found["test"]["variance"]}
        return row
    scores = {line["name"]: line for line in found["comparison"]}
    for name, key in (("bias", "Bias"), ("variance", "Variance")):
        row |= {"leading" + key: scores[name]["theory"], "condensed" + key: scores[name]["corrected"],
                "sampled" + key: scores[name]["sampled"]}
    means = found["predictions"]
    row |= {"biasError": scores["bias"]["standardError"], "rmsLeading": means["rmsDifference"],
            "rmsCondensed": means["rmsDifferenceCorrected"], "rmsError": means["rmsStandardError"],
            "sampledReadout": found["sampled"]["readouts"][0]["mean"],
            "rHat": max(number["rHat"] for number in found["sampled"]["diagnostics"].values())}
    return row


def rows():
    if not TABLE.exists():
        return []
    with TABLE.open(newline="") as file:
        return list(csv.DictReader(file))


def extend(renorm, data):
    TABLE.parent.mkdir(exist_ok=True)
    known = {(int(row["examples"]), float(row["load"]), float(row["temperature"])) for row in rows()}
    if not TABLE.exists():
        TABLE.write_text(",".join(FIELDS) + "\n")
    for examples in SIZES:
        for temperature in TEMPERATURES:
            for load in LOADS:
                if (examples, load, temperature) in known:
                    continue
                row = measure(renorm, data, examples, load, temperature)
                cells = {key: f"{value:.5g}" if isinstance(value, float) else value for key, value in row.items()}
                with TABLE.open("a", newline="") as file:
                    csv.DictWriter(file, FIELDS, lineterminator="\n").writerow(cells)
                print(*(f"{key}={cells[key]}" for key in FIELDS if cells.get(key) is not None), flush=True)


DASHES = [(60, 3), (200, 1), (400, 2)]
COLORS = ["#0072B2", "#D55E00", "#009E73", "#808080"]


def block(name, points):
    return f"${name} << EOD\n" + "\n".join(" ".join(map(str, point)) for point in points) + "\nEOD\n"


def draw():
    table = rows()
    text = f"""set terminal pngcairo size 1000,400 font 'Sans,10'
set output '{IMAGE}'
set encoding utf8
set border linewidth 0.5 linecolor rgb '#404040'
set tics nomirror scale 0.6
set pointsize 0.7
set key noopaque reverse Left samplen 1.5 top left
set logscale x 2
set xlabel 'load α = P/N'
set xrange [0.45:9]
"""
    ratios, errors = [], []
    for color, temperature in zip(COLORS, TEMPERATURES):
        for examples, dashes in DASHES:
            own = sorted((float(row["load"]), row) for row in table
                         if float(row["temperature"]) == temperature and int(row["examples"]) == examples)
            if not own:
                continue
            name = f"t{str(temperature).replace('.', '_')}p{examples}"
            text += block(name, [(load, float(row["logRatio"]) / examples) for load, row in own])
            title = f"title 'T = {temperature}'" if examples == 200 else "notitle"
            ratios.append(f"${name} with linespoints pointtype {dashes + 3} dashtype {dashes} linecolor rgb '{color}' {title}")
            points = [(load, row["rmsLeading"], row["rmsCondensed"], row["rmsError"]) for load, row in own
                      if row["rmsLeading"] and temperature == 0.02]
            if points:
                text += block("e" + name, points)
                for column, kind, tone in ((2, "leading order", COLORS[0]), (3, "condensed", COLORS[1]),
                                           (4, "error of sampling", COLORS[3])):
                    errors.append(f"$e{name} using 1:{column} with linespoints pointtype {dashes + 3} dashtype {dashes} "
                                  f"linecolor rgb '{tone}' title '{kind}, P = {examples}'")
    ratios += [f"keyentry with linespoints pointtype {dashes + 3} dashtype {dashes} linecolor rgb '#404040' "
               f"title 'P = {examples}'" for examples, dashes in DASHES]
    text += f"""set multiplot layout 1,2
set ylabel 'log (Z_1/Z_0) / P'
plot {", ".join(ratios)}
set ylabel 'rms deviation of predictive means, T = 0.02'
set logscale y
set key bottom right
plot {", ".join(errors)}
unset multiplot
"""
    subprocess.run(["gnuplot"], input=text, text=True, check=True)
    print(IMAGE)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--renorm", help="the tool, to extend the table")
    parser.add_argument("--data", help="folder with the MNIST files")
    options = parser.parse_args()
    if options.renorm:
        if not options.data:
            parser.error("--renorm needs --data")
        extend(options.renorm, options.data)
    draw()


main()
