"""The weights of the fusion belong to the model: they depend on its training, and stored models keep theirs."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from acm_etl import score, simulate
from acm_etl.config import ScoreParams
from acm_etl.score.arrays import pack_arrays, unpack_arrays
from acm_etl.score.model import Model, read_weights
from acm_etl.score.training.weights import count_independent_rows, select_weights
from acm_etl.tables.common import DETECTOR_NAMES


@pytest.mark.parametrize("tag_count", [2, 9, 200])
def test_several_tags_have_the_weights_of_the_settings(tag_count):
    params = ScoreParams()
    assert dict(zip(DETECTOR_NAMES, select_weights(params, tag_count, 5 * tag_count), strict=True)) == params.weights


def test_one_tag_has_no_other_tag_to_predict_it_from():
    params = ScoreParams()
    weights = dict(zip(DETECTOR_NAMES, select_weights(params, 1, 3), strict=True))
    assert weights["omr_z"] == 0
    assert weights["ar1_z"] == params.weights["ar1_z"] / 2
    assert weights["mewma_z"] == params.weights["mewma_z"] + params.weights["omr_z"] + params.weights["ar1_z"] / 2
    assert sum(weights.values()) == pytest.approx(read_weights(params).sum())


def test_detectors_of_relations_lose_weight_where_training_has_few_independent_rows():
    params = ScoreParams()
    weights = dict(zip(DETECTOR_NAMES, select_weights(params, 20, 25), strict=True))
    assert weights.pop("ar1_z") == params.weights["ar1_z"]
    assert weights == pytest.approx({name: params.weights[name] / 4 for name in weights})


@pytest.mark.parametrize(("phi", "least", "most"), [(0.0, 3800, 4000), (0.9, 150, 280), (0.999, 1, 30)])
def test_independent_rows_are_fewer_the_longer_a_tag_remembers(autoregress, phi, least, most):
    noise = np.random.default_rng(4).normal(size=(4000, 3))
    Z = autoregress(np.sqrt(1 - phi**2) * noise, phi)
    assert least <= count_independent_rows(Z, np.arange(4000) // 1000) <= most


def test_shifts_between_folds_and_resting_tags_are_no_memory():
    noise = np.random.default_rng(4).normal(size=(4000, 3))
    folds = np.arange(4000) // 1000
    shifted = np.column_stack([noise + 10 * folds[:, None], np.zeros((4000, 5))])
    assert count_independent_rows(shifted, folds) == pytest.approx(count_independent_rows(noise, folds))
    assert count_independent_rows(np.zeros((40, 2)), folds[:40]) == np.inf


def test_settings_with_omr_alone_leave_a_positive_weight():
    assert select_weights(ScoreParams(weights={"omr_z": 1.0}), 1, 3).sum() == 1


NEW_PARTS = ("faults/", "fusion/", "level/")  # arrays that models of earlier versions do not have


@pytest.fixture(scope="module")
def readings():
    values = 50 + np.random.default_rng(2).normal(size=600)
    times = pl.Series([simulate.DEFAULT_START + timedelta(minutes=10 * row) for row in range(600)])
    return pl.DataFrame({"Timestamp": times.cast(pl.Datetime("us")), "tag": values})


@pytest.fixture(scope="module")
def one_tag_model(readings):
    return score.fit(readings)


def test_a_stored_model_keeps_its_weights(one_tag_model):
    restored = Model.from_bytes(one_tag_model.to_bytes())
    assert restored.fusion_weights.tolist() == select_weights(one_tag_model.params, 1, 3).tolist()
    assert restored.fingerprint == one_tag_model.fingerprint


def test_a_model_of_an_earlier_version_keeps_its_weights_and_continues_from_its_state(one_tag_model, readings):
    header, arrays = unpack_arrays(one_tag_model.to_bytes(), "model")
    blob = pack_arrays(header, {name: array for name, array in arrays.items() if not name.startswith(NEW_PARTS)})
    earlier = Model.from_bytes(blob)
    state = score.ScoringState(hashlib.sha256(blob).hexdigest())
    assert earlier.fusion_weights.tolist() == read_weights(earlier.params).tolist()
    assert score.score(readings, earlier, state).frame.height == readings.height
