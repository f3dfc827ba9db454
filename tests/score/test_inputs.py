"""Invalid frames and bytes are rejected with a one-line message; unusual valid ones are scored."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tracemalloc
import zipfile
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from pydantic import ValidationError

from acm_etl import score
from acm_etl.config import ScoreParams
from acm_etl.errors import InputError, ModelError
from acm_etl.score.arrays import unpack_arrays
from acm_etl.tables.common import DETECTOR_NAMES


def finite(frame):
    return all(frame[name].drop_nulls().is_finite().all() for name in frame.columns if frame[name].dtype.is_float())


@pytest.fixture(scope="module")
def train(make_plant):
    return make_plant(400, seed=2)


@pytest.mark.parametrize("d", [1, 2, 3, 100])
def test_any_number_of_tags(make_plant, fast, d):
    model = score.fit(make_plant(300, d), fast)
    found = score.score(make_plant(50, d, seed=9), model)
    assert found.frame["fused"].null_count() == 0
    assert finite(found.frame)
    shares = found.contributions.drop("Timestamp").sum_horizontal()
    np.testing.assert_allclose(shares, 1.0)


def test_constant_empty_and_extreme_tags(train, fast):
    n = len(train)
    odd = train.with_columns(
        pl.lit(7).alias("constant"),
        pl.lit(0.0).alias("zero"),
        pl.lit(None, pl.Float64).alias("never"),
        pl.Series("nan only", [float("nan")] * n),
        pl.Series('wild "tag" µ', [1e308, float("inf"), -float("inf"), 5.0] * (n // 4)),
        pl.Series("int", np.arange(n) % 7),
    )
    model = score.fit(odd, fast)
    assert set(model.excluded_tags) == {"never", "nan only"}
    found = score.score(odd, model)
    assert finite(found.frame)
    assert found.frame["fused"].null_count() == 0
    events = found.rejected.group_by("ColumnName", "EventType").len().rows()
    assert ('wild "tag" µ', "out_of_range", n // 4) in events
    assert ('wild "tag" µ', "infinite", n // 2) in events
    moved = score.score(odd.with_columns(pl.lit(8).alias("constant")), model)
    assert moved.frame["mhal_z"].median() > found.frame["mhal_z"].median() + 1


def test_unusable_and_off_rows_are_not_scored(history, whole):
    frame = whole.frame
    unusable = frame.filter(pl.col("state").is_null())
    assert len(unusable) >= 7
    scores = unusable.select(*DETECTOR_NAMES, "fused", "drift_z", "health_index", "regime")
    assert set(scores.null_count().row(0)) == {len(unusable)}
    assert not unusable["alarm"].any()
    off = frame.filter(pl.col("state") == "off")
    assert len(off) >= 38
    assert set(off["fused"]) == {0.0}
    assert set(off["regime"]) == {"off"}
    assert off.select(DETECTOR_NAMES).null_count().row(0) == (len(off),) * len(DETECTOR_NAMES)
    assert len(frame) == len(history)


def test_empty_and_single_rows(model, history, whole):
    nothing = score.score(history.clear(), model, whole.state)
    assert nothing.frame.is_empty()
    assert nothing.frame.schema == whole.frame.schema
    assert nothing.state is whole.state
    single = score.score(history[:1], model)
    assert_frame_equal(single.frame, whole.frame[:1], abs_tol=1e-9)


def test_missing_unknown_and_reordered_columns(model, history):
    with pytest.raises(InputError, match="1 of 4 tags of the model are missing: tag 2"):
        score.score(history.drop("tag 2"), model)
    with pytest.raises(InputError, match=r"unknown to the model \(1\): other"):
        score.score(history.with_columns(pl.lit(1).alias("other")), model)
    shuffled = history.select("tag 3", "Timestamp", "tag 0", "tag 2", "tag 1")
    assert_frame_equal(score.score(shuffled, model).frame, score.score(history, model).frame, check_exact=True)


def test_times_must_increase(model, history, whole):
    with pytest.raises(InputError, match="is not after the last scored one"):
        score.score(history[-1:], model, whole.state)
    with pytest.raises(InputError, match="not increasing"):
        score.score(history.reverse(), model)
    times = [history["Timestamp"][5], history["Timestamp"][4]]
    with pytest.raises(InputError, match="must increase"):
        score.score(history, model, snapshot_times=times)


def test_a_state_belongs_to_its_model(train, fast, history, whole):
    with pytest.raises(ModelError, match="another model"):
        score.score(history, score.fit(train, fast), whole.state)


@pytest.mark.parametrize("rows", [0, 1, 40])
def test_too_few_rows_to_fit(train, fast, rows):
    with pytest.raises((ModelError, InputError)):
        score.fit(train[:rows], fast)


def test_too_few_rows_say_what_to_do(train, fast):
    with pytest.raises(ModelError, match=r"40 of 40 training readings .* 50 are needed; lengthen"):
        score.fit(train[:40], fast)
    with pytest.raises(ModelError, match="none of the 4 tags"):
        score.fit(train.with_columns(pl.lit(None).alias(f"tag {i}") for i in range(4)), fast)
    assert score.find_operating_states(train.clear(), fast) == score.OperatingStates(0, None)


def test_states_that_are_known_give_the_same_model(train, fast):
    states = score.find_operating_states(train, fast)
    assert states.running_rows == 400
    assert score.fit(train, fast, states=states).to_bytes() == score.fit(train, fast).to_bytes()


def test_a_restored_model_gives_the_same_bits(model, history, whole):
    twin = score.Model.from_bytes(model.to_bytes())
    assert twin.to_bytes() == model.to_bytes()
    assert twin.fingerprint == model.fingerprint
    again = score.score(history, twin, time_zone="America/New_York")
    assert_frame_equal(again.frame, whole.frame, check_exact=True)
    assert again.state.to_bytes() == whole.state.to_bytes()


def test_fitting_again_gives_the_same_bytes(train, fast):
    assert score.fit(train, fast).to_bytes() == score.fit(train, fast).to_bytes()


def foreign():
    stream = io.BytesIO()
    np.savez(stream, a=np.arange(3))
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["Model", "ScoringState"])
@pytest.mark.parametrize("damage", ["empty", "text", "cut", "foreign", "pickle", "flipped", "other"])
def test_damaged_bytes_are_rejected(model, whole, kind, damage):
    blobs = {"Model": model.to_bytes(), "ScoringState": whole.state.to_bytes()}
    good = blobs[kind]
    flipped = bytearray(good)
    flipped[len(good) // 2] ^= 0xFF
    bad = {
        "empty": b"",
        "text": b"not a model",
        "cut": good[: len(good) // 2],
        "foreign": foreign(),
        "pickle": b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00]\x94.",
        "flipped": bytes(flipped),
        "other": blobs["ScoringState" if kind == "Model" else "Model"],
    }[damage]
    with pytest.raises(ModelError):
        getattr(score, kind).from_bytes(bad)


def test_states_are_small(whole):
    assert len(whole.state.to_bytes()) < 20_000


def test_alarms_wait_for_the_end_of_training(model, history, whole):
    assert whole.frame["alarm"].any()
    end = whole.frame.filter("alarm")["Timestamp"][3]
    found = score.score(history, model, train_end=end)
    assert found.frame.filter("alarm")["Timestamp"][0] == end
    assert found.episodes["StartTs"][0] == end
    never = score.score(history, model, train_end=end + timedelta(days=999))
    assert never.episodes.is_empty()


def test_fitting_and_scoring_do_not_load_sklearn():
    code = "import sys, acm_etl.score; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_fewer_rows_than_tags(make_plant, fast):
    model = score.fit(make_plant(60, 100), fast)
    assert finite(score.score(make_plant(80, 100, seed=1), model).frame)


@pytest.mark.parametrize("weights", [{}, {"ar1_z": 0.0}, {"ar1_z": 1.0, "mhal_z": -1.0}, {"ar1": 1.0}])
def test_weights_are_checked(weights):
    with pytest.raises(ValidationError, match="weights must be 0 or more"):
        ScoreParams(weights=weights)


def _pack(members, *, compression=zipfile.ZIP_STORED):
    """A model whose checksum is right, as somebody who can write to the store could make it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return hashlib.sha256(stream.getvalue()).digest() + stream.getvalue()


