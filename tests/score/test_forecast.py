"""Trends and outlooks against independent formulas, and against made-up machines whose end is known."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from acm_etl.score.array_ops import MAD_TO_STD
from acm_etl.score.forecast.backtest import Backtest, backtest_trend
from acm_etl.score.forecast.candidate_curves import FLAT, HINGE, difference_scatter, median_of_three
from acm_etl.score.forecast.change_point import find_last_shift
from acm_etl.score.forecast.health_forecast import HORIZON_HOURS, HealthForecast, ceil_to_step
from acm_etl.score.forecast.trend_model import Trend

LIMIT = 4.72 * np.sqrt(100 / 70 - 1)
normal_cdf = np.vectorize(NormalDist().cdf)


def noons(n):
    return np.arange(n) - n + 0.5


def outlook(values):
    return HealthForecast(noons(len(values)), np.asarray(values, dtype=float), 4.72)


def one_curve(kind, at, slope, *, level=1.0, scatter=0.5, rising=False):
    """A trend of a single curve without uncertainty in its parameters."""
    none, one = np.zeros(1), np.ones(1)
    return Trend(0, rising, one, np.array([kind]), one * at, level, one * slope, none, 0.0, none, scatter)


@given(st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 3)), min_size=2, max_size=40))
def test_medians_of_short_series_are_those_of_numpy(values):
    y = np.array(values)
    inner = np.median(np.stack([y[:-2], y[1:-1], y[2:]]), axis=0)
    np.testing.assert_array_equal(median_of_three(y)[1:-1], inner)
    lag = min(3, len(y) - 1)
    differences = y[lag:] - y[:-lag]
    std = MAD_TO_STD * np.median(np.abs(differences - np.median(differences))) / np.sqrt(2)
    n = len(differences)
    assert difference_scatter(y) == np.sqrt((n * std**2 + 6.0 * 0.6**2) / (n + 6.0))


def test_quantiles_of_one_flat_curve_are_those_of_a_normal_distribution():
    days = np.array([0.0, 7, 30])
    found = one_curve(FLAT, 0, 0).value_quantiles((0.1, 0.5, 0.9), days)
    std = 0.5 * np.sqrt(1 + 0.02 * days)
    for row, share in zip(found, (0.1, 0.5, 0.9), strict=True):
        np.testing.assert_allclose(row, 1 + std * NormalDist().inv_cdf(share), atol=1e-6)


def test_quantiles_of_two_curves_are_those_of_their_mixture():
    two = Trend(0, False, np.array([0.3, 0.7]), np.array([FLAT, HINGE]), np.array([0.0, -10]), 1.0,  # noqa: FBT003
                np.array([0.0, 0.1]), np.zeros(2), 0.04, np.zeros(2), 0.5)  # fmt: skip
    (value,) = two.value_quantiles((0.8,), np.array([5.0]))[0]
    std = np.sqrt(0.04 + 0.25 * (1 + 0.02 * 5))
    assert 0.3 * normal_cdf((value - 1) / std) + 0.7 * normal_cdf((value - 2.5) / std) == pytest.approx(0.8, abs=1e-6)


def test_quantiles_of_two_curves_far_apart_are_found_between_and_beside_their_modes():
    two = Trend(0, False, np.array([0.3, 0.7]), np.array([FLAT, HINGE]), np.array([0.0, -10]), 1.0,  # noqa: FBT003
                np.array([0.0, 40]), np.zeros(2), 0.04, np.zeros(2), 0.5)  # fmt: skip
    shares = (0.01, 0.29999, 0.3, 0.30001, 0.5, 0.99)
    values = two.value_quantiles(shares, np.array([5.0]))[:, 0]
    std = np.sqrt(0.04 + 0.25 * (1 + 0.02 * 5))
    found = 0.3 * normal_cdf((values - 1) / std) + 0.7 * normal_cdf((values - 601) / std)
    assert found == pytest.approx(shares, abs=1e-12)


def test_the_probability_of_having_passed_is_the_highest_so_far():
    days = np.arange(0, 60.0)
    rising = one_curve(HINGE, 0, 0.1, rising=True)
    expected = normal_cdf((1 + 0.1 * days[1:] - 3) / (0.5 * np.sqrt(0.02 * days[1:])))
    np.testing.assert_allclose(rising.passage_probability(3.0, days[1:]), np.maximum.accumulate(expected), atol=1e-9)
    high = one_curve(FLAT, 0, 0, level=3.2)  # beyond already: a level that wanders back does not undo it
    found = high.passage_probability(3.0, days[1:])
    assert (found == found[0]).all()


def test_a_jump_is_found_where_it_is_and_a_trend_is_none():
    rng = np.random.default_rng(4)
    noise = 0.3 * rng.normal(size=30)
    days = noons(30)
    for at, size in ((12, 3.0), (20, -3.0), (29, -4.0)):
        assert find_last_shift(days, noise + size * (np.arange(30) >= at)) == at
    assert find_last_shift(days, noise) == 0
    assert find_last_shift(days, noise + 0.15 * np.arange(30)) == 0


def test_a_straight_way_ends_where_the_line_meets_the_threshold():
    now = outlook(0.1 * np.arange(1, 26) - 0.05)  # the end of the last day is at 2.5
    assert now.forecast_status == "DEGRADING"
    assert now.trend.current_slope == pytest.approx(0.1, rel=0.4)
    left = 24 * (LIMIT - 2.5) / 0.1
    assert now.rul_hours == pytest.approx(left, rel=0.3)
    low, high = now.rul_bounds
    assert low < left < high
    assert 0 < now.rul_confidence <= 1


def test_what_grows_is_expected_to_grow_faster():
    grown = outlook(0.6 * np.exp((np.arange(30) - 20) / 8.0))
    straight = outlook(np.linspace(grown.medians[0], grown.medians[-1], 30))
    assert grown.forecast_status == "DEGRADING"
    assert grown.trend.curve_means(np.array([10.0])).max() > straight.trend.curve_means(np.array([10.0])).max()


def test_nothing_degrades_no_remaining_life():
    rng = np.random.default_rng(8)
    quiet = 0.2 + 0.5 * rng.normal(size=30)
    jumped = quiet + 2 * (np.arange(30) >= 15)
    assert (outlook(quiet).forecast_status, outlook(quiet).rul_hours) == ("STABLE", None)
    assert (outlook(jumped).forecast_status, outlook(jumped).rul_hours) == ("STABLE", None)
    assert outlook(quiet).rul_bounds == (None, None)
    fallen = outlook(quiet + 8 * (np.arange(30) >= 15))
    assert (fallen.forecast_status, fallen.rul_hours) == ("BELOW", None)
    assert fallen.failure_probability(np.zeros(1))[0] > 0.99


def test_a_repair_makes_it_forget():
    worn = 0.09 * np.arange(30)
    assert outlook(worn).forecast_status == "DEGRADING"
    repaired = outlook(np.append(worn, [0.2, 0.1, 0.3]))
    assert repaired.trend.start_index == 30
    assert repaired.forecast_status == "STABLE"
    assert repaired.health_band.median[0] > 98


def test_too_few_days_or_none_lately_are_unknown():
    assert outlook([1.0, 2.0]).forecast_status == "UNKNOWN"
    assert outlook([1.0, 2.0]).rul_hours is None
    assert HealthForecast(noons(20) - 4, np.zeros(20), 4.72).forecast_status == "UNKNOWN"


def test_no_time_to_a_threshold_that_is_crossed():
    crossed = outlook(0.15 * np.arange(30))
    assert crossed.is_degrading
    assert crossed.forecast_status == "BELOW"
    assert (crossed.rul_hours, crossed.rul_bounds, crossed.rul_confidence) == (None, (None, None), None)


def test_missed_rises_widen_the_interval_downwards_only():
    rng = np.random.default_rng(3)
    quiet = 0.2 + 0.3 * rng.normal(size=24)
    rising = np.append(quiet, quiet[-1] + 0.8 * np.arange(1, 6))
    found = backtest_trend(noons(29), rising, min_level=1.0)
    assert found.upper_factor > 1.5  # of z: the lower limit of health
    assert found.lower_factor < 1.1


def test_a_backtest_needs_days_to_fit_and_days_to_compare():
    assert backtest_trend(noons(5), np.zeros(5), min_level=1.0) == Backtest()
    assert backtest_trend(noons(6), np.zeros(6), min_level=1.0) != Backtest()


def test_an_onset_raises_the_upper_quantile_with_the_horizon():
    days = np.array([1.0, 7, 14, 28])
    flat = one_curve(FLAT, 0, 0)
    raised = flat.onset_quantile(0.9, days) - flat.value_quantiles((0.9,), days)[0]
    assert (np.diff(raised) > 0).all()
    assert raised[0] < 0.02
    # One onset in 125 days: 20 % within 28 days, so that the 90 % quantile lies within the rises.
    assert raised[-1] > 1


levels = st.floats(-3, 25, allow_nan=False)


@settings(max_examples=60, deadline=None)
@given(st.lists(levels, min_size=3, max_size=40))
@example([-1, 4, 0, 0, 0, 0, 4])
def test_whatever_comes_in_what_goes_out_is_lawful(values):
    now = outlook(values)
    band, failed = now.health_band, now.failure_probability(HORIZON_HOURS)
    for column in (band.lower, band.median, band.upper, failed):
        assert np.isfinite(column).all()
    assert (band.lower >= 0).all()
    assert (band.upper <= 100).all()
    assert (band.lower <= band.median + 1e-6).all()
    assert (band.median <= band.upper + 1e-6).all()
    assert (np.diff(band.upper - band.lower) >= -1e-9).all()
    assert (np.diff(failed) >= 0).all()
    assert failed[0] >= 0
    assert failed[-1] <= 1 + 1e-12
    if now.rul_hours is None:
        return
    low, high = now.rul_bounds
    assert 0 <= low <= now.rul_hours <= (np.inf if high is None else high)
    assert 0 <= now.rul_confidence <= 1


def test_rounding_does_not_decide_how_wide_a_forecast_is():
    days, before = np.arange(-20.0, 0.0) + 0.5, np.tile([0.0, 0.4], 9)
    widths = [
        HealthForecast(
            days, np.concatenate([before + 9, [-0.386638454988288 + error, -0.312560159482153]]), 4.72
        ).health_band.normal_std
        for error in (0.0, 1e-16, 3e-16, -2e-16)
    ]
    np.testing.assert_allclose(widths, [widths[0]] * 4, rtol=1e-9)


def test_the_next_step():
    assert [ceil_to_step(hours) for hours in (0.0, 0.1, 24.0, 25.0)] == [0, 24, 24, 48]


@pytest.fixture(scope="module")
def bench():
    path = Path(__file__).parents[2] / "bench" / "forecast.py"
    spec = importlib.util.spec_from_file_location("bench_forecast", path)
    module = importlib.util.module_from_spec(spec)
    # dataclasses look their module up
    import sys  # noqa: PLC0415

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["none", "restless", "step", "fall", "linear", "exponential", "repaired"])
def test_forecasts_are_as_good_as_the_docs_say(bench, kind):
    """The table of docs/forecast.md with fewer seeds, and room for that."""
    tally = bench.evaluate_forecasts(bench.KINDS[kind](np.random.default_rng([5, seed])) for seed in range(8))
    assert 0.70 <= np.mean(tally.covered) <= 0.97
    if kind in ("linear", "exponential"):
        assert np.mean(tally.errors) < np.mean(tally.persistence_errors)
        predicted, actual = np.array(tally.rul_days).T
        assert np.median(np.abs(predicted - actual)) < 8
        assert np.mean(tally.rul_covered) > 0.5
    else:
        assert np.mean(tally.has_rul) <= 0.05
