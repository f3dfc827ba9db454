"""Sampling of imported readings: tags with times of their own are read on a grid, and the raw readings stay."""

from __future__ import annotations

from collections.abc import Sequence

from acm_etl.engine import Engine
from acm_etl.io.sampling import infer_wide_sampling
from acm_etl.load import watermark
from acm_etl.load.machines import equipment, sources
from acm_etl.load.machines.equipment import Equipment
from acm_etl.source_spec import SamplingSpec

# Two weeks of readings at one a minute: enough for the cadence of every tag that matters to a window, read in a moment.
_SAMPLE_ROWS = 20_000


def declare_inferred_sampling(engine: Engine, machine: Equipment) -> str | None:
    """Declare the grid that the stored readings of a machine need, if the machine has no declared source.

    The whole table decides and not one file: of files with one tag each, the first shows a dense table.

    Args:
        engine: The store, outside a transaction.
        machine: The machine, with its readings stored.

    Returns:
        A sentence for the user; None if the readings can be taken as they stand.
    """
    # A declaration is the decision of a person, or of an earlier import, and results may depend on it.
    if sources.read_source(engine, machine.equip_id) is not None:
        return None
    tags = equipment.read_historian_columns(engine, machine.table, machine.time_column).numeric
    sampling = infer_relation_sampling(engine, engine.dialect.quote(machine.table), machine.time_column, tags)
    if sampling is None:
        return None
    command = f"acm-etl source {machine.code} {sampling.describe()}"
    if watermark.read_watermark(engine, machine.equip_id) is not None:
        # Results exist that were scored without the grid: the user decides whether to score them again.
        return f"most readings have values of few tags only; to read the machine on a grid, run: {command}"
    with engine.transaction():
        sources.set_sampling(engine, machine, sampling)
    return describe_sampling(sampling, command)


def describe_sampling(sampling: SamplingSpec, command: str) -> str:
    """Return a sentence about the grid on which a machine is read from now on."""
    return (
        f"tags have times of their own: the machine is read on a grid, {sampling.describe()}; to change it: {command}"
    )


def infer_relation_sampling(
    engine: Engine, relation: str, time_column: str, tags: Sequence[str]
) -> SamplingSpec | None:
    """Return the grid that readings need; None if they can be taken as they stand.

    Args:
        engine: The store.
        relation: SQL relation with the readings.
        time_column: Its time column.
        tags: Its tags.
    """
    time, *columns = map(engine.dialect.quote, (time_column, *tags))
    # OFFSET and FETCH are the words that both engines share; with them, the database does not sort the whole table.
    first = f"ORDER BY {time} OFFSET 0 ROWS FETCH NEXT {_SAMPLE_ROWS} ROWS ONLY"
    return infer_wide_sampling(engine.query(f"SELECT {', '.join([time, *columns])} FROM {relation} AS r {first}"))
