"""What can be wrong with stored rows, whoever wrote them: looked up by SELECTs, nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import polars as pl

from acm_etl import tables
from acm_etl.engine import Engine, Finding
from acm_etl.errors import ModelError
from acm_etl.load import coldstart, registry, state_store, watermark
from acm_etl.load.runs import final_runs_condition
from acm_etl.schema import Column, Table
from acm_etl.tables.runs import ACM_RUNS, RUN_LOG, STATE

TABLES_PER_READING = ("ACM_Scores_Wide", "ACM_HealthTimeline", "ACM_RegimeTimeline")
"""Tables with exactly one row per reading."""
_RESULT_GRAINS = ("time", "event", "day")


def check_stored_rows(engine: Engine, equip_id: int) -> Iterator[Finding]:
    """Keys, runs and values of all stored rows of a machine, then its runs, models and progress among themselves."""
    mine = [table for table in tables.ALL if "EquipID" in table.columns_by_name]
    for name, check in (
        ("keys", _find_duplicate_keys),
        ("orphans", _find_orphan_rows),
        ("values", _find_illegal_values),
    ):
        yield from _summarize_check(
            name, [text for table in mine for text in check(engine, table, equip_id)], table_count=len(mine)
        )
    yield from _summarize_check("runs", _find_run_problems(engine, equip_id), table_count=0)
    yield from _summarize_check("models", _find_corrupt_blobs(engine, equip_id), table_count=0)
    yield from _summarize_check("progress", _find_watermark_problems(engine, equip_id), table_count=0)


def _summarize_check(name: str, problems: Sequence[str], *, table_count: int) -> list[Finding]:
    if problems:
        return [Finding(name, "fail", text) for text in problems]
    return [Finding(name, "ok", f"{table_count} tables looked at" if table_count else "they agree")]


def read_final_runs(engine: Engine, equip_id: int) -> pl.DataFrame:
    """The current scoring runs of final windows, in order of time: RunID, WindowStart, WindowEnd, Outcome, RowsRead."""
    q = engine.dialect.quote
    columns = ", ".join(map(q, ("RunID", "WindowStart", "WindowEnd", "Outcome", "RowsRead")))
    return engine.query(
        f"SELECT {columns} FROM {q(RUN_LOG.name)} WHERE {q('EquipID')} = ? AND {final_runs_condition(engine)}\n"
        f"ORDER BY {q('WindowStart')}",
        [equip_id],
    )


def check_row_counts(engine: Engine, equip_id: int, *, since: datetime) -> Iterator[Finding]:
    """Runs since a time against their rows: as many in each table per reading as were read and kept."""
    runs = read_final_runs(engine, equip_id).filter(pl.col("WindowStart") >= since)
    q, first, wrong = engine.dialect.quote, TABLES_PER_READING[0], []
    for name in TABLES_PER_READING:
        rows = engine.query(
            f"SELECT {q('RunID')}, COUNT(*) AS n FROM {q(name)} WHERE {q('EquipID')} = ? GROUP BY {q('RunID')}",
            [equip_id],
        )
        runs = runs.join(rows.rename({"n": name}), on="RunID", how="left").with_columns(pl.col(name).fill_null(0))
    for name in TABLES_PER_READING[1:]:
        wrong += _describe_first_run(
            runs.filter(pl.col(name) != pl.col(first)), f"{name} and {first} have different numbers of rows"
        )
    more = runs.filter(pl.col(first) > pl.col("RowsRead"))
    none = runs.filter((pl.col(first) == 0) & (pl.col("RowsRead") > 0))
    wrong += _describe_first_run(more, f"{first} has more rows than RunLog.RowsRead")
    wrong += _describe_first_run(none, f"{first} has no rows although readings were read")
    yield from _summarize_check("rows", wrong, table_count=len(TABLES_PER_READING))


def _describe_first_run(runs: pl.DataFrame, text: str) -> list[str]:
    if runs.is_empty():
        return []
    return [f"{text}: {runs.height} run(s), the first of {runs['WindowStart'][0]:%Y-%m-%d %H:%M} ({runs['RunID'][0]})"]


def _find_duplicate_keys(engine: Engine, table: Table, equip_id: int) -> Iterator[str]:
    q = engine.dialect.quote
    for key in (table.key, *table.unique_keys):
        listed = ", ".join(map(q, key))
        # NULLs apart: a further unique set may have them, and they are no duplicates of one another
        present = "".join(f" AND {q(name)} IS NOT NULL" for name in key if table.columns_by_name[name].nullable)
        twice = engine.query(
            f"SELECT {listed}, COUNT(*) AS n FROM {q(table.name)} WHERE {q('EquipID')} = ?{present}\n"
            f"GROUP BY {listed} HAVING COUNT(*) > 1",
            [equip_id],
        )
        if twice.height:
            values = ", ".join(f"{name} {twice[name][0]}" for name in key)
            yield f"{table.name}: {twice.height} key(s) stored more than once, e.g. {values}"


def _find_orphan_rows(engine: Engine, table: Table, equip_id: int) -> Iterator[str]:
    if "RunID" not in table.polars_schema or table is RUN_LOG:
        return
    q = engine.dialect.quote
    mine = f"FROM {q(table.name)} AS t WHERE t.{q('EquipID')} = ? AND "
    run = (
        f"EXISTS (SELECT 1 FROM {q(RUN_LOG.name)} AS r"
        f" WHERE r.{q('RunID')} = t.{q('RunID')} AND r.{q('EquipID')} = t.{q('EquipID')}"
    )
    # who holds: a run that says so; a row of results whose run failed or was replaced should not be there
    told = {"whose run is missing": f"t.{q('RunID')} IS NOT NULL AND NOT {run})"}
    if table.grain in _RESULT_GRAINS:
        told["whose run is not OK"] = f"{run} AND r.{q('Outcome')} NOT IN ('OK', 'NOOP'))"
    if table.grain == "time":
        time = f"t.{q(table.time_column or '')}"
        outside = f"({time} < r.{q('WindowStart')} OR {time} >= r.{q('WindowEnd')})"
        told["outside the window of their run"] = f"{run} AND {outside})"
    for what, condition in told.items():
        rows = int(engine.query(f"SELECT COUNT(*) AS n {mine}{condition}", [equip_id]).item())
        if rows:
            yield f"{table.name}: {rows} row(s) {what}"


def _find_illegal_values(engine: Engine, table: Table, equip_id: int) -> Iterator[str]:
    """Values that the contract would not have let in."""
    q = engine.dialect.quote
    rules = [rule for column in table.insertable_columns for rule in _illegal_value_conditions(column, engine)]
    sums = ", ".join(f"SUM(CASE WHEN {sql} THEN 1 ELSE 0 END) AS {q(f'n{n}')}" for n, (_, sql) in enumerate(rules))
    found = engine.query(f"SELECT {sums} FROM {q(table.name)} WHERE {q('EquipID')} = ?", [equip_id]).row(0)
    for (told, _), rows in zip(rules, found, strict=True):
        if rows:
            yield f"{table.name}.{told} in {rows} row(s)"


def _illegal_value_conditions(column: Column, engine: Engine) -> Iterator[tuple[str, str]]:
    """What is not allowed in a column, in words and as a condition."""
    name = engine.dialect.quote(column.name)
    if not column.nullable:
        yield f"{column.name} is NULL", f"{name} IS NULL"
    if column.base_type == "f64" and engine.dialect.finite_check and not column.allow_nonfinite:
        yield f"{column.name} is NaN or infinite", f"NOT {engine.dialect.finite_check.format(column=name)}"
    if column.allowed_values:
        words = ", ".join(map(engine.dialect.quote_literal, column.allowed_values))
        yield f"{column.name} is none of {', '.join(column.allowed_values)}", f"{name} NOT IN ({words})"


def _find_run_problems(engine: Engine, equip_id: int) -> list[str]:
    """RunLog against ACM_Runs, and what should not be left behind."""
    q = engine.dialect.quote
    ok = f"r.{q('Stage')} = 'score' AND r.{q('Outcome')} = 'OK'"
    pair = f"FROM {q(RUN_LOG.name)} AS r LEFT JOIN {q(ACM_RUNS.name)} AS a ON a.{q('RunID')} = r.{q('RunID')}"
    asked = {
        "OK run(s) without a row in ACM_Runs": f"{pair} WHERE r.{q('EquipID')} = ? AND {ok} AND a.{q('RunID')} IS NULL",
        "OK run(s) without CompletedAt": f"FROM {q(RUN_LOG.name)} AS r WHERE r.{q('EquipID')} = ?"
        f" AND r.{q('Outcome')} IN ('OK', 'NOOP', 'FAIL') AND r.{q('CompletedAt')} IS NULL",
        "run(s) whose ACM_Runs row names another machine": f"{pair} WHERE r.{q('EquipID')} = ?"
        f" AND a.{q('EquipID')} <> r.{q('EquipID')}",
    }
    counts = {told: int(engine.query(f"SELECT COUNT(*) AS n {sql}", [equip_id]).item()) for told, sql in asked.items()}
    return [f"{rows} {told}" for told, rows in counts.items() if rows]


def _find_corrupt_blobs(engine: Engine, equip_id: int) -> list[str]:
    """Models and states whose bytes are not what was stored; read one by one, they may be large."""
    versions = registry.read_model_versions(engine, equip_id)
    reads: list[Callable[[], object]] = [partial(registry.read_latest_model, engine, equip_id)]
    # a version is read by the time from which it is valid
    reads += [partial(registry.read_model_at, engine, equip_id, time) for time in versions["HoldsFrom"].to_list()]
    reads += [
        partial(state_store.read_state_at, engine, equip_id, time) for time in _read_state_times(engine, equip_id)
    ]
    return list(dict.fromkeys(_collect_model_errors(reads)))


def _read_state_times(engine: Engine, equip_id: int) -> list[datetime]:
    q = engine.dialect.quote
    return engine.query(f"SELECT {q('AsOf')} FROM {q(STATE.name)} WHERE {q('EquipID')} = ?", [equip_id])[
        "AsOf"
    ].to_list()


def _collect_model_errors(reads: Iterable[Callable[[], Any]]) -> Iterator[str]:
    for read in reads:
        try:
            read()
        except ModelError as error:
            yield str(error)


def _find_watermark_problems(engine: Engine, equip_id: int) -> list[str]:
    """The progress row against runs, models, coldstart and states."""
    progress, runs = watermark.read_watermark(engine, equip_id), read_final_runs(engine, equip_id)
    if progress is None:
        told = f"there is no progress row, but {runs.height} run(s) of final windows"
        return [told] if runs.height else []
    wrong = []
    end = runs["WindowEnd"].to_list()[-1] if runs.height else None
    if end != progress.last_window_end:
        wrong.append(f"the progress is at {progress.last_window_end}, the last final window ends at {end}")
    status = coldstart.read_coldstart(engine, equip_id)
    if status is None or status.status != "COMPLETE":
        wrong.append(f"the coldstart is {status.status if status else 'missing'} although windows are published")
    if progress.model_version not in registry.read_model_versions(engine, equip_id)["Version"]:
        wrong.append(f"ModelRegistry has no version {progress.model_version}, which the progress names")
    if progress.last_window_end not in _read_state_times(engine, equip_id):
        wrong.append(f"ACM_State has no state as of {progress.last_window_end}, where the next run continues")
    return wrong
