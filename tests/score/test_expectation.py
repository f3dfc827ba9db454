"""Expected readings: each tag from all others, in its unit, while the machine is in operation."""

from __future__ import annotations

import numpy as np
import polars as pl

from acm_etl import score


def test_the_expectation_of_a_tag_follows_from_the_others_alone(model, history):
    expected = score.compute_expected_readings(history, model)
    assert expected.columns == ["Timestamp", *model.tags]
    shifted = history.with_columns(pl.when(pl.col("tag 0").is_finite()).then(pl.col("tag 0") + 0.5).alias("tag 0"))
    moved = score.compute_expected_readings(shifted, model)
    # Where another tag is missing, it is filled from all tags.
    known = history.select(pl.all_horizontal(pl.col(model.tags).is_finite() & (pl.col(model.tags) > 10))).to_series()
    np.testing.assert_allclose(moved["tag 0"].filter(known), expected["tag 0"].filter(known), atol=1e-9)
    assert (moved["tag 1"] - expected["tag 1"]).filter(known).abs().min() > 0.01


def test_a_distrusted_tag_says_nothing_about_the_others(model, make_plant):
    healthy = make_plant(200, seed=9)
    broken = healthy.with_columns(pl.col("tag 0") + 15)
    trusting, wary = (score.compute_expected_readings(broken, model, distrusted=tags) for tags in ((), ("tag 0",)))
    expected = score.compute_expected_readings(healthy, model, distrusted=("tag 0",))
    assert (trusting["tag 1"] - expected["tag 1"]).abs().min() > 1
    for tag in ("tag 0", "tag 1"):
        np.testing.assert_allclose(wary[tag], expected[tag], atol=1e-9)


def test_expected_readings_are_close_except_in_a_fault_and_missing_while_the_machine_is_off(model, history, make_plant):
    healthy = make_plant(600, seed=9)
    error = (healthy["tag 0"] - score.compute_expected_readings(healthy, model)["tag 0"]).std()
    assert error < 0.8 * healthy["tag 0"].std()
    gap = (history["tag 0"] - score.compute_expected_readings(history, model)["tag 0"])[455:505].median()
    assert 12 < gap < 18
    assert score.compute_expected_readings(history, model)["tag 0"][185:215].null_count() == 30
