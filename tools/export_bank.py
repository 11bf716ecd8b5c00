#!/usr/bin/env python3
"""Writes the local kernels of a convolutional network with erf units for `renorm fit --bank`.

    python3 tools/export_bank.py data.npz bank.npz --mask 2 --stride 2

data.npz has x_train (P, C, H, W), y_train and, if there are any, x_test and y_test; inputs are taken as they are. The
fit of the bank gives the numbers of

    renorm fit --architecture cnn --mask 2 --stride 2 --standardize none --train data.npz ...

It shows the format that other programs have to write (docs/theory.md, section 10), and needs NumPy alone.
"""

import argparse

import numpy as np


def patches(images, mask, stride):
    """Patches of (P, C, H, W) images, row-major over positions: n x P x M."""
    height, width = images.shape[2:]
    return np.array([
        images[:, :, row:row + mask, column:column + mask].reshape(len(images), -1)
        for row in range(0, height - mask + 1, stride) for column in range(0, width - mask + 1, stride)
    ])


def kernels(left, right, lambda0):
    """E[erf(h_i(x)) erf(h_j(x'))] for all pairs of positions: n x n x P x P'."""
    size = lambda0 * left.shape[2]
    covariance = np.einsum("iam,jbm->ijab", left, right, optimize=True) / size
    a = 1 + 2 * (left**2).sum(2) / size
    b = 1 + 2 * (right**2).sum(2) / size
    return 2 / np.pi * np.arcsin(2 * covariance / np.sqrt(a[:, None, :, None] * b[None, :, None, :]))


def diagonal(points, lambda0):
    """The same of every point with itself: n x n x P."""
    size = lambda0 * points.shape[2]
    covariance = np.einsum("iam,jam->ija", points, points, optimize=True) / size
    a = 1 + 2 * (points**2).sum(2) / size
    return 2 / np.pi * np.arcsin(2 * covariance / np.sqrt(a[:, None] * a[None]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("bank")
    parser.add_argument("--mask", type=int, default=7)
    parser.add_argument("--stride", type=int, help="default: the mask")
    parser.add_argument("--lambda0", type=float, default=1.0)
    options = parser.parse_args()
    data = np.load(options.data)
    stride = options.stride or options.mask
    train = patches(data["x_train"].astype(float), options.mask, stride)
    arrays = {"kernels": kernels(train, train, options.lambda0), "y": data["y_train"].astype(float)}
    if "x_test" in data:
        test = patches(data["x_test"].astype(float), options.mask, stride)
        arrays["cross"] = kernels(test, train, options.lambda0)
        arrays["diagonal"] = diagonal(test, options.lambda0)
        if "y_test" in data:
            arrays["y_test"] = data["y_test"].astype(float)
    np.savez(options.bank, **arrays)


if __name__ == "__main__":
    main()
