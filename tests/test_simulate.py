"""The simulated plant: repeatable, plausible, and true to what it says about itself."""

import json
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from acm_etl.errors import UsageError
from acm_etl.simulate import (
    DEFAULT_START,
    FD_FAN_TAGS,
    HISTORIAN_TIME_COLUMN,
    TRAINING_DAYS,
    Fault,
    choose_start,
    default_faults,
    make_random_tags,
    match_episodes,
    simulate_chunks,
    simulate_history,
)

NAMES = {tag.name.partition("1FD Fan ")[2]: tag.name for tag in FD_FAN_TAGS}
CURRENT, DAMPER, BEARING = NAMES["Motor Current"], NAMES["Damper Position"], NAMES["Bearing Temperature"]


@pytest.fixture(scope="module")
def year():
    return simulate_history()


@pytest.fixture(scope="module")
def clean():
    return simulate_history(faults=(), corrupt=False)


def running(frame):
    return (
        frame.filter(pl.col(CURRENT).is_between(20, 1000))
        .drop_nulls()
        .filter(~pl.any_horizontal(pl.exclude(HISTORIAN_TIME_COLUMN).is_nan()))
    )


def test_same_seed_same_plant(year):
    again = simulate_history()
    assert again.frame.equals(year.frame)
    assert again.truth == year.truth
    assert not simulate_history(seed=8).frame.equals(year.frame)


def test_schema_and_cadence(clean):
    assert clean.frame.columns == [HISTORIAN_TIME_COLUMN, *(tag.name for tag in FD_FAN_TAGS)]
    assert clean.frame.schema[HISTORIAN_TIME_COLUMN] == pl.Datetime("ms")
    assert set(clean.frame.dtypes[1:]) == {pl.Float64}
    assert clean.frame.height == 365 * 48
    assert clean.frame[HISTORIAN_TIME_COLUMN].diff().drop_nulls().unique().to_list() == [timedelta(minutes=30)]


def test_levels_are_those_of_the_real_fan(clean):
    """Means and spreads of the real baseline while running; a third is near enough."""
    real = {"Damper Position": (36.9, 6.9), "Motor Current": (37.4, 3.1), "Outlet Pressure": (0.72, 0.28),
            "Left Inlet Flow": (300, 54), "Right Inlet Flow": (310, 57)}  # fmt: skip
    on = running(clean.frame)
    for name, (mean, std) in real.items():
        assert on[NAMES[name]].mean() == pytest.approx(mean, rel=0.05)
        assert on[NAMES[name]].std() == pytest.approx(std, rel=0.35)
    assert on[NAMES["Inlet Temperature"]].mean() == pytest.approx(36, abs=2)
    assert on[BEARING].mean() == pytest.approx(60.4, abs=1.5)
    assert on[NAMES["Winding Temperature"]].mean() == pytest.approx(45.7, abs=1.5)


def test_tags_move_together_as_in_the_real_fan(clean):
    on = running(clean.frame)
    for name, least in [("Motor Current", 0.9), ("Outlet Pressure", 0.85), ("Left Inlet Flow", 0.93)]:
        assert on.select(pl.corr(DAMPER, NAMES[name])).item() > least
    heat = on.select(pl.corr(NAMES["Inlet Temperature"], NAMES["Winding Temperature"])).item()
    assert heat > 0.8
    lag = on.select(pl.corr(DAMPER, pl.col(DAMPER).shift(1))).item()
    assert 0.8 < lag < 0.96


def test_healthy_relations_hold_before_and_after(clean):
    """A linear model of the first 90 days explains the rest of a healthy year as well."""
    on = running(clean.frame)
    on = on.filter(pl.col(HISTORIAN_TIME_COLUMN).dt.hour() >= 0)
    x = np.column_stack([np.ones(on.height), on[DAMPER], on[DAMPER] ** 2])
    y = on[CURRENT].to_numpy()
    train = (on[HISTORIAN_TIME_COLUMN] < DEFAULT_START + timedelta(days=TRAINING_DAYS)).to_numpy()
    weights = np.linalg.lstsq(x[train], y[train], rcond=None)[0]
    residual = y - x @ weights
    assert residual[~train].std() == pytest.approx(residual[train].std(), rel=0.15)
    assert abs(residual[~train].mean()) < 0.2 * residual[train].std()


def test_faults_lie_after_training_and_show(year, clean):
    assert [fault.kind for fault in year.truth.faults] == ["slow", "sudden", "sudden"]
    last = DEFAULT_START + timedelta(days=365)
    for fault in year.truth.faults:
        assert DEFAULT_START + timedelta(days=TRAINING_DAYS) < fault.start < fault.end < last
        tag = fault.tags[0]
        tail = pl.col(HISTORIAN_TIME_COLUMN).is_between(
            fault.end - (fault.end - fault.start) / 4, fault.end, closed="left"
        )
        excess = running(year.frame.filter(tail))[tag].mean() - running(clean.frame.filter(tail))[tag].mean()
        assert excess > 2 * running(clean.frame)[tag].std()


def test_stops_cool_the_machine_down(year, clean):
    for stop in year.truth.stops:
        inside = year.frame.filter(pl.col(HISTORIAN_TIME_COLUMN).is_between(stop.start, stop.end, closed="left"))
        assert inside[CURRENT].drop_nulls().filter(inside[CURRENT].drop_nulls().is_finite()).max() < 1
    long = max(clean.truth.stops, key=lambda stop: stop.end - stop.start)
    assert long.end - long.start > timedelta(days=4)
    assert long.start > DEFAULT_START + timedelta(days=TRAINING_DAYS)
    cold = clean.frame.filter(
        pl.col(HISTORIAN_TIME_COLUMN).is_between(long.end - timedelta(hours=6), long.end, closed="left")
    )
    assert cold[BEARING].mean() < 10
    early = [stop for stop in year.truth.stops if stop.start < DEFAULT_START + timedelta(days=TRAINING_DAYS)]
    assert all(stop.end - stop.start < timedelta(hours=10) for stop in early)


