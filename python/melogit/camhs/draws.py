"""Random draws that stay the same whatever version of numpy draws them.

numpy promises that the *raw* 64-bit output of ``PCG64`` and the seeding by
``SeedSequence`` never change; it makes no such promise for the distributions of
``Generator`` (NEP 19). A cohort whose numbers are pinned in a test therefore
builds its uniform, normal and categorical draws from the raw output.

Every column has its own stream, so that asking for one more column, or for no
missing values, leaves the others as they were.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Streams:
    """Named, independent streams of random numbers for one seed.

    Examples
    --------
    >>> float(Streams(1).uniform("age", 3)[0]) == float(Streams(1).uniform("age", 9)[0])
    True
    """

    seed: int

    def uniform(self, name: str, size: int) -> Floats:
        """Draw from the open interval (0, 1): shape ``(size,)``."""
        # Keyed by the letters of the name: the built-in hash() differs per process.
        bits = np.random.PCG64(np.random.SeedSequence([self.seed, *name.encode()]))
        raw = bits.random_raw(size) >> np.uint64(12)
        # 52 bits and a half step: neither 0 nor 1 can occur, so log(u) is safe.
        return np.asarray((raw.astype(np.float64) + 0.5) * 2.0**-52)

    def normal(self, name: str, size: int) -> Floats:
        """Draw from the standard normal by Box and Muller (1958)."""
        radius = np.sqrt(-2.0 * np.log(self.uniform(f"{name}/radius", size)))
        return np.asarray(radius * np.cos(2.0 * np.pi * self.uniform(f"{name}/angle", size)))

    def order(self, name: str, size: int) -> Codes:
        """Draw a random permutation of ``0 .. size - 1``."""
        return np.argsort(self.uniform(name, size), kind="stable")


def choose(uniform: Floats, *logits: Floats) -> Codes:
    """Pick one category per row, with probabilities softmax(sum of `logits`).

    Parameters
    ----------
    uniform : ndarray, shape (n,)
        Uniform draws.
    *logits : ndarray, shape (n, k) or (k,)
        Parts of the log-weight of each of k categories; they are added.

    Returns
    -------
    ndarray of int, shape (n,)
        The category of each row, 0 to k - 1.
    """
    total = logits[0]
    for part in logits[1:]:
        total = total + part
    bounds = np.exp(total).cumsum(axis=-1)
    cut = uniform * bounds[..., -1]
    chosen = np.zeros(uniform.shape[0], dtype=np.int64)
    for category in range(bounds.shape[-1] - 1):
        chosen += cut > bounds[..., category]
    return chosen


def spread_evenly(weights: Floats, size: int) -> Codes:
    """Give `size` members to groups in proportion to `weights`, sorted by group.

    Systematic: a group that expects at least one member gets at least one, so
    150 locations stay 150 locations.
    """
    bounds = np.cumsum(weights) / np.sum(weights)
    place = (np.arange(size) + 0.5) / size
    return np.asarray(np.minimum(np.searchsorted(bounds, place), weights.shape[0] - 1))
