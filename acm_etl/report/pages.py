"""HTML files: the page of one machine, or an overview of the fleet with a page per machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from acm_etl.engine import Engine
from acm_etl.errors import UsageError
from acm_etl.formatting import format_file_name
from acm_etl.load.clock import utc_now
from acm_etl.load.machines import equipment
from acm_etl.load.machines.equipment import Equipment
from acm_etl.load.schema import migrate
from acm_etl.output_files import create_folder, write_output_file
from acm_etl.report import episodes, regimes, render, runs, sections, sparkline
from acm_etl.report.details import PageDetails, read_page_details
from acm_etl.report.episodes import EpisodeDetails, EpisodeSensor
from acm_etl.report.queries import MachineRows
from acm_etl.report.readings import MachineReadings
from acm_etl.report.sections import ForecastSeries
from acm_etl.report.timeline import ReportPeriod, Timeline, read_scored_extent, read_timeline, to_epoch_ms
from acm_etl.report.verdict_texts import VerdictTexts, build_verdict_texts
from acm_etl.run.context import SettingsSources
from acm_etl.status.machine_status import MachineStatus
from acm_etl.status.reasons import Level, Verdict
from acm_etl.status.store_reader import StatusInputs, read_statuses
from acm_etl.status.texts import LEVEL_LABELS, STATE_LABELS
from acm_etl.status.verdict import JudgedMachine, judge_machine
from acm_etl.words import EpisodeSeverity

_OPTIONAL_LEVELS = (Level.UNKNOWN, Level.WAITING)
"""Levels that the overview counts only if a machine has them."""
MACHINE_SCRIPTS = ("charts", "times", "timeline", "episodes", "forecast", "exports", "machine")
"""Scripts of the page of a machine; the last one starts it."""


@dataclass(frozen=True, slots=True)
class PageResult:
    """A page that was written.

    Attributes:
        file: Path of the page.
        size: Size of the page, bytes.
        status: Status of its machine.
        verdict: Verdict on its machine.
    """

    file: Path
    size: int
    status: MachineStatus
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ReportResult:
    """Files of a report.

    Attributes:
        file: Page to open: that of the machine, or the overview.
        pages: Pages of the machines, most urgent first.
        observed_at: Time of the verdicts, naive UTC.
    """

    file: Path
    pages: tuple[PageResult, ...]
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class _MachinePage:
    """Content of the page of a machine and of its row in the overview."""

    machine: Equipment
    status: MachineStatus
    verdict: Verdict
    texts: VerdictTexts
    details: PageDetails


@dataclass(frozen=True, slots=True)
class _FleetRow:
    """Row of the overview."""

    machine: Equipment
    status: MachineStatus
    texts: VerdictTexts
    file: str
    sparkline: list[str]
    health_days: int


@dataclass(frozen=True, slots=True)
class _ChartEpisode:
    """Part of an episode that the scripts of the page draw; times are milliseconds since 1970."""

    start: int
    end: int
    severity: EpisodeSeverity
    sensors: tuple[EpisodeSensor, ...]
    detector_means: tuple[float | None, ...]
    shown: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Footer:
    """Origin of a page: time, program version and store."""

    generated_at: datetime
    version: str
    store: str


@dataclass(frozen=True, slots=True)
class _Charts:
    """Data of the scripts of the page, which read these field names."""

    timeline: Timeline
    trainings: tuple[tuple[int, int], ...]
    forecast: ForecastSeries | None
    threshold: float | None
    detectors: tuple[str, ...]
    regimes: dict[str, str]
    episodes: tuple[_ChartEpisode, ...]


def write_machine_page(
    engine: Engine,
    code: str,
    path: Path | None = None,
    *,
    period: ReportPeriod | None = None,
    inputs: StatusInputs | None = None,
) -> ReportResult:
    """Write the page of one machine.

    Args:
        engine: The store.
        code: Machine code.
        path: File to write; named after the machine, in the current directory, if omitted.
        period: Part of the history to show; all of it if omitted.
        inputs: Settings and clock of the verdict; by default the settings of this process and the current time.

    Raises:
        UsageError: There is no such machine or no store, the period has no readings, or the file cannot be written.
    """
    migrate.require_current_schema(engine)
    machine, inputs = equipment.find_machine(engine, code), inputs or _default_inputs()
    rows, period = MachineRows(engine, machine), period or ReportPeriod()
    # Before any page is built: an empty page would look like a machine without results.
    _check_period(rows, period)
    (status,) = read_statuses(engine, [machine], inputs)
    page, file = _collect_page(rows, status, inputs), path or Path(page_file_name(machine))
    _save_page(file, _render_machine_page(rows, page, period, home=None))
    return ReportResult(file, (_build_result(page, file),), inputs.now)


def write_fleet_pages(
    engine: Engine, folder: Path, *, period: ReportPeriod | None = None, inputs: StatusInputs | None = None
) -> ReportResult:
    """Write an overview of all machines, and a page for each of them.

    Args:
        engine: The store.
        folder: Folder of ``index.html`` and of one file per machine.
        period: Part of the histories to show; all of them if omitted.
        inputs: Settings and clock of the verdicts; by default the settings of this process and the current time.

    Raises:
        UsageError: There is no store, or a file cannot be written.
    """
    migrate.require_current_schema(engine)
    create_folder(folder, option="--output")
    machines, inputs = equipment.read_machines(engine), inputs or _default_inputs()
    pages = []
    # Statuses of all machines in a few statements; only the sections of a page are read machine by machine.
    for machine, status in zip(machines, read_statuses(engine, machines, inputs), strict=True):
        rows = MachineRows(engine, machine)
        page = _collect_page(rows, status, inputs)
        # Each page is written before the next is read: a fleet of large pages must not stay in memory.
        text = _render_machine_page(rows, page, period or ReportPeriod(), home="index.html")
        _save_page(folder / page_file_name(machine), text)
        pages.append(page)
    pages.sort(key=lambda page: JudgedMachine(page.status, page.verdict).urgency)
    # The overview last: it links to pages, which exist by then.
    index = folder / "index.html"
    _save_page(index, _render_overview(engine, pages))
    results = tuple(_build_result(page, folder / page_file_name(page.machine)) for page in pages)
    return ReportResult(index, results, inputs.now)


def page_file_name(machine: Equipment) -> str:
    """Return the file name of the page of a machine, whatever characters its code has."""
    name = format_file_name(machine.code)
    # index.html is the page of the fleet; no other name has a ~ that no digits follow.
    return "index~.html" if name.casefold() == "index" else f"{name}.html"


def _default_inputs() -> StatusInputs:
    return StatusInputs(SettingsSources(), utc_now())


def _check_period(rows: MachineRows, period: ReportPeriod) -> None:
    """Reject a period without scored readings, if the machine has scored readings elsewhere.

    Raises:
        UsageError: The period has none.
    """
    # A machine without any scored reading still gets a page, which shows why there are no results yet.
    whole = ReportPeriod()
    if period == whole or read_scored_extent(rows, period)[0] is not None:
        return
    first, last, _ = read_scored_extent(rows, whole)
    if first is None:
        return
    message = (
        f"{rows.machine.code} has no scored reading {period}; it has some from {first} to {last}: move --from or --to"
    )
    raise UsageError(message)


def _collect_page(rows: MachineRows, status: MachineStatus, inputs: StatusInputs) -> _MachinePage:
    verdict = judge_machine(status, inputs.now)
    texts, details = build_verdict_texts(status, verdict), read_page_details(rows, status)
    return _MachinePage(rows.machine, status, verdict, texts, details)


def _render_overview(engine: Engine, pages: Sequence[_MachinePage]) -> str:
    rows = [
        _FleetRow(
            page.machine,
            page.status,
            page.texts,
            page_file_name(page.machine),
            sparkline.build_polylines(page.details.daily_health),
            page.details.daily_health.height,
        )
        for page in pages
    ]
    # Zeros are shown for the levels that people act on: "0 Act now" is good news.
    counts = {level: sum(page.verdict.level == level for page in pages) for level in Level}
    shown = [(level, LEVEL_LABELS[level], counts[level]) for level in Level]
    shown = [entry for entry in shown if entry[2] or entry[0] not in _OPTIONAL_LEVELS]
    return render.render_page(
        "fleet.html.j2",
        scripts=("fleet",),
        machines=rows,
        levels=shown,
        areas=sorted({page.machine.area for page in pages if page.machine.area}),
        state_labels=STATE_LABELS,
        footer=_build_footer(engine),
    )


def _render_machine_page(rows: MachineRows, page: _MachinePage, period: ReportPeriod, home: str | None) -> str:
    readings = MachineReadings(rows)
    shown_episodes = episodes.read_episodes(rows, readings, period)
    timeline = read_timeline(rows, period)
    detectors = sections.read_detectors(rows)
    forecast = sections.read_forecast(rows, page.details.daily_health)
    regime_summaries = regimes.read_regimes(rows, readings, page.status.health.time if page.status.health else None)
    runs_section = runs.read_runs(rows, period)
    rul = page.status.forecast
    charts = timeline and _Charts(
        timeline=timeline,
        trainings=tuple(
            (to_epoch_ms(model.train_start), to_epoch_ms(model.train_end)) for model in runs_section.models
        ),
        forecast=forecast,
        threshold=rul.threshold if rul else None,
        detectors=tuple(detector.short_name for detector in detectors),
        regimes={summary.label: summary.description for summary in regime_summaries},
        episodes=tuple(map(_build_chart_episode, shown_episodes)),
    )
    return render.render_page(
        "machine.html.j2",
        charts=charts,
        scripts=MACHINE_SCRIPTS if charts else (),
        machine=page.machine,
        status=page.status,
        details=page.details,
        verdict=page.texts,
        state_labels=STATE_LABELS,
        period=period,
        home=home,
        timeline=timeline,
        episodes=shown_episodes,
        forecast=forecast,
        detectors=detectors,
        regimes=regime_summaries,
        drifts=sections.read_drift_events(rows, period),
        quality=sections.read_data_quality(rows),
        runs=runs_section,
        footer=_build_footer(rows.engine),
    )


def _build_chart_episode(episode: EpisodeDetails) -> _ChartEpisode:
    # Only what the scripts draw: the texts are in the HTML already.
    first, last = map(to_epoch_ms, episode.view_range)
    return _ChartEpisode(
        to_epoch_ms(episode.start),
        to_epoch_ms(episode.end),
        episode.severity,
        episode.sensors,
        episode.detector_means,
        (first, last),
    )


def _build_footer(engine: Engine) -> _Footer:
    # The real clock, not that of the inputs: the footer says when the file was made.
    return _Footer(datetime.now(UTC), version("acm_etl"), engine.url)


def _build_result(page: _MachinePage, file: Path) -> PageResult:
    return PageResult(file, file.stat().st_size, page.status, page.verdict)


def _save_page(file: Path, text: str) -> None:
    """Write a page.

    Raises:
        UsageError: The file cannot be written.
        UnavailableError: The disk is full.
    """
    # The page of yesterday stays where the disk is full, and nobody loads half a page.
    with write_output_file(file) as draft:
        draft.write_text(text, encoding="utf-8")
