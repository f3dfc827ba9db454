"""Growth of isolation trees (Liu, Ting and Zhou 2008), all trees of a forest at once, level by level."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from acm_etl.score.arrays import Array, Bools, Float32s, Floats, Ints

_DRAWS = 16  # random features per node before all of its features are examined


class _Level(NamedTuple):
    """Nodes of one depth and the sampled rows in them.

    Attributes:
        tree: Tree of each node.
        starts: Position in ``rows`` of the first row of each node.
        rows: Sampled rows, node by node.
    """

    tree: Ints
    starts: Ints
    rows: Ints

    @property
    def sizes(self) -> Ints:
        """Number of rows of each node."""
        return np.diff(self.starts, append=len(self.rows))

    def select_nodes(self, nodes: Bools) -> _Level:
        """Return the selected nodes with their rows."""
        rows = self.rows[np.repeat(nodes, self.sizes)]
        return _Level(self.tree[nodes], _segment_starts(self.sizes[nodes]), rows)


class _Splits(NamedTuple):
    """Split of each node of a level.

    Attributes:
        exists: False for nodes whose rows are all equal.
        feature: Feature to compare.
        threshold: Rows above it go to the right.
    """

    exists: Bools
    feature: Ints
    threshold: Float32s


def grow_forest(F: Float32s, *, trees: int, samples: int, seed: int) -> dict[str, Array]:
    """Grow an isolation forest.

    Args:
        F: Features, n rows by any number, single precision.
        trees: Number of trees.
        samples: Training rows per tree.
        seed: Seed of row samples and splits.

    Returns:
        Fitted attributes of ``IsolationForestDetector``: the nodes of all trees in flat arrays.
    """
    rng, samples = np.random.default_rng(seed), min(samples, len(F))
    rows = np.concatenate([rng.choice(len(F), samples, replace=False) for _ in range(trees)])
    level = _Level(np.arange(trees), np.arange(trees) * samples, rows)
    max_depth = int(np.ceil(np.log2(max(samples, 2))))
    blocks, node_count = [], 0
    for depth in range(max_depth + 1):
        splits = _draw_splits(F, level, rng, may_split=depth < max_depth)
        first_child = node_count + len(level.tree)
        blocks.append(_node_arrays(level, splits, depth, (node_count, first_child)))
        level, node_count = _split_nodes(F, level, splits), first_child
        if not len(level.tree):
            break
    nodes = _group_by_tree({name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]})
    # The expected sum over all trees, as path lengths are summed and not averaged when scoring.
    normal = trees * mean_path_length(np.array([float(samples)]))[0]
    return nodes | {"depth_": np.asarray(len(blocks) - 1), "normal_": np.asarray(normal)}


def mean_path_length(n: Floats) -> Floats:
    """Return the mean path length of an unsuccessful search in a tree of n rows (Liu et al. 2008, eq. 1)."""
    n_from_3 = np.maximum(n, 3)  # the formula is an approximation for n > 2; 0 and 1 are exact below
    path = 2 * (np.log(n_from_3 - 1) + np.euler_gamma) - 2 * (n_from_3 - 1) / n_from_3
    return np.where(n <= 1, 0.0, np.where(n <= 2, 1.0, path))


def _segment_starts(sizes: Ints) -> Ints:
    return np.cumsum(sizes) - sizes


def _draw_splits(F: Float32s, level: _Level, rng: np.random.Generator, *, may_split: bool) -> _Splits:
    """Draw a random feature that is not constant within the node, and a threshold within its range."""
    count = len(level.tree)
    exists, feature = np.zeros(count, dtype=bool), np.zeros(count, dtype=np.int64)
    threshold = np.zeros(count, dtype=np.float32)
    is_open = (level.sizes > 1) & may_split
    for draw in range(_DRAWS + 1):
        nodes = np.flatnonzero(is_open)
        if not len(nodes):
            break
        part = level.select_nodes(is_open)
        # Nearly every node is split by its first draw. What is left then may be constant in all features.
        chosen = _draw_varying_features(F, part, rng) if draw == _DRAWS else rng.integers(F.shape[1], size=len(nodes))
        low, high = _feature_ranges(F, part, chosen)
        varies = low < high
        split = nodes[varies]
        exists[split], feature[split] = True, chosen[varies]
        threshold[split] = _draw_thresholds(low[varies], high[varies], rng)
        is_open[split] = False
    return _Splits(exists, feature, threshold)


def _feature_ranges(F: Float32s, level: _Level, feature: Ints) -> tuple[Float32s, Float32s]:
    """Return the smallest and the largest value of one feature per node."""
    values = F[level.rows, np.repeat(feature, level.sizes)]
    return np.minimum.reduceat(values, level.starts), np.maximum.reduceat(values, level.starts)


def _draw_varying_features(F: Float32s, level: _Level, rng: np.random.Generator) -> Ints:
    """Return for each node a random one of the features that vary in it; any one if none does."""
    values = F[level.rows]
    varies = np.minimum.reduceat(values, level.starts, axis=0) < np.maximum.reduceat(values, level.starts, axis=0)
    # The largest of independent random numbers is at each of the candidates with the same probability.
    chosen: Ints = np.where(varies, rng.random(varies.shape), -1.0).argmax(axis=1)
    return chosen


def _draw_thresholds(low: Float32s, high: Float32s, rng: np.random.Generator) -> Float32s:
    drawn = (low + rng.random(len(low)) * (high.astype(np.float64) - low)).astype(np.float32)
    # Rounding can give the largest value, to whose right there would be no row.
    return np.where(drawn < high, np.maximum(drawn, low), low)


def _split_nodes(F: Float32s, level: _Level, splits: _Splits) -> _Level:
    """Return the children of the nodes that are split: the left and the right one of each, in order."""
    parents = level.select_nodes(splits.exists)
    parent_of_row = np.repeat(np.arange(len(parents.tree)), parents.sizes)
    feature, threshold = splits.feature[splits.exists], splits.threshold[splits.exists]
    goes_right = F[parents.rows, feature[parent_of_row]] > threshold[parent_of_row]
    child_of_row = 2 * parent_of_row + goes_right
    sizes = np.bincount(child_of_row, minlength=2 * len(parents.tree))
    order = np.argsort(child_of_row, kind="stable")
    return _Level(np.repeat(parents.tree, 2), _segment_starts(sizes), parents.rows[order])


def _node_arrays(level: _Level, splits: _Splits, depth: int, positions: tuple[int, int]) -> dict[str, Array]:
    """Return the stored arrays of one level; ``positions`` are those of its first node and of the first child."""
    first, first_child = positions
    own = first + np.arange(len(level.tree))
    left_child = first_child + 2 * (np.cumsum(splits.exists) - 1)
    return {
        "tree": level.tree,
        "feature_": splits.feature,
        "threshold_": np.where(splits.exists, splits.threshold, np.float32(np.inf)).astype(np.float32),
        "child_": np.where(splits.exists, left_child, own),
        "path_": depth + mean_path_length(level.sizes.astype(float)),
    }


def _group_by_tree(nodes: dict[str, Array]) -> dict[str, Array]:
    """Sort the nodes by tree, so that a tree stays in the processor's cache while rows descend it."""
    tree = nodes.pop("tree")
    order = np.argsort(tree, kind="stable")
    position = np.empty(len(order), dtype=np.int64)
    position[order] = np.arange(len(order))
    grouped = {name: array[order] for name, array in nodes.items()}
    return grouped | {"child_": position[grouped["child_"]], "roots_": np.flatnonzero(np.diff(tree[order], prepend=-1))}
