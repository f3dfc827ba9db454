"""K-means with a fixed seed: start values of the Gaussian mixture, and centres of the operating regimes.

The samples here have at most a few thousand rows of at most twelve columns. On such sizes the array operations below
are faster than a library whose threads wait for each other.
"""

from __future__ import annotations

import numpy as np

from acm_etl.score.array_ops import row_squared_norms
from acm_etl.score.arrays import Floats, Ints

_MAX_ITERATIONS = 100
_MAX_ROWS = 2000  # a silhouette compares all pairs of rows
_STARTS = 4  # k-means finds a local optimum: the best of four starts
_TINY = 1e-300  # divides zero distances


def sample_rows(Y: Floats, max_rows: int) -> Floats:
    """Return at most ``max_rows`` evenly spaced rows."""
    return Y[:: max(1, -(-len(Y) // max_rows))]


def fit_clusters(Y: Floats, max_clusters: int, silhouette_min: float, seed: int) -> Floats:
    """Fit k-means with the number of clusters that has the best silhouette; one cluster if none reaches the minimum.

    Args:
        Y: Rows in a low-dimensional basis, n by k; at most 2,000 evenly spaced ones are used.
        max_clusters: Maximum number of clusters.
        silhouette_min: Minimum silhouette of more than one cluster.
        seed: Seed of the start values.

    Returns:
        Centres, sorted by their coordinates, so the numbers of the clusters do not depend on the seed.
    """
    sample, rng = sample_rows(Y, _MAX_ROWS), np.random.default_rng(seed)
    distances = _pairwise_distances(sample)
    best, centres = silhouette_min, Y.mean(axis=0, keepdims=True)
    # k-means cannot have more clusters than distinct rows.
    for count in range(2, min(max_clusters, len(np.unique(sample, axis=0)) - 1) + 1):
        candidates = [fit_centres(sample, count, rng) for _ in range(_STARTS)]
        candidate = min(candidates, key=lambda found: _sum_squared_distances(sample, found))
        quality = mean_silhouette(distances, nearest_centres(sample, candidate))
        if quality > best:
            best, centres = quality, candidate
    # lexsort takes its primary key last.
    ordered: Floats = centres[np.lexsort(centres.T[::-1])]
    return ordered


def fit_centres(Y: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Fit k-means from one start (Lloyd's algorithm, started by k-means++).

    Args:
        Y: Rows, n by k; at most 2,000 evenly spaced ones are used.
        count: Number of clusters, at most that of the distinct rows.
        rng: Generator of the start values.

    Returns:
        Centres, count by k.
    """
    sample = sample_rows(Y, _MAX_ROWS)
    centres = _draw_centres(sample, count, rng)
    labels = nearest_centres(sample, centres)
    for _ in range(_MAX_ITERATIONS):
        centres, labels_before = _mean_rows(sample, labels, centres), labels
        labels = nearest_centres(sample, centres)
        if np.array_equal(labels_before, labels):
            break
    return centres


def nearest_centres(Y: Floats, centres: Floats) -> Ints:
    """Return the number of the nearest centre of each row, n by k to n."""
    # The squared norm of a row is the same for all centres, so the comparison can do without.
    nearest: Ints = (row_squared_norms(centres)[:, None] - 2 * (centres @ Y.T)).argmin(axis=0)
    return nearest


def build_membership(labels: Ints, cluster_count: int) -> Floats:
    """Return 1 at the cluster of each row and 0 elsewhere, n by the number of clusters."""
    return np.eye(cluster_count)[labels]


def mean_silhouette(distances: Floats, labels: Ints) -> float:
    """Return the mean silhouette (Rousseeuw 1987): 1 for compact clusters far apart, 0 for overlapping ones.

    Args:
        distances: Distances of all pairs of rows, n by n.
        labels: Cluster of each row, n.
    """
    membership = build_membership(labels, int(labels.max()) + 1)
    sizes, rows = membership.sum(axis=0), np.arange(len(labels))
    sums = distances @ membership
    own_size = sizes[labels]
    # A row is no neighbour of itself; a cluster of one row has a silhouette of 0 by definition.
    own_mean = sums[rows, labels] / np.maximum(own_size - 1, 1)
    means = sums / np.maximum(sizes, 1)
    # Neither its own cluster nor one without rows is a neighbour.
    means[:, sizes == 0] = means[rows, labels] = np.inf
    other_mean = means.min(axis=1)
    silhouettes = (other_mean - own_mean) / np.maximum(np.maximum(other_mean, own_mean), _TINY)
    return float(np.where(own_size > 1, silhouettes, 0.0).mean())


def _draw_centres(Y: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Draw rows as first centres, far ones more likely (k-means++, Arthur and Vassilvitskii 2007)."""
    centres = Y[rng.integers(len(Y), size=1)]
    squared = row_squared_norms(Y - centres[0])
    while len(centres) < count:
        cumulated = np.cumsum(squared)
        row = int(np.searchsorted(cumulated, rng.random() * cumulated[-1], side="right"))
        # Rounding can give the sum itself, which is beyond the last row.
        centres = np.vstack([centres, Y[min(row, len(Y) - 1)]])
        squared = np.minimum(squared, row_squared_norms(Y - centres[-1]))
    return centres


def _mean_rows(Y: Floats, labels: Ints, centres: Floats) -> Floats:
    """Return the means of the clusters; a cluster that has lost all its rows keeps its centre."""
    membership = build_membership(labels, len(centres))
    sizes = membership.sum(axis=0)[:, None]
    return np.where(sizes > 0, membership.T @ Y / np.maximum(sizes, 1), centres)


def _sum_squared_distances(Y: Floats, centres: Floats) -> float:
    """Return the sum of the squared distances of the rows from their nearest centres: what k-means minimises."""
    return float(row_squared_norms(Y - centres[nearest_centres(Y, centres)]).sum())


def _pairwise_distances(Y: Floats) -> Floats:
    distances: Floats = -2 * (Y @ Y.T)
    squared_norms = row_squared_norms(Y)
    # In place: the matrix has four million entries, and new pages cost more than the arithmetic.
    distances += squared_norms[:, None]
    distances += squared_norms
    # Rounding can make the squared distance of equal rows negative.
    np.maximum(distances, 0.0, out=distances)
    np.fill_diagonal(distances, 0.0)
    return np.sqrt(distances, out=distances)
