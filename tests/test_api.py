"""The two doors of the package, as README shows them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import polars as pl
import pytest
from plants import CODE, FAST, START, history
from progress_receivers import RecordingProgress

import acm_etl
from acm_etl.config import ScoreParams
from acm_etl.errors import InputError, ModelError, UsageError
from acm_etl.results import BackfillReport, MachineReport, TableTotal
from acm_etl.run.context import BackfillRequest

PARAMS = ScoreParams(forest_trees=8)


def test_times_with_an_offset_are_turned_into_utc(plant):
    until = (START + timedelta(days=16)).replace(tzinfo=timezone(timedelta(hours=2)))
    report = plant().backfill(until=until, max_windows=1).machines[0]
    assert (report.outcome, report.readings > 0) == ("stopped", True)
    assert BackfillRequest(until=until).until == START + timedelta(days=15, hours=22)


def test_old_names_of_options_are_accepted_with_a_warning(plant):
    place = plant()
    with pytest.warns(DeprecationWarning, match="final is now named close_last_window"):
        report = acm_etl.backfill(store=place.url, equip=CODE, settings=FAST, final=True, dry_run=True)
    assert report.machines[0].outcome == "planned"


def test_a_backfill_returns_a_typed_report(plant):
    place, progress = plant(), RecordingProgress()
    report = acm_etl.backfill(
        store=place.url, equip=CODE, tick="12h", settings=FAST, progress=progress, workers=2, max_windows=40
    )
    assert isinstance(report, BackfillReport)
    assert (report.store, report.exit_code, report.interrupted) == (place.url, 0, False)
    (machine,) = report.machines
    assert isinstance(machine, MachineReport)
    assert (machine.equip, machine.outcome, machine.windows, machine.model_version) == (CODE, "stopped", 40, 1)
    assert isinstance(machine.resume_at, datetime)
    assert machine.readings > 900
    assert machine.rejected["nan"] > 0
    scores = machine.tables["ACM_Scores_Wide"]
    assert isinstance(scores, TableTotal)
    stored = place.query("SELECT count(*) AS n FROM ACM_Scores_Wide").item()
    assert (scores.staged, scores.inserted, scores.updated, scores.deleted) == (stored, stored, 0, 0)
    assert machine.tables["ModelRegistry"].inserted == 1
    assert machine.rows_written == sum(table.inserted + table.updated for table in machine.tables.values())
    assert report.to_dict()["exit_code"] == 0
    assert progress.events[:2] == [("count", None, 1), ("coldstart", CODE, "reading")]
    assert progress.events[-1] == ("end", CODE, "stopped")
    assert sum(windows for event, _, windows in progress.events if event == "advance") == 40


def test_one_machine_that_fails_is_a_report_and_a_wrong_call_an_exception(plant, tmp_path):
    place = plant()
    report = acm_etl.backfill(store=place.url, equip=[CODE], settings={**FAST, "score.min_train_rows": 9999})
    assert (report.exit_code, report.machines[0].outcome) == (1, "failed")
    with pytest.raises(UsageError, match="there is no machine 'NOPE'"):
        acm_etl.backfill(store=place.url, equip="NOPE")
    with pytest.raises(UsageError, match="there is no store"):
        acm_etl.backfill(store=f"duckdb:///{tmp_path / 'none.duckdb'}")
    with pytest.raises(UsageError, match="unknown key"):
        acm_etl.backfill(store=place.url, settings={"score.alarmz": 3})
    with pytest.raises(UsageError, match="must be before"):
        acm_etl.backfill(store=place.url, since=START, until=START)


def frames():
    readings = history(days=20).rename({"EntryDateTime": "Timestamp"})
    frame = acm_etl.score.dedupe_readings(readings)[0]
    cuts = (START + timedelta(days=12), START + timedelta(days=16))
    time = pl.col("Timestamp")
    return (
        frame.filter(time < cuts[0]),
        frame.filter(time.is_between(*cuts, closed="left")),
        frame.filter(time >= cuts[1]),
    )


def test_a_plain_frame_is_scored_without_any_store():
    training, frame, next_frame = frames()
    model = acm_etl.score.fit(training, PARAMS)
    result = acm_etl.score.score(frame, model)
    assert result.frame.height == frame.height
    heads = {"ar1_z", "pca_spe_z", "pca_t2_z", "mhal_z", "iforest_z", "gmm_z", "omr_z", "mewma_z"}
    assert {"Timestamp", "state", "fused", "alarm", "health_index", *heads} <= set(result.frame.columns)
    assert result.frame["health_index"].drop_nulls().is_between(0, 100).all()
    assert result.contributions.height > 0
    small = acm_etl.score.score(frame, model, keep_contributions=False)
    assert small.frame.equals(result.frame)
    assert small.culprits.equals(result.culprits)
    with pytest.raises(ValueError, match="keep_contributions"):
        small.contributions  # noqa: B018 - a property
    later = acm_etl.score.score(next_frame, model, result.state)
    both = acm_etl.score.score(pl.concat([frame, next_frame]), model)
    joined = pl.concat([result.frame, later.frame])["fused"]
    assert (joined - both.frame["fused"]).abs().max() < 1e-9


def test_a_model_and_a_state_travel_as_bytes():
    training, frame, next_frame = frames()
    model = acm_etl.score.fit(training, PARAMS)
    restored = acm_etl.score.Model.from_bytes(model.to_bytes())
    assert restored.to_bytes() == model.to_bytes()
    first = acm_etl.score.score(frame, model)
    state = acm_etl.score.ScoringState.from_bytes(first.state.to_bytes())
    one, other = acm_etl.score.score(next_frame, model, first.state), acm_etl.score.score(next_frame, restored, state)
    assert one.frame.equals(other.frame)


def test_frames_that_cannot_be_fitted_are_refused_with_a_reason():
    training, _, _ = frames()
    with pytest.raises(InputError):
        acm_etl.score.fit(training.reverse(), PARAMS)
    with pytest.raises(InputError):
        acm_etl.score.fit(training.with_columns(shift=pl.lit("early")), PARAMS)
    with pytest.raises(ModelError, match="lengthen the training period"):
        acm_etl.score.fit(training.head(30), PARAMS)


def test_nothing_else_is_promised():
    assert acm_etl.__all__ == ["__version__", "backfill", "score"]
    with pytest.raises(AttributeError, match="no attribute 'train'"):
        acm_etl.train  # noqa: B018 - looking is enough