def _npy(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


_HEADER = _npy(np.frombuffer(b'{"kind": "model", "format": 3}', dtype=np.uint8))
_HUGE = _npy(np.zeros(1)).replace(b"(1,), }         ", b"(900000000000,),}")[: len(_npy(np.zeros(1)))]
_BRACKETS = _npy(np.frombuffer(b"[" * 200_000 + b"]" * 200_000, dtype=np.uint8))
_OBJECTS = _npy(np.zeros(1)).replace(b"<f8", b"|O8")


@pytest.mark.parametrize(
    ("members", "compression"),
    [
        ({"header": _HEADER, "a": _npy(np.zeros(5_000_000))}, zipfile.ZIP_DEFLATED),
        ({"header": _HEADER, "a": _HUGE}, zipfile.ZIP_STORED),
        ({"header": _HEADER, "a": _OBJECTS}, zipfile.ZIP_STORED),
        ({"header": _BRACKETS}, zipfile.ZIP_STORED),
    ],
    ids=["compressed", "huge", "objects", "brackets"],
)
def test_crafted_models_are_refused_within_the_memory_of_their_bytes(members, compression):
    blob = _pack(members, compression=compression)
    tracemalloc.start()
    with pytest.raises(ModelError, match="cannot read the stored model"):
        unpack_arrays(blob, "model")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000