def test_dirt_is_as_counted(year, clean):
    dirt = year.truth.dirt
    assert clean.truth.dirt == {}
    assert year.frame.height == 365 * 48 - dirt["gap_rows"] + dirt["exact_duplicates"] + dirt["conflicting_duplicates"]
    assert (
        year.frame.height - year.frame[HISTORIAN_TIME_COLUMN].n_unique()
        == dirt["exact_duplicates"] + dirt["conflicting_duplicates"]
    )
    assert year.frame.height - year.frame.unique().height == dirt["exact_duplicates"]
    cells = year.frame.select(pl.exclude(HISTORIAN_TIME_COLUMN))
    assert cells.null_count().sum_horizontal()[0] == dirt["null_cells"] > 0
    assert cells.select(pl.all().is_nan().sum()).sum_horizontal()[0] == dirt["nan_cells"] > 0
    assert cells.select(pl.all().is_infinite().sum()).sum_horizontal()[0] == dirt["infinite_cells"] > 0
    still = year.frame[FD_FAN_TAGS[-1].name].rle().struct.field("len").max()
    assert still >= dirt["stuck_rows"] - 3


def test_truth_as_json(year):
    truth = json.loads(year.truth.to_json())
    assert [fault["name"] for fault in truth["faults"]] == ["bearing", "leak", "surge"]
    assert datetime.fromisoformat(truth["faults"][0]["start"]) == year.truth.faults[0].start
    assert len(truth["stops"]) == len(year.truth.stops)
    assert type(year.truth).from_json(year.truth.to_json()) == year.truth


@pytest.mark.parametrize("days", [0.1, 1, 30, 120, 800])
def test_any_length(days):
    made = simulate_history(days=days, cadence=timedelta(minutes=10))
    assert made.frame[HISTORIAN_TIME_COLUMN].max() < DEFAULT_START + timedelta(days=days)
    assert all(fault.end <= DEFAULT_START + timedelta(days=days) for fault in made.truth.faults)


@pytest.mark.parametrize("days", [365, 1000, 1001, 20_000])
def test_long_histories_begin_earlier_and_end_in_the_past(days):
    start = choose_start(days)
    assert (start == DEFAULT_START) == (days <= 1000)
    assert start + timedelta(days=days) <= DEFAULT_START + timedelta(days=1000)


def test_any_number_of_tags():
    made = simulate_history(
        days=20, tags=make_random_tags(40), faults=default_faults(DEFAULT_START, 20, make_random_tags(40))
    )
    assert made.frame.width == 41
    assert make_random_tags(10) == make_random_tags(10)
    assert len({tag.name for tag in make_random_tags(300)}) == 300
    with pytest.raises(UsageError, match="nothing to simulate"):
        simulate_history(tags=())


def test_chunks_join_without_a_seam():
    parts = list(simulate_chunks(2_500, chunk_rows=1_000, cadence=timedelta(minutes=30)))
    whole = pl.concat(parts)
    assert [len(part) for part in parts] == [1_000, 1_000, 500]
    assert whole[HISTORIAN_TIME_COLUMN].diff().drop_nulls().unique().to_list() == [timedelta(minutes=30)]
    jumps = whole[BEARING].diff().abs()
    assert max(jumps[1_000], jumps[2_000]) <= jumps.quantile(0.999)


def test_match_compares_episodes_with_the_truth(year):
    bearing, leak, _ = year.truth.faults
    day = timedelta(days=1)
    episodes = pl.DataFrame(
        [
            (bearing.start + 3 * day, bearing.end, bearing.tags[0], "x (90 %)"),
            (leak.start - day, leak.end, "x", f"x (60 %), {leak.tags[0]} (40 %)"),
            (DEFAULT_START + 100 * day, DEFAULT_START + 101 * day, "x", "x"),
        ],
        schema={"StartTs": pl.Datetime("ms"), "EndTs": pl.Datetime("ms"), "PrimarySensor": str, "Culprits": str},
        orient="row",
    )
    found = match_episodes(year.truth, episodes)
    rows = found.faults.select("Name", "Found", "Episodes", "DelayHours", "Primary", "Culprit").rows()
    assert rows == [
        ("bearing", True, 1, 72.0, True, False),
        ("leak", True, 1, 0.0, False, True),
        ("surge", False, 0, None, False, False),
    ]
    assert found.unmatched["StartTs"].to_list() == [DEFAULT_START + 100 * day]
    assert match_episodes(year.truth, episodes.clear()).faults["Found"].sum() == 0
    assert match_episodes(simulate_history(days=3, faults=()).truth, episodes).unmatched.height == 3


def test_slow_faults_grow_and_sudden_ones_are_there_at_once():
    times = np.arange(0, 5, dtype=np.int64) * 86_400_000
    begin = datetime(1970, 1, 2)
    slow = Fault("a", "slow", begin, begin + timedelta(days=2), {"x": 1.0})
    sudden = Fault("b", "sudden", begin, begin + timedelta(days=2), {"x": 1.0})
    assert slow.effect_share(times).tolist() == [0, 0, 0.5, 0, 0]
    assert sudden.effect_share(times).tolist() == [0, 1, 1, 0, 0]
