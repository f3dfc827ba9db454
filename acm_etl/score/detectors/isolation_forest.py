"""Isolation forest, grown by scikit-learn and walked here over plain arrays."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar, Self

import numpy as np

from acm_etl.score import kernels
from acm_etl.score.arrays import Array, Float32s, Floats, Ints, StreamState
from acm_etl.score.detectors.base import Detector, DetectorInputs, DetectorScore

_CHUNK_ROWS = 1024  # rows walked at a time, so that a chunk of features stays in the cache


class IsolationForestDetector(Detector):
    """Isolation forest (Liu, Ting and Zhou 2008) on the rolling features; score in 0..1.

    All nodes of all trees lie in flat arrays; the right child of a node follows its left child, and a leaf is its own
    left child with an infinite threshold, so that a step down is the same arithmetic for every row.

    Args:
        trees: Number of trees.
        samples: Rows per tree.
        seed: Seed of rows and splits.
    """

    name: ClassVar[str] = "iforest_z"
    roots_: Ints
    feature_: Ints
    threshold_: Float32s
    child_: Ints
    path_: Floats
    depth_: Array
    normal_: Array

    def __init__(self, *, trees: int = 100, samples: int = 256, seed: int = 17) -> None:
        self.trees = trees
        self.samples = samples
        self.seed = seed

    def fit(self, rows: DetectorInputs) -> Self:
        """Grows the trees."""
        from acm_etl.score.detectors.sklearn_adapter import fit_forest  # noqa: PLC0415 - sklearn takes a second to load

        vars(self).update(fit_forest(rows.F, trees=self.trees, samples=self.samples, seed=self.seed))
        return self

    def score(self, rows: DetectorInputs, state: StreamState) -> DetectorScore:
        """``2 ** -(mean path length / expected path length)``, as scikit-learn's ``-score_samples``."""
        fast = kernels.load_kernels(rows.F.size)
        paths = self._path_lengths(rows.F) if fast is None else self._kernel_path_lengths(rows.F, fast)
        return DetectorScore(np.exp2(-paths / self.normal_), state)

    def _path_lengths(self, F: Float32s) -> Floats:
        """Path lengths in all trees, step by step for all rows of a chunk."""
        parts = [self._chunk_path_lengths(F[start : start + _CHUNK_ROWS]) for start in range(0, len(F), _CHUNK_ROWS)]
        return np.concatenate([np.empty(0), *parts])

    def _kernel_path_lengths(self, F: Float32s, kernels: ModuleType) -> Floats:
        """As ``_paths``, by the compiled walk: four times as fast, bit by bit the same."""
        # half as wide, so that the trees stay in the cache
        roots, feature, child = (array.astype(np.int32) for array in (self.roots_, self.feature_, self.child_))
        total = np.zeros(len(F))
        for start in range(0, len(F), _CHUNK_ROWS):
            rows = slice(start, start + _CHUNK_ROWS)
            trees = (roots, feature, self.threshold_, child, self.path_)
            kernels.add_path_lengths(np.ascontiguousarray(F[rows]), trees, int(self.depth_), total[rows])
        return total

    def _chunk_path_lengths(self, F: Float32s) -> Floats:
        rows = np.arange(len(F))
        values = np.ascontiguousarray(F.T).ravel()
        places = self.feature_ * len(F)
        total = np.zeros(len(F))
        for root in self.roots_:
            node = np.full(len(F), root)
            for _ in range(int(self.depth_)):
                right = values.take(places.take(node) + rows) > self.threshold_.take(node)
                node = self.child_.take(node) + right
            total += self.path_.take(node)
        return total
