"""Whatever comes in, what goes out is what was promised or an error that was made for people.

25 examples of each in the ordinary run; ``make fuzz`` takes the profile ``nightly`` with 2,500 of each.
"""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from whole_files import read_whole_files

from acm_etl import config, score
from acm_etl.dialects import DUCKDB, MSSQL
from acm_etl.errors import AcmError, ConfigError, ContractError
from acm_etl.io.files.options import ImportOptions
from acm_etl.load import contract
from acm_etl.score.prepare.clean import clean_readings
from acm_etl.tables.scores import SCORES_WIDE

# Seconds to minutes each: `make test-all` runs them.
pytestmark = pytest.mark.slow

# Strategies of thousands of examples are slow to draw on a busy machine; that is no fault.
PATIENT = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1)).map(lambda time: time.isoformat(sep=" ")[:19])
CELLS = st.one_of(
    TIMES,
    st.floats().map(repr),
    st.integers().map(str),
    st.sampled_from(["", "NULL", "NaN", "Bad", "#N/A", "1,5", "1e400", "-", '"', '""', "\x00", "ä", "٣"]),
    st.text(max_size=8),
)
LINES = st.lists(st.lists(CELLS, min_size=0, max_size=5), min_size=0, max_size=12)
CSV = st.one_of(
    st.binary(max_size=200),
    st.builds(
        lambda lines, mark, end, code, head: (head + end.join(mark.join(line) for line in lines)).encode(
            code, errors="replace"
        ),
        LINES,
        st.sampled_from([",", ";", "\t", "|"]),
        st.sampled_from(["\n", "\r\n", "\r"]),
        st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]),
        st.sampled_from(["", "EntryDateTime,a,b\n", "Time;Wert\n", "timestamp\ta\ta\n"]),
    ),
)


@PATIENT
@given(CSV)
def test_any_bytes_are_readings_or_a_clear_error(tmp_path, content):
    path = tmp_path / "history.csv"
    path.write_bytes(content)
    try:
        frame, rejected = read_whole_files([path], ImportOptions(time_zone="Europe/Berlin"))
    except AcmError:
        return
    times = frame["EntryDateTime"]
    assert times.null_count() == 0
    assert not times.is_duplicated().any()
    values = frame.select(pl.selectors.float())
    assert values.select(pl.all().is_finite().all()).row(0, named=False) in ((), (True,) * values.width)
    assert (rejected["AffectedRows"] > 0).all()


NAMES = st.one_of(
    st.sampled_from([f"{section}.{name}" for section, part in config.Config() for name in type(part).model_fields]),
    st.sampled_from(["score", "store", "backfill", "score.alarm_z.x", "", ".", "..", "score."]),
    st.text(max_size=20),
)
VALUES = st.one_of(st.text(max_size=12), st.sampled_from(["1d", "-1h", "1e999", "nan", "[1]", "{}", "true", "0", '"x']))


@PATIENT
@given(st.dictionaries(NAMES, VALUES, max_size=4))
@example({"score": "x", "score.alarm_z": "4"})
def test_any_settings_are_taken_or_refused_by_name(rows):
    environ = {f"ACM_{name.upper().replace('.', '__')}": value for name, value in rows.items()}
    for given_ in ({"config_rows": rows}, {"options": rows}, {"environ": environ}):
        try:
            found = config.load_config(**{"environ": {}, **given_})
        except ConfigError:
            continue
        assert found.signature


IDENTIFIERS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1, max_size=60)


@PATIENT
@given(IDENTIFIERS)
def test_any_name_is_one_quoted_identifier(name):
    with closing(duckdb.connect()) as connection:
        quoted = DUCKDB.quote(name)
        connection.execute(f"CREATE TABLE {quoted} ({quoted} INTEGER)")
        assert connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal"
        ).fetchall() == [(name, name)]
    bracketed = MSSQL.quote(name)
    assert bracketed[0] + bracketed[-1] == "[]"
    assert bracketed[1:-1].replace("]]", "") == name.replace("]", "")
    assert bracketed[1:-1].count("]") == 2 * name.count("]")


START = datetime(2024, 1, 1)
FLOATS = st.one_of(st.none(), st.floats(), st.sampled_from([0.0, -0.0, 1e308, float("nan"), float("inf")]))
FRAMES = st.integers(0, 12).flatmap(
    lambda rows: st.fixed_dictionaries(
        {
            "Timestamp": st.lists(
                st.one_of(st.none(), st.integers(0, 6).map(lambda n: START + timedelta(minutes=n))),
                min_size=rows,
                max_size=rows,
            ),
            "a": st.lists(FLOATS, min_size=rows, max_size=rows),
            "b": st.lists(FLOATS, min_size=rows, max_size=rows),
        }
    )
)
SCHEMA = {"Timestamp": pl.Datetime("ms"), "a": pl.Float64, "b": pl.Float64}


@PATIENT
@given(FRAMES, st.randoms(use_true_random=False))
def test_any_readings_are_cleaned_without_loss_and_in_any_order(columns, dice):
    frame = pl.DataFrame(columns, schema=SCHEMA)
    kept, rejected = score.dedupe_readings(frame)
    assert kept["Timestamp"].is_sorted()
    assert not kept["Timestamp"].is_duplicated().any()
    assert kept.height + rejected.height == frame.height
    order = list(range(frame.height))
    dice.shuffle(order)
    assert score.dedupe_readings(frame[order])[0].equals(kept)
    cleaned, refused = clean_readings(kept, ["a", "b"], max_abs=1e12)
    assert cleaned.select(pl.selectors.float().is_finite().all()).row(0) == (True, True)
    lost = sum(cleaned[tag].null_count() - kept[tag].null_count() for tag in "ab")
    assert refused.height == lost


CONTENTS = st.one_of(
    st.none(), st.floats(), st.integers(-(2**40), 2**40), st.text(max_size=60), st.booleans(), st.just(START)
)


@PATIENT
@given(st.data())
def test_any_frame_fits_its_table_or_is_refused(data):
    names = [column.name for column in SCORES_WIDE.insertable_columns]
    chosen = data.draw(st.permutations(names))
    rows = data.draw(st.integers(1, 3))
    frame = pl.DataFrame({name: [data.draw(CONTENTS)] * rows for name in chosen}, strict=False)
    with pytest.raises(ContractError, match="ACM_Scores_Wide"):
        contract.validate_frame(frame.with_columns(EquipID=pl.lit(None, dtype=pl.Int32)), SCORES_WIDE)
    try:
        fitted = contract.validate_frame(frame, SCORES_WIDE)
    except ContractError:
        return
    assert dict(fitted.schema) == dict(SCORES_WIDE.polars_schema)
