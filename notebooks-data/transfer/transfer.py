#!/usr/bin/env python3
"""Transfer learning with a 2 x 2 order parameter: two tasks that share hidden units.

    python3 transfer.py ../digits/digits.npz bank.npz           # kernels for `renorm fit --bank`
    renorm fit --bank bank.npz --width 40 --temperature 0.05
    python3 transfer.py ../digits/digits.npz --sample --width 40 --temperature 0.05

Task 1 (source) tells 3 from 8 with P_1 examples, task 2 (target) tells 3 from 9 with P_2. One layer of N erf units
serves both, each task has readout weights of its own, f_t(x) = N^(-1/2) sum_a v_at erf(w_a . x / M^(1/2)). Kernels of
i = 1, 2 are those of the examples of task i and j, zero elsewhere; times n = 2, as f is no average over tasks. Then
Q_tt'/lambda1 is the posterior average of (1/N) sum_a v_at v_at'.

--sample draws the hidden weights of the finite network (Hamiltonian Monte Carlo with the readouts integrated out)
and prints the same numbers. NumPy alone.
"""

import argparse
import math

import numpy as np

TEST = 60


def tasks(path, counts, seed):
    """Inputs and targets of the two tasks, training and test: standardised over the training inputs."""
    archive = np.load(path)
    labels = archive["y_train"]
    images = archive["x_train"].reshape(len(labels), -1).astype(float)
    order = np.random.default_rng(seed).permutation(len(images))
    used, sets = np.zeros(len(images), bool), []
    for (low, high), count in zip([(3, 8), (3, 9)], counts):
        own = [k for k in order if labels[k] in (low, high) and not used[k]][: count + TEST]
        used[own] = True
        x, y = images[own], np.where(labels[own] == high, 1.0, -1.0)
        sets.append((x[:count], y[:count], x[count:], y[count:]))
    training = np.concatenate([s[0] for s in sets])
    mean, deviation = training.mean(), training.std()
    return [((s[0] - mean) / deviation, s[1], (s[2] - mean) / deviation, s[3]) for s in sets]


def kernel(a, b):
    """E[erf erf] for inputs a, b."""
    m = a.shape[1]
    scale = np.sqrt(np.outer(1 + 2 * (a**2).sum(1) / m, 1 + 2 * (b**2).sum(1) / m))
    return 2 / np.pi * np.arcsin(2 * (a @ b.T / m) / scale)


def bank(sets, path):
    x, y = np.concatenate([s[0] for s in sets]), np.concatenate([s[1] for s in sets])
    task = np.repeat([0, 1], [len(s[0]) for s in sets])
    test = np.concatenate([s[2] for s in sets])
    test_task = np.repeat([0, 1], TEST)
    own = lambda t, i: (t == i).astype(float)
    whole, cross = 2 * kernel(x, x), 2 * kernel(test, x)
    np.savez(
        path,
        kernels=[[whole * np.outer(own(task, i), own(task, j)) for j in (0, 1)] for i in (0, 1)],
        cross=[[cross * np.outer(own(test_task, i), own(task, j)) for j in (0, 1)] for i in (0, 1)],
        diagonal=[[2 * np.diag(kernel(test, test)) * own(test_task, i) * (i == j) for j in (0, 1)] for i in (0, 1)],
        y=y, y_test=np.concatenate([s[3] for s in sets]))


ERF = np.vectorize(math.erf)


class Network:
    """The posterior of the hidden weights with the readouts integrated out."""

    def __init__(self, sets, width, temperature, lambda1):
        self.sets, self.width, self.temperature, self.lambda1 = sets, width, temperature, lambda1
        self.inputs = sets[0][0].shape[1]

    def energy(self, w):
        """Minus log density, its gradient, and the sampled order parameter, means and variances of the tests."""
        value, gradient = (w**2).sum() / 2, w.copy()
        means, q, scores = [], np.zeros((2, 2)), []
        for t, (x, y, test, target) in enumerate(self.sets):
            h = x @ w / math.sqrt(self.inputs)
            s = ERF(h)
            c = 1 / (self.lambda1 * self.width)
            a = np.linalg.inv(c * s @ s.T + self.temperature * np.eye(len(y)))
            u = a @ y
            value += (y @ u - np.linalg.slogdet(a)[1]) / 2
            g = c * (a - np.outer(u, u)) @ s
            gradient += x.T @ (g * 2 / math.sqrt(math.pi) * np.exp(-h**2)) / math.sqrt(self.inputs)
            mean = s.T @ u / (self.lambda1 * math.sqrt(self.width))
            means.append(mean)
            spread = (self.width - c * np.trace(s.T @ a @ s)) / self.lambda1
            q[t, t] = self.lambda1 * (mean @ mean + spread) / self.width
            f = ERF(test @ w / math.sqrt(self.inputs)) @ mean / math.sqrt(self.width)
            scores.append(f)
        q[0, 1] = q[1, 0] = self.lambda1 * means[0] @ means[1] / self.width
        return value, gradient, q, np.concatenate(scores)

    def sample(self, count, seed, steps=20):
        random = np.random.default_rng(seed)
        w = random.standard_normal((self.inputs, self.width))
        step, state, kept = 0.1, self.energy(w), []
        for draw in range(-count // 3, count):
            p = random.standard_normal(w.shape)
            start = state[0] + (p**2).sum() / 2
            v, new = w, state
            p = p - step / 2 * new[1]
            for k in range(steps):
                v = v + step * p
                new = self.energy(v)
                p = p - (step if k < steps - 1 else step / 2) * new[1]
            accepted = math.log(random.random()) < start - new[0] - (p**2).sum() / 2
            if accepted:
                w, state = v, new
            if draw < 0:
                step *= 1.05 if accepted else 0.8
            else:
                kept.append((state[2], state[3]))
        return np.array([k[0] for k in kept]), np.array([k[1] for k in kept])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("digits")
    parser.add_argument("bank", nargs="?")
    parser.add_argument("--counts", type=int, nargs=2, default=[80, 20], help="P_1, P_2")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--width", type=int, default=40)
    parser.add_argument("--temperature", type=float, default=0.05)
    parser.add_argument("--lambda1", type=float, default=1.0)
    parser.add_argument("--draws", type=int, default=1000)
    options = parser.parse_args()
    sets = tasks(options.digits, options.counts, options.seed)
    if options.bank:
        bank(sets, options.bank)
    if options.sample:
        network = Network(sets, options.width, options.temperature, options.lambda1)
        chains = [network.sample(options.draws, seed) for seed in (1, 2)]
        q = np.array([c[0].mean(0) for c in chains])
        f = np.array([c[1].mean(0) for c in chains])
        target = np.concatenate([s[3] for s in sets])
        print("sampled Q\n", q.mean(0), "\nhalf the difference of two chains\n", abs(q[0] - q[1]) / 2)
        bias = ((target - f.mean(0)) ** 2).reshape(2, TEST).mean(1)
        print("bias of the source and of the target task", bias)


if __name__ == "__main__":
    main()
