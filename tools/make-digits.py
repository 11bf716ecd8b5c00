#!/usr/bin/env python3
"""Regenerates notebooks-data/digits/digits.npz from the copy of the data set that scikit-learn ships.

Usage: pip install scikit-learn; python3 tools/make-digits.py [OUTPUT]

The examples stay in the order of the file; the last 597 are held out. Their writers differ from those of
most training examples, as the file is ordered by writer.
"""

import pathlib
import sys

import numpy
from sklearn.datasets import load_digits

HELD_OUT = 597


def main() -> None:
    default = pathlib.Path(__file__).resolve().parent.parent / "notebooks-data" / "digits" / "digits.npz"
    output = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    digits = load_digits()
    images = digits.images.astype(numpy.uint8).reshape(-1, 1, 8, 8)
    labels = digits.target.astype(numpy.int64)
    output.parent.mkdir(parents=True, exist_ok=True)
    numpy.savez_compressed(
        output,
        x_train=images[:-HELD_OUT],
        y_train=labels[:-HELD_OUT],
        x_test=images[-HELD_OUT:],
        y_test=labels[-HELD_OUT:],
    )
    print(f"{output}: {len(images) - HELD_OUT} training and {HELD_OUT} held-out images")


if __name__ == "__main__":
    main()
