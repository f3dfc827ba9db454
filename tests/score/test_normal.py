"""Normal distribution: probabilities and quantiles as those of SciPy."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from acm_etl.score import normal


@pytest.fixture(scope="module")
def special():
    """SciPy's functions, imported for these tests alone."""
    return importlib.import_module("scipy.special")


def test_probabilities_equal_those_of_scipy(special):
    z = np.concatenate([np.linspace(-40, 40, 8_001), [-np.inf, np.inf]])
    assert normal.normal_cdf(z) == pytest.approx(special.ndtr(z), rel=0, abs=1e-15)


def test_probabilities_of_a_matrix_keep_its_shape(special):
    z = np.linspace(-9, 9, 12).reshape(2, 2, 3)
    assert normal.normal_cdf(z) == pytest.approx(special.ndtr(z), rel=0, abs=1e-15)


def test_quantiles_equal_those_of_scipy(special):
    probabilities = np.concatenate([np.linspace(1e-6, 1 - 1e-6, 999), 10.0 ** -np.arange(1, 300)])
    found = [normal.normal_quantile(float(one)) for one in probabilities]
    assert found == pytest.approx(special.ndtri(probabilities), rel=2e-15, abs=1e-15)


def test_quantiles_of_logarithms_equal_those_of_scipy_as_long_as_it_is_exact(special):
    logs = -np.concatenate([np.linspace(0.08, 10, 999), np.logspace(0.5, 2.8, 999), np.linspace(690, 710, 99)])
    assert normal.upper_quantile_of_log(logs) == pytest.approx(-special.ndtri_exp(logs), rel=1e-13)


def test_logarithm_and_quantile_are_inverse_where_no_float_holds_the_probability(special):
    z = np.logspace(0.2, 6, 200)
    logs = np.array([normal.log_upper_probability(float(one)) for one in z])
    assert logs == pytest.approx(special.log_ndtr(-z), rel=1e-14)
    assert normal.upper_quantile_of_log(logs) == pytest.approx(z, rel=1e-13)


def test_logarithm_of_probabilities_near_one_keeps_its_digits(special):
    z = np.linspace(-30, 0, 61)
    found = [normal.log_upper_probability(float(one)) for one in z]
    assert found == pytest.approx(special.log_ndtr(-z), rel=1e-13)
