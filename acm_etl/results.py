"""What a command did, as typed values: the closing table, ``--json`` and the Python API read the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

MachineOutcome = Literal["done", "up to date", "waiting", "stopped", "planned", "failed"]


@dataclass(slots=True)
class TableTotal:
    """Rows and time that one table took over all published groups."""

    staged: int = 0
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    seconds: float = 0.0

    @property
    def rows_per_second(self) -> float:
        """Rows staged and published per second."""
        return self.staged / self.seconds if self.seconds else 0.0

    @property
    def rows_written(self) -> int:
        """Rows that are new or different now; the other staged ones were stored already as they are."""
        return self.inserted + self.updated


@dataclass(slots=True)
class MachineReport:
    """What a backfill did for one machine.

    Attributes:
        equip: Machine code.
        outcome: ``done``, ``up to date`` (nothing to do), ``waiting`` (coldstart is short of readings), ``stopped``
            (interrupted, or --max-windows reached), ``planned`` (dry run) or ``failed``.
        message: Why, in one line.
        windows: Final windows published (NOOP windows included).
        provisional: Open windows published provisionally.
        readings: Readings pulled.
        rejected: Cells and readings not taken, by rule.
        tables: Totals per table.
        episodes: Episodes that start in the published windows.
        resume_at: Where the next run continues, UTC.
        late: Readings that arrived behind the progress.
        exit_code: Exit code of its error, where it failed.
        truth: Comparison with the simulated truth, one row per fault, where there is one.
        seconds: Wall time.
    """

    equip: str
    outcome: MachineOutcome = "done"
    message: str = ""
    windows: int = 0
    provisional: int = 0
    readings: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    tables: dict[str, TableTotal] = field(default_factory=dict)
    episodes: int = 0
    model_version: int | None = None
    resume_at: datetime | None = None
    late: int = 0
    exit_code: int = 1
    truth: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rows_written(self) -> int:
        """Rows written over all tables."""
        return sum(table.rows_written for table in self.tables.values())


@dataclass(slots=True)
class BackfillReport:
    """What a backfill did for all machines."""

    store: str
    machines: list[MachineReport]
    seconds: float
    interrupted: bool = False

    @property
    def exit_code(self) -> int:
        """0 done, 1 some machine failed, 2 all that failed were asked for the wrong thing, 130 interrupted."""
        if self.interrupted:
            return 130
        return min((machine.exit_code for machine in self.machines if machine.outcome == "failed"), default=0)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values."""
        # asdict makes a Counter of a Counter's items; a plain dict is what is meant
        machines = [{**asdict(machine), "rejected": dict(machine.rejected)} for machine in self.machines]
        return {**asdict(self), "machines": machines, "exit_code": self.exit_code}


@dataclass(slots=True)
class ImportReport:
    """What an import did.

    Attributes:
        equip: Machine code.
        table: Historian table.
        files: Files read, in order of precedence (the last wins).
        statements: What was decided about times and numbers, in words.
        rows: Rows read.
        inserted: New readings.
        updated: Stored readings that were replaced by different values.
        unchanged: Readings that were stored already.
        rejected: Rows and cells not taken, by rule and column: ``(column, rule) -> count``.
        first: First reading of the files, UTC.
        last: Last reading of the files, UTC.
        samples: Examples of what was not taken, by rule.
    """

    equip: str
    table: str
    files: list[str]
    statements: list[str]
    rows: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)
    first: datetime | None = None
    last: datetime | None = None
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values."""
        return asdict(self)


@dataclass(slots=True)
class SimulationReport:
    """What a simulation wrote."""

    equip: str
    readings: int
    truth: str | None
    message: str

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values."""
        return asdict(self)
