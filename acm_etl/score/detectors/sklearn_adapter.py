"""What scikit-learn learns, handed over as plain arrays: the only module here that imports it."""

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

_RIDGE = 1e-3  # of unit variance, on the diagonal: keeps tags that never moved in training invertible
_MAX_MIXTURE_ROWS = 20_000  # rows a mixture is learned from
_MAX_SILHOUETTE_ROWS = 2000  # rows a silhouette is computed on: it takes all pairs


def fit_covariance(X: Floats) -> tuple[Floats, Floats]:
    """Mean and Ledoit-Wolf covariance with a small ridge.

    Args:
        X: Complete rows, n by d.
    """
    found = LedoitWolf().fit(X)
    return found.location_, found.covariance_ + _RIDGE * np.eye(X.shape[1])


def fit_mixture(Y: Floats, component_count: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Weights, means and Cholesky factors of the precisions of a Gaussian mixture with full covariances.

    Of many rows evenly spaced ones are enough: three parts in twelve dimensions have 272 numbers to learn.
    """
    component_count = max(1, min(component_count, len(Y) // (4 * Y.shape[1])))
    model = GaussianMixture(component_count, covariance_type="full", reg_covar=1e-3, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a slightly rough mixture still ranks
        model.fit(Y[:: -(-len(Y) // _MAX_MIXTURE_ROWS)])
    return model.weights_, model.means_, model.precisions_cholesky_


def fit_forest(F: Float32s, *, trees: int, samples: int, seed: int) -> dict[str, Array]:
    """An isolation forest in flat arrays, see ``acm_etl.score.detectors.isolation_forest.Forest``."""
    model = IsolationForest(n_estimators=trees, max_samples=min(samples, len(F)), random_state=seed).fit(F)
    parts = [_flatten_tree(tree.tree_) for tree in model.estimators_]
    sizes = [len(part["path_"]) for part in parts]
    roots = np.cumsum([0, *sizes[:-1]])
    for part, root in zip(parts, roots, strict=True):
        part["child_"] += root
    joined: dict[str, Array] = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    depth = max(tree.tree_.max_depth for tree in model.estimators_)
    normal = trees * _mean_path_length(np.array([float(model.max_samples_)]))[0]
    return joined | {"roots_": roots, "depth_": np.asarray(depth), "normal_": np.asarray(normal)}


def _flatten_tree(tree: Tree) -> dict[str, Array]:
    """Nodes in the order of the levels, so that siblings are neighbours."""
    left, right = tree.children_left, tree.children_right
    order, level = [0], [0]
    depth = np.zeros(tree.node_count)
    while level:
        inner = [node for node in level if left[node] >= 0]
        level = [child for node in inner for child in (left[node], right[node])]
        depth[level] = depth[inner].repeat(2) + 1 if inner else 0
        order += level
    place = np.empty(tree.node_count, dtype=np.int64)
    place[order] = np.arange(tree.node_count)
    leaf = left[order] < 0
    return {
        "feature_": np.where(leaf, 0, tree.feature[order]).astype(np.int64),
        "threshold_": np.where(leaf, np.inf, _round_down(tree.threshold[order])).astype(np.float32),
        "child_": np.where(leaf, place[order], place[left[order]]),
        "path_": depth[order] + _mean_path_length(tree.n_node_samples[order].astype(float)),
    }


def _round_down(threshold: Floats) -> Floats:
    """The largest single-precision number not above each threshold: x <= t decides the same for single x."""
    single = threshold.astype(np.float32)
    lower = np.nextafter(single, np.float32(-np.inf))
    return np.where(single > threshold, lower, single)


def _mean_path_length(n: Floats) -> Floats:
    """Mean path length of an unsuccessful search among n (Liu et al. 2008, eq. 1)."""
    big = np.maximum(n, 3)
    path = 2 * (np.log(big - 1) + np.euler_gamma) - 2 * (big - 1) / big
    return np.where(n <= 1, 0.0, np.where(n <= 2, 1.0, path))


def fit_clusters(Y: Floats, max_clusters: int, silhouette_min: float, seed: int) -> Floats:
    """Centres of the clustering with the best silhouette, one centre where none reaches the minimum.

    Args:
        Y: Rows in a low-dimensional basis.
        max_clusters: Most clusters.
        silhouette_min: Least silhouette of more than one cluster.
        seed: Seed of the start values.

    Returns:
        Centres, sorted by their coordinates, so that numbers do not depend on the run.
    """
    judged = Y[:: max(1, len(Y) // _MAX_SILHOUETTE_ROWS)]
    best, centres = silhouette_min, Y.mean(axis=0, keepdims=True)
    for k in range(2, min(max_clusters, len(np.unique(judged, axis=0)) - 1) + 1):
        model = KMeans(k, n_init=4, random_state=seed).fit(judged)
        quality = silhouette_score(judged, model.labels_)
        if quality > best:
            best, centres = quality, model.cluster_centers_
    ordered: Floats = centres[np.lexsort(centres.T[::-1])]
    return ordered
