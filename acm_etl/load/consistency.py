"""Checks of stored rows for ``acm-etl verify``: keys, references, values, runs, models and the watermark.

Only SELECTs: rows written by another program are reported, never repaired.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import polars as pl

from acm_etl import tables
from acm_etl.counts import format_count
from acm_etl.engine import Engine, Finding
from acm_etl.errors import ModelError
from acm_etl.load import watermark
from acm_etl.load.models import coldstart, registry, state_store
from acm_etl.load.runs import final_runs_condition
from acm_etl.load.schema import ddl
from acm_etl.schema import Column, Table
from acm_etl.tables.runs import RUN_LOG
from acm_etl.tables.scores import SCORES_WIDE


def check_stored_rows(engine: Engine, equip_id: int) -> Iterator[Finding]:
    """Yield the findings of all checks of the stored rows of a machine, at least one per check."""
    # Every declared table, not a list: a table that is added later is checked without a change here.
    machine_tables = [table for table in tables.ALL if "EquipID" in table.columns_by_name]
    enforced = _read_enforced_keys(engine)
    duplicates = [text for table in machine_tables for text in _find_duplicate_keys(engine, table, equip_id, enforced)]
    yield from _summarize_check("keys", duplicates, table_count=len(machine_tables))
    violations = [found for table in machine_tables for found in _find_violations(engine, table, equip_id)]
    for check in ("orphans", "values"):
        problems = [text for name, text in violations if name == check]
        yield from _summarize_check(check, problems, table_count=len(machine_tables))
    yield from _summarize_check("runs", _find_run_problems(engine, equip_id), table_count=0)
    yield from _summarize_check("models", _find_corrupt_blobs(engine, equip_id), table_count=0)
    yield from _summarize_check("progress", _find_watermark_problems(engine, equip_id), table_count=0)


def _summarize_check(name: str, problems: Sequence[str], *, table_count: int) -> list[Finding]:
    if problems:
        return [Finding(name, "fail", text) for text in problems]
    return [Finding(name, "ok", f"{table_count} tables checked" if table_count else "consistent")]


def read_final_runs(engine: Engine, equip_id: int) -> pl.DataFrame:
    """Return the scoring runs of final windows by time: RunID, WindowStart, WindowEnd, Outcome, RowsRead, Version."""
    sql = engine.dialect.sql(
        "SELECT {RunID}, {WindowStart}, {WindowEnd}, {Outcome}, {RowsRead}, {Version} FROM {RunLog}"
        " WHERE {EquipID} = ? AND {final_runs}\nORDER BY {WindowStart}",
        final_runs=final_runs_condition(engine),
    )
    return engine.query(sql, [equip_id])


def read_model_rows(engine: Engine, table: Table, equip_id: int, *, model_version: int) -> pl.DataFrame:
    """Return the rows of a table that describe one version of the models of a machine, without their RunID."""
    columns = [column.name for column in table.insertable_columns if column.name != "RunID"]
    sql = engine.dialect.sql(
        "SELECT {columns} FROM {table} WHERE {EquipID} = ? AND {ModelVersion} = ?", columns=columns, table=table
    )
    schema = pl.Schema({name: table.polars_schema[name] for name in columns})
    return engine.query(sql, [equip_id, model_version]).cast(schema)


def count_off_readings(engine: Engine, equip_id: int) -> tuple[int, int]:
    """Return the number of scored readings of a machine, and of those while it was off."""
    sql = engine.dialect.sql(
        "SELECT COUNT(*) AS readings, COUNT(CASE WHEN {OperatingState} = 'off' THEN 1 END) AS stopped\n"
        "FROM {ACM_Scores_Wide} WHERE {EquipID} = ?"
    )
    readings, stopped = engine.query(sql, [equip_id]).row(0)
    return int(readings), int(stopped)


def find_first_score(engine: Engine, equip_id: int) -> datetime | None:
    """Return the time of the oldest stored score of a machine; None without one."""
    sql = engine.dialect.sql("SELECT MIN({Timestamp}) AS first FROM {ACM_Scores_Wide} WHERE {EquipID} = ?")
    first: datetime | None = engine.query(sql, [equip_id]).item()
    return first


def check_row_counts(engine: Engine, equip_id: int, *, since: datetime) -> Iterator[Finding]:
    """Check that the runs since a time have as many rows of scores as ACM_Runs tells, and not more than were read."""
    runs = _read_row_counts(engine, equip_id).filter(pl.col("WindowStart") >= since)
    more = runs.filter(pl.col("stored") > pl.col("RowsRead"))
    # Fewer rows than read are legal (rejected readings); none at all are not.
    none = runs.filter((pl.col("stored") == 0) & (pl.col("RowsRead") > 0))
    other = runs.filter((pl.col("stored") != pl.col("scored")) & (pl.col("stored") > 0))
    problems = [
        *_describe_first_run(more, f"{SCORES_WIDE.name} has more rows than RunLog.RowsRead"),
        *_describe_first_run(none, f"{SCORES_WIDE.name} has no rows although readings were read"),
        *_describe_first_run(other, f"{SCORES_WIDE.name} and ACM_Runs have different numbers of rows"),
    ]
    yield from _summarize_check("rows", problems, table_count=0)


def _read_row_counts(engine: Engine, equip_id: int) -> pl.DataFrame:
    """Return the final runs with ``stored``, their rows of scores, and ``scored``, their readings by ACM_Runs."""
    # Counted by the database: the table has millions of rows.
    stored = "SELECT {RunID}, COUNT(*) AS stored FROM {ACM_Scores_Wide} WHERE {EquipID} = ? GROUP BY {RunID}"
    scored = "SELECT {RunID}, {TrainRowCount} + {ScoreRowCount} AS scored FROM {ACM_Runs} WHERE {EquipID} = ?"
    runs = read_final_runs(engine, equip_id)
    for sql in (stored, scored):
        runs = runs.join(engine.query(engine.dialect.sql(sql), [equip_id]), on="RunID", how="left")
    return runs.with_columns(pl.col("stored").fill_null(0))


def _describe_first_run(runs: pl.DataFrame, text: str) -> list[str]:
    if runs.is_empty():
        return []
    # One finding per rule: thousands of runs with the same cause would hide the other findings.
    first = f"{runs['WindowStart'][0]:%Y-%m-%d %H:%M} ({runs['RunID'][0]})"
    return [f"{text}: {format_count(runs.height, 'run')}, the first of {first}"]


def _read_enforced_keys(engine: Engine) -> frozenset[str]:
    """Return the names of the keys that the database enforces, in lower case; none on DuckDB, which checks few."""
    if not engine.dialect.has_large_table_keys:
        return frozenset()
    sql = (
        "SELECT CAST(CONSTRAINT_NAME AS NVARCHAR(128)) AS name FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS\n"
        "WHERE TABLE_SCHEMA IN ('dbo', 'main') AND CONSTRAINT_TYPE IN ('PRIMARY KEY', 'UNIQUE')"
    )
    return frozenset(name.casefold() for name in engine.query(sql)["name"])


def _find_duplicate_keys(engine: Engine, table: Table, equip_id: int, enforced: frozenset[str]) -> Iterator[str]:
    keys = {ddl.name_key_constraint(table): table.key}
    keys |= {ddl.name_key_constraint(table, columns): columns for columns in table.unique_keys}
    for constraint, key in keys.items():
        # A scan of millions of rows, which only shows duplicates if the constraint was dropped.
        if constraint.casefold() in enforced:
            continue
        # GROUP BY treats NULLs as equal, a unique key does not: leave rows with a NULL in the key out.
        nullable = [name for name in key if table.columns_by_name[name].nullable]
        not_null = "".join(f" AND {engine.dialect.quote(name)} IS NOT NULL" for name in nullable)
        sql = engine.dialect.sql(
            "SELECT {key}, COUNT(*) AS n FROM {table} WHERE {EquipID} = ?{not_null}\n"
            "GROUP BY {key} HAVING COUNT(*) > 1",
            key=key,
            table=table,
            not_null=not_null,
        )
        duplicates = engine.query(sql, [equip_id])
        if duplicates.height:
            values = ", ".join(f"{name} {duplicates[name][0]}" for name in key)
            yield f"{table.name}: {format_count(duplicates.height, 'key')} stored more than once, e.g. {values}"


@dataclass(frozen=True, slots=True)
class _RowRule:
    """A rule that every row of a table keeps.

    Attributes:
        check: Name of the check that reports it.
        condition: Condition in SQL on rows ``t``, with their run ``r`` or NULL, that break the rule.
        problem: Text about the table with the number of rows as ``{rows}``.
    """

    check: str
    condition: str
    problem: str


def _find_violations(engine: Engine, table: Table, equip_id: int) -> Iterator[tuple[str, str]]:
    """Yield the name of the check and the problem of each rule that rows of a table break."""
    has_run = "RunID" in table.polars_schema and table is not RUN_LOG
    rules = [*(_list_run_rules(table) if has_run else ()), *_list_value_rules(table, engine)]
    # All rules of a table in one statement, which reads its rows once.
    sums = ",\n  ".join(f"SUM(CASE WHEN {rule.condition} THEN 1 ELSE 0 END) AS n{i}" for i, rule in enumerate(rules))
    # RunID is unique in RunLog: the join adds no rows.
    run = "LEFT JOIN {RunLog} AS r ON r.{RunID} = t.{RunID} AND r.{EquipID} = t.{EquipID}\n" if has_run else ""
    sql = f"SELECT {sums}\nFROM {{table}} AS t\n{run}WHERE t.{{EquipID}} = ?"
    counts = engine.query(engine.dialect.sql(sql, table=table), [equip_id]).row(0)
    for rule, rows in zip(rules, counts, strict=True):
        if rows:
            yield rule.check, rule.problem.format(rows=format_count(rows, "row"))


def _list_run_rules(table: Table) -> Iterator[_RowRule]:
    text = f"{table.name}: {{rows}}"
    yield _RowRule("orphans", "t.{RunID} IS NOT NULL AND r.{RunID} IS NULL", f"{text} whose run is missing")
    # Publishing deletes the results of a run that it replaces, so a result of a failed or superseded run is a leftover.
    if table.grain in tables.TIMED_GRAINS:
        yield _RowRule("orphans", "r.{Outcome} NOT IN ('OK', 'NOOP')", f"{text} whose run is not OK")
    # Events and days may begin before the window of the run that last wrote them.
    if table.grain == "time":
        time = f"t.{{{table.row_time}}}"
        outside = f"{time} < r.{{WindowStart}} OR {time} >= r.{{WindowEnd}}"
        yield _RowRule("orphans", outside, f"{text} outside the window of their run")


def _list_value_rules(table: Table, engine: Engine) -> Iterator[_RowRule]:
    """Yield the rules about values that ``validate_frame`` would have rejected."""
    # Rows of other programs, or of a version without this rule, never passed the contract.
    for column in table.insertable_columns:
        for problem, condition in _illegal_value_conditions(column, engine):
            yield _RowRule("values", condition, f"{table.name}.{problem} in {{rows}}")


def _illegal_value_conditions(column: Column, engine: Engine) -> Iterator[tuple[str, str]]:
    """Yield the rules of a column: the problem in words, and its condition in SQL."""
    name = f"t.{engine.dialect.quote(column.name)}"
    if not column.nullable:
        yield f"{column.name} is NULL", f"{name} IS NULL"
    if column.base_type == "f64" and engine.dialect.finite_check and not column.allow_nonfinite:
        yield f"{column.name} is NaN or infinite", f"NOT {engine.dialect.finite_check.format(column=name)}"
    if column.allowed_values:
        literals = ", ".join(map(engine.dialect.quote_literal, column.allowed_values))
        yield f"{column.name} is none of {', '.join(column.allowed_values)}", f"{name} NOT IN ({literals})"


def _find_run_problems(engine: Engine, equip_id: int) -> list[str]:
    """Compare RunLog with ACM_Runs; return the problems."""
    conditions = {
        "without a row in ACM_Runs, though OK": "r.{Stage} = 'score' AND r.{Outcome} = 'OK' AND a.{RunID} IS NULL",
        "completed without CompletedAt": "r.{Outcome} IN ('OK', 'NOOP', 'FAIL') AND r.{CompletedAt} IS NULL",
        "with another EquipID in ACM_Runs": "a.{EquipID} <> r.{EquipID}",
    }
    problems = []
    for problem, condition in conditions.items():
        sql = engine.dialect.sql(
            "SELECT COUNT(*) AS n FROM {RunLog} AS r LEFT JOIN {ACM_Runs} AS a ON a.{RunID} = r.{RunID}"
            " WHERE r.{EquipID} = ? AND " + condition
        )
        rows = int(engine.query(sql, [equip_id]).item())
        if rows:
            problems.append(f"{format_count(rows, 'run')} {problem}")
    return problems


def _find_corrupt_blobs(engine: Engine, equip_id: int) -> list[str]:
    """Return the errors of models and states whose bytes do not match their hash."""
    versions = registry.read_model_versions(engine, equip_id)
    # One read per model and state, not one query for all: their bytes may be large.
    reads: list[Callable[[], object]] = [partial(registry.read_latest_model, engine, equip_id)]
    reads += [partial(registry.read_model_at, engine, equip_id, time) for time in versions["HoldsFrom"].to_list()]
    reads += [
        partial(state_store.read_state_at, engine, equip_id, time) for time in _read_state_times(engine, equip_id)
    ]
    # The newest model is read twice (as the newest, and by its time); its error is reported once.
    return list(dict.fromkeys(_collect_model_errors(reads)))


def _read_state_times(engine: Engine, equip_id: int) -> list[datetime]:
    sql = engine.dialect.sql("SELECT {AsOf} FROM {ACM_State} WHERE {EquipID} = ?")
    return engine.query(sql, [equip_id])["AsOf"].to_list()


def _collect_model_errors(reads: Iterable[Callable[[], Any]]) -> Iterator[str]:
    for read in reads:
        try:
            read()
        except ModelError as error:
            yield str(error)


def _find_watermark_problems(engine: Engine, equip_id: int) -> list[str]:
    """Compare the watermark with runs, models, coldstart and states; return the problems."""
    progress, runs = watermark.read_watermark(engine, equip_id), read_final_runs(engine, equip_id)
    if progress is None:
        problem = f"there is no progress row, but {format_count(runs.height, 'run')} of final windows"
        return [problem] if runs.height else []
    problems = []
    end = runs["WindowEnd"].to_list()[-1] if runs.height else None
    if end != progress.last_window_end:
        problems.append(f"the progress is at {progress.last_window_end}, the last final window ends at {end}")
    # Windows are published only after the coldstart, so that any other status contradicts the watermark.
    status = coldstart.read_coldstart(engine, equip_id)
    if status is None or status.status != "COMPLETE":
        problems.append(f"the coldstart is {status.status if status else 'missing'} although windows are published")
    if progress.model_version not in registry.read_model_versions(engine, equip_id)["Version"]:
        problems.append(f"ModelRegistry has no version {progress.model_version}, which the progress refers to")
    if progress.last_window_end not in _read_state_times(engine, equip_id):
        problems.append(f"ACM_State has no state as of {progress.last_window_end}, where the next run continues")
    return problems
