"""Adapter to scikit-learn: fits its estimators and returns their parameters as plain arrays.

The only module that imports scikit-learn. Stored models so depend on no class of it, and scoring does not import it.
"""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.cluster import KMeans
from sklearn.covariance import LedoitWolf
from sklearn.ensemble import IsolationForest
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import silhouette_score
from sklearn.mixture import GaussianMixture
from sklearn.tree._tree import Tree

from acm_etl.score.arrays import Array, Float32s, Floats

_RIDGE = 1e-3  # variance added to the diagonal, so tags that are constant in training leave it invertible
_MAX_MIXTURE_ROWS = 20_000  # enough for the 272 parameters of three components in twelve dimensions
_MAX_SILHOUETTE_ROWS = 2000  # a silhouette compares all pairs of rows


def fit_covariance(X: Floats) -> tuple[Floats, Floats]:
    """Fit the mean and the Ledoit-Wolf covariance, with a small ridge.

    Args:
        X: Complete rows, n by d.

    Returns:
        Mean (d) and covariance (d by d).
    """
    estimator = LedoitWolf().fit(X)
    return estimator.location_, estimator.covariance_ + _RIDGE * np.eye(X.shape[1])


def fit_mixture(Y: Floats, component_count: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Fit a Gaussian mixture with full covariances.

    Args:
        Y: Whitened rows, n by k; at most 20,000 evenly spaced rows are used.
        component_count: Maximum number of components.
        seed: Seed of the start values.

    Returns:
        Weights (m), means (m by k) and Cholesky factors of the precision matrices (m by k by k) of m components.
    """
    # A full covariance needs several rows per dimension, or it degenerates to the few rows it has.
    component_count = max(1, min(component_count, len(Y) // (4 * Y.shape[1])))
    mixture = GaussianMixture(component_count, covariance_type="full", reg_covar=1e-3, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # an approximate optimum ranks rows as well
        mixture.fit(Y[:: -(-len(Y) // _MAX_MIXTURE_ROWS)])
    return mixture.weights_, mixture.means_, mixture.precisions_cholesky_


def fit_forest(F: Float32s, *, trees: int, samples: int, seed: int) -> dict[str, Array]:
    """Grow an isolation forest.

    Args:
        F: Features, n rows by any number, single precision.
        trees: Number of trees.
        samples: Training rows per tree.
        seed: Seed of row samples and splits.

    Returns:
        Fitted attributes of ``IsolationForestDetector``: the nodes of all trees in flat arrays.
    """
    forest = IsolationForest(n_estimators=trees, max_samples=min(samples, len(F)), random_state=seed).fit(F)
    node_arrays = [_flatten_tree(tree.tree_) for tree in forest.estimators_]
    node_counts = [len(arrays["path_"]) for arrays in node_arrays]
    roots = np.cumsum([0, *node_counts[:-1]])
    # Child indices count from the root of each tree: shift them to positions in the joined arrays.
    for arrays, root in zip(node_arrays, roots, strict=True):
        arrays["child_"] += root
    nodes: dict[str, Array] = {
        name: np.concatenate([arrays[name] for arrays in node_arrays]) for name in node_arrays[0]
    }
    depth = max(tree.tree_.max_depth for tree in forest.estimators_)
    # The expected sum over all trees, as path lengths are summed and not averaged when scoring.
    normal = trees * _mean_path_length(np.array([float(forest.max_samples_)]))[0]
    return nodes | {"roots_": roots, "depth_": np.asarray(depth), "normal_": np.asarray(normal)}


def _flatten_tree(tree: Tree) -> dict[str, Array]:
    """Return the nodes level by level (breadth first), so the right child of a node follows its left child."""
    left, right = tree.children_left, tree.children_right
    order, level = [0], [0]
    depth = np.zeros(tree.node_count)
    while level:
        # scikit-learn marks the missing children of a leaf by -1.
        inner = [node for node in level if left[node] >= 0]
        level = [child for node in inner for child in (left[node], right[node])]
        depth[level] = depth[inner].repeat(2) + 1 if inner else 0
        order += level
    position = np.empty(tree.node_count, dtype=np.int64)
    position[order] = np.arange(tree.node_count)
    leaf = left[order] < 0
    return {
        "feature_": np.where(leaf, 0, tree.feature[order]).astype(np.int64),
        "threshold_": np.where(leaf, np.inf, _round_down(tree.threshold[order])).astype(np.float32),
        "child_": np.where(leaf, position[order], position[left[order]]),
        "path_": depth[order] + _mean_path_length(tree.n_node_samples[order].astype(float)),
    }


def _round_down(threshold: Floats) -> Floats:
    """Return the largest single-precision number not above each threshold.

    scikit-learn compares single-precision features with double-precision thresholds; with the threshold rounded down,
    ``x <= threshold`` gives the same answer in single precision.
    """
    single = threshold.astype(np.float32)
    lower = np.nextafter(single, np.float32(-np.inf))
    return np.where(single > threshold, lower, single)


def _mean_path_length(n: Floats) -> Floats:
    """Return the mean path length of an unsuccessful search in a tree of n rows (Liu et al. 2008, eq. 1)."""
    n_from_3 = np.maximum(n, 3)  # the formula is an approximation for n > 2; 0 and 1 are exact below
    path = 2 * (np.log(n_from_3 - 1) + np.euler_gamma) - 2 * (n_from_3 - 1) / n_from_3
    return np.where(n <= 1, 0.0, np.where(n <= 2, 1.0, path))


def fit_clusters(Y: Floats, max_clusters: int, silhouette_min: float, seed: int) -> Floats:
    """Fit k-means with the number of clusters that has the best silhouette; one cluster if none reaches the minimum.

    Args:
        Y: Rows in a low-dimensional basis, n by k.
        max_clusters: Maximum number of clusters.
        silhouette_min: Minimum silhouette of more than one cluster.
        seed: Seed of the start values.

    Returns:
        Centres, sorted by their coordinates, so the numbers of the clusters do not depend on the seed.
    """
    sample = Y[:: max(1, len(Y) // _MAX_SILHOUETTE_ROWS)]
    best, centres = silhouette_min, Y.mean(axis=0, keepdims=True)
    # k-means cannot have more clusters than distinct rows.
    for k in range(2, min(max_clusters, len(np.unique(sample, axis=0)) - 1) + 1):
        kmeans = KMeans(k, n_init=4, random_state=seed).fit(sample)
        quality = silhouette_score(sample, kmeans.labels_)
        if quality > best:
            best, centres = quality, kmeans.cluster_centers_
    # lexsort takes its primary key last.
    ordered: Floats = centres[np.lexsort(centres.T[::-1])]
    return ordered
