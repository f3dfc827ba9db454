"""Machines with many tags, and training periods with more readings than models are fitted on."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from commands import run
from plants import START, history

from acm_etl import score, simulate
from acm_etl.config import TrainingSettings
from acm_etl.run.training_sample import count_sample_rows, select_blocks

DENSE = {"training.sample_cells": 10_000}


def models(place):
    return place.query("SELECT * FROM ModelRegistry ORDER BY Version")


def test_blocks_are_spread_over_all_readings():
    counts = [5] * 23_040
    blocks = select_blocks(counts, 20_000)
    assert len(blocks) == 48
    assert all(first <= last for first, last in blocks)
    assert all(one[1] < other[0] for one, other in pairwise(blocks))
    assert 20_000 <= sum(5 * (last - first + 1) for first, last in blocks) <= 20_000 + 48 * 2 * 5
    hours = {first * 90 * 24 // 23_040 % 24 for first, _ in blocks}
    assert len(hours) >= 20, "blocks at equal distances would show the same hours of each day"


def test_blocks_need_no_readings_in_gaps():
    rng = np.random.default_rng(1)
    counts = rng.poisson(4, 23_040) * (rng.random(23_040) < 0.9)
    counts[3_000:20_000] = 0
    blocks = select_blocks(counts.tolist(), 5_000)
    selected = sum(int(counts[first : last + 1].sum()) for first, last in blocks)
    assert 5_000 <= selected <= 6_500
    assert all(counts[first] and counts[last] for first, last in blocks)


@pytest.mark.parametrize(("tags", "rows"), [(10, 500_000), (100, 50_000), (1000, 10_000), (5000, 50_000)])
def test_a_sample_has_several_rows_per_tag(tags, rows):
    assert count_sample_rows(TrainingSettings(), tag_count=tags) == rows


def test_rows_after_a_joint_of_blocks_are_known():
    sample = score.BlockSample(0.5, [0, 100, 200])
    times = np.array([10, 20, 30, 110, 120, 130, 210])
    assert sample.find_joint_rows(times, 2).tolist() == [False, False, False, True, True, False, True]
    assert (sample.shorten_span(1000), sample.shorten_span(4)) == (500, 8)


@pytest.mark.slow
def test_a_long_training_period_is_sampled_and_the_same_in_every_run(plant):
    readings = history(days=16, cadence=timedelta(minutes=5))
    wanted, place = plant("wanted", readings=readings), plant(readings=readings)
    report = wanted.backfill(options=DENSE, max_windows=1)
    place.backfill(options={**DENSE, "backfill.batch_rows": 100}, tick="11h", max_windows=1)
    assert models(place).drop("CreatedAt").equals(models(wanted).drop("CreatedAt"))
    training = report.machines[0].training
    in_period = readings.filter(pl.col("EntryDateTime") < training.end).height
    assert 1_111 <= training.sampled_readings <= 1_300 < in_period
    run_log = wanted.query("SELECT RowsRead FROM RunLog WHERE Stage = 'coldstart'").item()
    assert run_log > 0.95 * in_period
    data_end = wanted.query("SELECT DataEnd FROM ACM_ColdstartState").item()
    assert timedelta() < training.end - data_end < timedelta(hours=2)


def test_a_period_within_the_limit_is_not_sampled(plant):
    place = plant(readings=history(days=16))
    assert place.backfill(options=DENSE, max_windows=1).machines[0].training.sampled_readings is None


@pytest.mark.slow
def test_models_of_a_sample_find_what_those_of_the_period_find():
    frame = next(simulate.simulate_chunks(30_000, tags=simulate.make_random_tags(8), cadence=timedelta(minutes=5)))
    frame = score.dedupe_readings(frame.rename({frame.columns[0]: "Timestamp"}))[0]
    train, test = frame.head(20_000), frame.tail(10_000)
    starts = [int(start * 20_000 / 24) for start in range(24)]
    kept = np.concatenate([np.arange(start, start + 250) for start in starts])
    times = train["Timestamp"].cast(pl.Datetime("us")).to_physical()
    sample = score.BlockSample(0.3, times[starts].to_list())
    whole = score.score(test, score.fit(train)).frame["fused"].drop_nulls()
    sampled = score.score(test, score.fit(train[kept], sample=sample)).frame["fused"].drop_nulls()
    assert np.corrcoef(whole, sampled)[0, 1] > 0.9
    assert abs(whole.mean() - sampled.mean()) < 0.3


@pytest.mark.slow
@pytest.mark.parametrize("count", [120, 400])
def test_a_machine_of_many_tags_passes_through_all_commands(plant, tmp_path, count):
    tags = simulate.make_random_tags(count)
    frame = next(simulate.simulate_chunks(800, start=START, cadence=timedelta(minutes=30), tags=tags))
    path = tmp_path / "wide.parquet"
    frame.write_parquet(path)
    place = plant(readings=history(days=2))
    assert run(place, "import", str(path), "--equip", "WIDE", "--timezone", "UTC").exit_code == 0
    again = run(place, "import", str(path), "--equip", "WIDE", "--timezone", "UTC", "--json")
    assert again.exit_code == 0
    report = run(place, "backfill", "--equip", "WIDE", "--close-last-window", "--json")
    assert report.exit_code == 0
    assert place.query("SELECT count(*) AS n FROM WIDE_Data").item() == 800
    for command in (["status"], ["show", "WIDE"], ["tags", "WIDE"], ["verify", "WIDE", "--sample", "1"]):
        assert run(place, *command).exit_code == 0
