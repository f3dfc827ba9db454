"""Gaussian mixture with full covariances, fitted by expectation maximisation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from acm_etl.score.array_ops import row_squared_norms
from acm_etl.score.arrays import Floats
from acm_etl.score.clusters import build_membership, fit_centres, nearest_centres, sample_rows

_MAX_ROWS = 10_000  # enough for the 272 parameters of three components in twelve dimensions
_MAX_ITERATIONS = 100
_MIN_GAIN = 1e-3  # of the mean log-likelihood: a more exact optimum ranks the rows in the same way
_RIDGE = 1e-3  # variance added to each dimension, of whitened rows


class MixtureParams(NamedTuple):
    """Parameters of a mixture of m components in k dimensions.

    Attributes:
        weights: Shares of the components, m.
        means: Means, m by k.
        roots: Upper triangular factors R of the precision matrices ``R R'``, m by k by k.
    """

    weights: Floats
    means: Floats
    roots: Floats


def fit_mixture(Y: Floats, component_count: int, seed: int) -> MixtureParams:
    """Fit a Gaussian mixture.

    Args:
        Y: Whitened rows, n by k; at most 10,000 evenly spaced rows are used.
        component_count: Maximum number of components.
        seed: Seed of the start values.
    """
    # A full covariance needs several rows per dimension, or it degenerates to the few rows it has.
    component_count = max(1, min(component_count, len(Y) // (4 * Y.shape[1])))
    Y = sample_rows(Y, _MAX_ROWS)
    centres = fit_centres(Y, component_count, np.random.default_rng(seed))
    params = _maximise_likelihood(Y, build_membership(nearest_centres(Y, centres), component_count))
    likelihood_before = -np.inf
    for _ in range(_MAX_ITERATIONS):
        log_densities = component_log_densities(Y, params)
        log_density = sum_log_densities(log_densities)
        likelihood = float(log_density.mean())
        if likelihood - likelihood_before < _MIN_GAIN:
            break
        params, likelihood_before = _maximise_likelihood(Y, np.exp(log_densities - log_density).T), likelihood
    return params


def component_log_densities(Y: Floats, params: MixtureParams) -> Floats:
    """Return the logarithm of weight times density of each component at each row, m by n."""
    return np.stack([_component_log_density(Y, *component) for component in zip(*params, strict=True)])


def sum_log_densities(log_densities: Floats) -> Floats:
    """Return the log-likelihood of each row, m by n to n."""
    # log-sum-exp: far rows have densities that underflow to zero.
    largest = log_densities.max(axis=0)
    log_density: Floats = largest + np.log(np.exp(log_densities - largest).sum(axis=0))
    return log_density


def _component_log_density(Y: Floats, weight: float, mean: Floats, root: Floats) -> Floats:
    # With the factor R of the precision, (y R)^2 is the squared distance and log det R the normalisation.
    y = Y @ root - mean @ root
    constant = np.log(weight) + np.log(np.diag(root)).sum() - 0.5 * Y.shape[1] * np.log(2 * np.pi)
    log_density: Floats = constant - 0.5 * row_squared_norms(y)
    return log_density


def _maximise_likelihood(Y: Floats, shares: Floats) -> MixtureParams:
    """Fit the components to rows that belong to them by shares (n by m, each row sums to 1)."""
    # A component that has lost all its rows keeps a tiny weight: its logarithm must exist.
    sizes = shares.sum(axis=0) + 10 * np.finfo(float).eps
    means = shares.T @ Y / sizes[:, None]
    roots = [_precision_root(Y - mean, column) for mean, column in zip(means, (shares / sizes).T, strict=True)]
    return MixtureParams(sizes / sizes.sum(), means, np.stack(roots))


def _precision_root(centred: Floats, weights: Floats) -> Floats:
    covariance = (centred * weights[:, None]).T @ centred + _RIDGE * np.eye(centred.shape[1])
    # Contiguous, as a restored model has it: products with the transposed view round differently.
    return np.ascontiguousarray(np.linalg.inv(np.linalg.cholesky(covariance)).T)
