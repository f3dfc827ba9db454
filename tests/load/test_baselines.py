"""Baselines in a store: one request per time is in use, and decisions can be taken back."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import stores

from acm_etl.load import single_rows
from acm_etl.load.models import baselines
from acm_etl.load.models.baselines import Baseline
from acm_etl.tables.runs import BASELINES
from load.made import HOUR, day


def make_baseline(start=2, *, number=0, **fields):
    row = Baseline(1, day(9) + number * HOUR, day(start), None, "PENDING", "ann", "neues Läger")
    return replace(row, **fields)


@stores.WIRE_TOO
def test_a_request_is_read_as_it_was_made(engine):
    wanted = [make_baseline(1, number=1, requested_end=day(4)), make_baseline(2)]
    for each in reversed(wanted):
        assert baselines.create_baseline(engine, each) == 0
    assert baselines.read_baselines(engine, 1) == wanted, "in the order of their times"
    assert baselines.read_baselines(engine, 2) == []


def test_a_newer_request_replaces_the_one_for_the_same_time(engine):
    baselines.create_baseline(engine, make_baseline())
    newer = make_baseline(number=1, reason="once more")
    assert baselines.create_baseline(engine, newer) == 1
    assert baselines.read_baselines(engine, 1) == [newer]
    assert baselines.retire_baselines(engine, 1, day(2), "WITHDRAWN") == 1
    assert baselines.retire_baselines(engine, 1, day(2), "WITHDRAWN") == 0
    assert baselines.read_baselines(engine, 1) == []


def test_decisions_after_a_time_are_taken_back(engine):
    rows = [make_baseline(start, number=start) for start in (1, 2, 3)]
    for row in rows:
        baselines.create_baseline(engine, row)
    done = [
        replace(row, status="DONE", train_end=day(5), train_rows=240, model_version=2 + place, message="trained")
        for place, row in enumerate(rows)
    ]
    for row in done:
        baselines.record_baseline_decision(engine, row)
    assert baselines.read_baselines(engine, 1) == done
    assert baselines.revert_baseline_decisions(engine, 1, after=day(2)) == 1
    assert baselines.read_baselines(engine, 1) == [*done[:2], rows[2]], "the one at the time stays"
    assert baselines.revert_baseline_decisions(engine, 1) == 2
    assert baselines.read_baselines(engine, 1) == rows


def test_rows_are_rewritten_by_their_key(engine):
    baselines.create_baseline(engine, make_baseline())
    row = dict.fromkeys(BASELINES.polars_schema) | {
        "EquipID": 1, "RequestedAt": day(9), "Requester": "bob", "Reason": "x", "EffectiveFrom": day(2),
        "Status": "PENDING",
    }  # fmt: skip
    with engine.transaction():
        single_rows.replace_rows(engine, BASELINES, pl.DataFrame([row], schema=BASELINES.polars_schema))
    (found,) = baselines.read_baselines(engine, 1)
    assert (found.requester, found.reason) == ("bob", "x")
