"""Growth of isolation trees: every split separates rows, and path lengths are those of the sampled rows."""

from __future__ import annotations

import numpy as np
import pytest

from acm_etl.score.detectors.isolation_trees import grow_forest, mean_path_length


def descend(forest, row, root):
    """Return the nodes from a root to the leaf of a row."""
    nodes = [int(root)]
    while forest["child_"][nodes[-1]] != nodes[-1]:
        node = nodes[-1]
        nodes.append(int(forest["child_"][node] + (row[forest["feature_"][node]] > forest["threshold_"][node])))
    return nodes


def make_features(n, columns, *, decimals, seed=0):
    return np.round(np.random.default_rng(seed).normal(size=(n, columns)), decimals).astype(np.float32)


@pytest.mark.parametrize("decimals", [9, 1, 0])
def test_a_tree_of_all_rows_holds_each_in_a_leaf_of_its_size(decimals):
    F = make_features(200, 3, decimals=decimals)
    forest = grow_forest(F, trees=5, samples=200, seed=1)
    for root in forest["roots_"]:
        paths = [descend(forest, row, root) for row in F]
        leaves, counts = np.unique([path[-1] for path in paths], return_counts=True)
        depth = {path[-1]: len(path) - 1 for path in paths}
        expected = [
            depth[leaf] + mean_path_length(np.array([float(count)]))[0]
            for leaf, count in zip(leaves, counts, strict=True)
        ]
        np.testing.assert_allclose(forest["path_"][leaves], expected)
        # Leaves without a row would mean a split that separates nothing.
        next_root = min((r for r in forest["roots_"] if r > root), default=len(forest["path_"]))
        nodes = np.arange(root, next_root)
        assert set(leaves) == set(nodes[forest["child_"][nodes] == nodes])
        # A leaf holds one row, equal rows, or is at the deepest level.
        for leaf in leaves:
            inside = F[[path[-1] == leaf for path in paths]]
            assert len(np.unique(inside, axis=0)) == 1 or depth[leaf] == 8
    assert forest["depth_"] <= 8
    assert (forest["child_"] >= np.arange(len(forest["child_"]))).all()


def test_only_features_that_vary_are_split():
    F = np.zeros((100, 400), dtype=np.float32)
    F[:, 123] = np.arange(100) % 10
    forest = grow_forest(F, trees=3, samples=64, seed=2)
    inner = forest["child_"] != np.arange(len(forest["child_"]))
    assert inner.any()
    assert set(forest["feature_"][inner]) == {123}
    assert len(np.unique([descend(forest, row, forest["roots_"][0])[-1] for row in F])) == 10


@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_or_equal_rows(n):
    equal = grow_forest(np.ones((n, 2), dtype=np.float32), trees=4, samples=256, seed=3)
    assert len(equal["path_"]) == 4
    assert equal["depth_"] == 0
    np.testing.assert_allclose(equal["path_"], mean_path_length(np.array([float(n)]))[0])
    distinct = grow_forest(np.arange(n, dtype=np.float32)[:, None], trees=4, samples=256, seed=3)
    assert len(distinct["path_"]) == 4 * (2 * n - 1)


def test_equal_seeds_give_equal_forests():
    F = make_features(500, 4, decimals=3)
    one, same, other = (grow_forest(F, trees=6, samples=128, seed=seed) for seed in (7, 7, 8))
    for name, array in one.items():
        np.testing.assert_array_equal(array, same[name])
    assert not np.array_equal(one["feature_"], other["feature_"])


def test_splits_are_uniform_over_features_and_range():
    F = np.random.default_rng(9).random((256, 4)).astype(np.float32)
    forest = grow_forest(F, trees=2000, samples=256, seed=10)
    feature, threshold = forest["feature_"][forest["roots_"]], forest["threshold_"][forest["roots_"]]
    shares = np.bincount(feature, minlength=4) / 2000
    np.testing.assert_allclose(shares, 0.25, atol=0.04)
    np.testing.assert_allclose(np.quantile(threshold, [0.25, 0.5, 0.75]), [0.25, 0.5, 0.75], atol=0.04)
