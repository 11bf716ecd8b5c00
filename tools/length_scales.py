#!/usr/bin/env python3
"""Picks the best temperature of every length scale and width from the tables of docs/priors/length-scale.yaml.

    length_scales.py TABLE.csv ... > docs/priors/length-scale.csv
    gnuplot docs/priors/length-scale.gp        (writes docs/images/length-scale.png)

A row: which prior varies, the place of its length scale (0 is independent, 6 infinite), the width, and scores at the
temperature of the least generalization error on the held-out images.
"""
import csv
import sys

PLACES = {"S": ["", "0.5", "1.0", "2.0", "4.0", "8.0", "inf"], "F": ["", "1.0", "2.0", "4.0", "8.0", "16.0", "inf"]}


def scale(name, length):
    """The length scale as PLACES has it."""
    if name == "independent":
        return ""
    return "inf" if name == "mean-pool" or float(length) > 1000 else str(float(length))


def main():
    best = {}
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["status"] != "ok":
                    continue
                s = scale(row["readout"], row["lengthScale"])
                f = scale(row["filterPrior"], row["filterLengthScale"])
                panels = []
                if not f:
                    panels.append(("S", PLACES["S"].index(s)))
                if not s:
                    panels.append(("F", PLACES["F"].index(f)))
                if bool(s) == bool(f):
                    panels.append(("both", PLACES["S"].index(s)))
                for panel in panels:
                    key = (*panel, row["width"] or "infinite")
                    if key not in best or float(row["generalizationError"]) < float(best[key]["generalizationError"]):
                        best[key] = row
    print("prior,place,width,temperature,generalizationError,bias,variance,accuracy,logEvidence")
    for key in sorted(best):
        row = best[key]
        names = ["temperature", "generalizationError", "bias", "variance", "accuracy", "logEvidence"]
        print(",".join([*map(str, key), *(f"{float(row[name]):.6g}" for name in names)]))


main()
