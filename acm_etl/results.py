"""Typed results of commands, read by the tables on the terminal, by ``--json`` and by the Python API."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

MachineOutcome = Literal["done", "up to date", "waiting", "stopped", "planned", "failed"]


@dataclass(slots=True)
class TableTotal:
    """Rows and seconds of one table, summed over all published batches."""

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
        """Rows that are new or changed; the remaining staged rows were stored already with the same values."""
        return self.inserted + self.updated


@dataclass(frozen=True, slots=True)
class FaultDetection:
    """One simulated fault, compared with the stored episodes.

    Attributes:
        name: Name of the fault.
        kind: ``slow`` or ``sudden``.
        start: Start of the fault, UTC.
        end: End of the fault, UTC.
        found: Whether an episode overlaps the fault.
        episodes: Episodes that overlap the fault.
        delay_hours: Hours from the start of the fault to the first of them, 0 if it began earlier; None if not found.
        ranked_first: Whether the primary sensor of one of them shows the fault.
        in_top_sensors: Whether the culprits of one of them show the fault.
        in_training: Whether the fault ended within the training period, where no alarm is expected.
    """

    name: str
    kind: str
    start: datetime
    end: datetime
    found: bool
    episodes: int
    delay_hours: float | None
    ranked_first: bool
    in_top_sensors: bool
    in_training: bool


@dataclass(frozen=True, slots=True)
class TruthComparison:
    """Simulated faults compared with all episodes of a machine.

    Attributes:
        faults: One entry per fault.
        false_episodes: Episodes that overlap no fault.
    """

    faults: list[FaultDetection]
    false_episodes: int


@dataclass(slots=True)
class MachineReport:
    """Result of a backfill for one machine.

    Attributes:
        equip: Machine code.
        outcome: ``done``, ``up to date`` (nothing to do), ``waiting`` (the coldstart needs more readings), ``stopped``
            (interrupted, or --max-windows reached), ``planned`` (dry run) or ``failed``.
        message: Reason of the outcome, one line.
        windows: Complete windows published, NOOP windows included.
        provisional: Incomplete windows published provisionally; the next run replaces them.
        readings: Readings pulled from the historian.
        rejected: Number of rejected cells and readings by rule.
        tables: Totals by table name.
        episodes: Episodes that start in the published windows.
        model_version: Version of the models of the last published window.
        resume_at: Start of the first window of the next run, UTC.
        late: Readings older than the progress that were not scored.
        exit_code: Exit code of the error, if the outcome is ``failed``.
        truth: Comparison with the simulated faults; None unless the machine is simulated.
        seconds: Wall time.
        is_store_unreachable: The store could not be opened: no other machine can be processed either.
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
    truth: TruthComparison | None = None
    seconds: float = 0.0
    is_store_unreachable: bool = False

    @property
    def rows_written(self) -> int:
        """Rows inserted and updated in all tables."""
        return sum(table.rows_written for table in self.tables.values())


@dataclass(slots=True)
class BackfillReport:
    """Result of a backfill for all machines.

    Attributes:
        store: URL of the store, without secrets.
        machines: One report per machine, in the order of the request.
        seconds: Wall time.
        interrupted: Whether the user stopped the backfill.
    """

    store: str
    machines: list[MachineReport]
    seconds: float
    interrupted: bool = False

    @property
    def exit_code(self) -> int:
        """Return 0 if no machine failed, 130 if interrupted, else the lowest exit code of the failed machines."""
        if self.interrupted:
            return 130
        # The lowest code: 2 (wrong request) and 3 (store unreachable) only if they apply to every failed machine.
        return min((machine.exit_code for machine in self.machines if machine.outcome == "failed"), default=0)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        # asdict() calls type(value)(items) on mappings; a Counter would then count the (key, value) pairs.
        machines = [{**asdict(machine), "rejected": dict(machine.rejected)} for machine in self.machines]
        for machine in machines:
            # Always False here: an unreachable store raises UnavailableError before there is a report.
            del machine["is_store_unreachable"]
        return {**asdict(self), "machines": machines, "exit_code": self.exit_code}


@dataclass(frozen=True, slots=True)
class RejectedCount:
    """Rows or cells of an import that one rule rejected or changed.

    Attributes:
        column: Column of the cells; empty if the rule rejects whole rows.
        rule: Name of the rule.
        count: Rows or cells.
        samples: Some of the rejected values.
    """

    column: str
    rule: str
    count: int
    samples: str | None


@dataclass(slots=True)
class ImportReport:
    """Result of an import.

    Attributes:
        equip: Machine code.
        table: Historian table.
        files: Files read; where their timestamps overlap, the last file counts.
        statements: Detected formats of timestamps and numbers, one sentence each.
        rows: Rows read.
        inserted: New readings.
        updated: Stored readings whose values changed.
        unchanged: Readings that were stored already with the same values.
        rejected: Rejected and changed rows and cells, by column and rule.
        first: Time of the first reading in the files, UTC.
        last: Time of the last reading in the files, UTC.
        seconds: Wall time.
    """

    equip: str
    table: str
    files: list[str]
    statements: list[str]
    rows: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: list[RejectedCount] = field(default_factory=list)
    first: datetime | None = None
    last: datetime | None = None
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        return asdict(self)


@dataclass(slots=True)
class SimulationReport:
    """Result of a simulation.

    Attributes:
        equip: Machine code.
        readings: Simulated readings written.
        truth: Path of the file with the simulated faults; None if nothing was simulated.
        message: Summary, one line.
    """

    equip: str
    readings: int
    truth: str | None
    message: str

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        return asdict(self)
