from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from acm_etl.errors import ContractError
from acm_etl.load.contract import validate_frame
from load.made import START, T, health, log, run_of

HEALTH = T["ACM_Scores_Wide"]


def _set(column, value, dtype=None):
    """The health of one day, its first row changed in one column."""
    changed = pl.when(pl.int_range(pl.len()) == 0).then(pl.lit(value, dtype=dtype)).otherwise(pl.col(column))
    return health(0).with_columns(changed.alias(column))


def test_a_conforming_frame_comes_back_as_it_is():
    assert validate_frame(health(0), HEALTH).equals(health(0))


def test_columns_are_put_in_order():
    shuffled = health(0).select(reversed(health(0).columns))
    assert validate_frame(shuffled, HEALTH).columns == list(HEALTH.polars_schema)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (
            health(0).drop("fused"),
            f"1 of {len(HEALTH.columns)} columns missing for ACM_Scores_Wide: fused. The frame has: RunID",
        ),
        (health(0).with_columns(Extra=1), r"1 column the table does not have: Extra"),
        (health(0).cast({"HealthIndex": pl.String}), "HealthIndex is String, not Float64"),
        (health(0).cast({"EquipID": pl.Float64}), "EquipID is Float64, not Int32"),
        (health(0).with_columns(EquipID=pl.lit(2**40)), "EquipID does not fit i32"),
        (_set("Timestamp", None), "Timestamp is NULL in 1 of 24 rows"),
        (_set("fused", float("nan")), "fused is NaN or infinite in 1 of 24 rows"),
        (_set("fused", float("-inf")), "fused is NaN or infinite in 1 of 24 rows"),
        (_set("OperatingState", "BAD"), "OperatingState is none of off, transient, on in 1 row, e.g. 'BAD'"),
        (_set("RunID", "12"), r"RunID is no lower-case UUID in 1 row, e.g. '12'"),
        (_set("RunID", run_of(0).upper()), "is no lower-case UUID"),
        (
            pl.concat([health(0), health(0)[:2]]),
            r"2 rows with a repeated key \(EquipID, Timestamp\), e.g. \(1, 2024-01-01",
        ),
        (health(0).with_columns(pl.col("Timestamp").dt.replace_time_zone("Asia/Tokyo")), "in time zone Asia/Tokyo"),
        (health(0).with_columns(HealthIndex=pl.lit(2**60)), "HealthIndex is too large to be exact as a float in 24"),
    ],
)
def test_what_does_not_fit_is_refused(frame, message):
    with pytest.raises(ContractError, match=message):
        validate_frame(frame, HEALTH)


@pytest.mark.parametrize("text", ["x" * 33, "🔥" * 17, "é" * 31 + "🔥"])
def test_too_long_texts_are_refused(text):
    """As NVARCHAR counts: what is written with two UTF-16 units is two long."""
    with pytest.raises(ContractError, match="Version is longer than 32 characters in 1 row"):
        validate_frame(log(0, Version=text), T["RunLog"])
    assert validate_frame(log(0, Version=text[:-1]), T["RunLog"]).height == 1


def test_all_problems_are_reported_at_once_on_one_line():
    broken = _set("fused", float("nan")).with_columns(OperatingState=pl.lit("BAD"))
    with pytest.raises(ContractError) as caught:
        validate_frame(broken, HEALTH)
    assert str(caught.value).startswith("ACM_Scores_Wide: 2 problems: ")
    assert "\n" not in str(caught.value)


def test_lossless_casts_are_made():
    frame = health(0).cast({"EquipID": pl.UInt8, "HealthIndex": pl.Int16, "fused": pl.Float32, "RunID": pl.Categorical})
    frame = frame.with_columns(OperatingState=pl.lit(None))
    fitted = validate_frame(frame, HEALTH)
    assert dict(fitted.schema) == HEALTH.polars_schema
    assert fitted["OperatingState"].null_count() == fitted.height


@pytest.mark.parametrize(("unit", "step"), [("us", 1_000), ("ns", 1_000_000)])
def test_finer_times_are_rounded_to_milliseconds(unit, step):
    ticks = [0, step // 2 - 1, step // 2, step - 1]
    frame = health(0)[:4].with_columns(Timestamp=pl.Series(ticks, dtype=pl.Datetime(unit)))
    with pytest.raises(ContractError, match="repeated key"):
        validate_frame(frame, HEALTH)
    assert validate_frame(frame[1:3], HEALTH)["Timestamp"].dt.epoch("ms").to_list() == [0, 1]


def test_utc_times_lose_their_zone_and_keep_their_instant():
    frame = health(0)[:1].with_columns(
        Timestamp=pl.lit(datetime(2024, 1, 1, tzinfo=UTC)).cast(pl.Datetime("us", "UTC"))
    )
    assert validate_frame(frame, HEALTH)["Timestamp"].to_list() == [START]


def test_large_sums_of_finite_values_are_no_infinity():
    frame = health(0).with_columns(fused=pl.lit(1.7e308))
    assert validate_frame(frame, HEALTH).height == 24


def test_an_empty_frame_conforms():
    assert validate_frame(HEALTH.empty_frame(), HEALTH).is_empty()


def test_a_table_of_numbers_and_times_is_checked_for_nulls():
    """No column of its rows can hold an illegal value."""
    table = T["ACM_ReadingFingerprints"]
    row = {"EquipID": 1, "Day": START, "ReadingCount": 1, "RowsHash": 2, "HashProbe": 3, "ModelVersion": 1}
    frame = pl.DataFrame([{**row, "ScoredUntil": START}], schema=table.polars_schema)
    assert validate_frame(frame, table).equals(frame)
    with pytest.raises(ContractError, match="RowsHash is NULL in 1 of 1 row"):
        validate_frame(frame.with_columns(RowsHash=pl.lit(None, pl.Int64)), table)


def test_an_enum_of_run_ids_is_checked_and_kept():
    ids = pl.Enum([run_of(0), "12"])
    frame = health(0).cast({"RunID": ids})
    assert validate_frame(frame, HEALTH)["RunID"].dtype == ids
    with pytest.raises(ContractError, match=r"RunID is no lower-case UUID in 1 row, e.g. '12'"):
        validate_frame(_set("RunID", "12").cast({"RunID": ids}), HEALTH)
