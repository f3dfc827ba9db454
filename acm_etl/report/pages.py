"""Pages on disk: one machine, or the fleet with a page per machine."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from acm_etl.engine import Engine
from acm_etl.errors import UsageError
from acm_etl.load import equipment, migrate
from acm_etl.load.equipment import Equipment
from acm_etl.report import assessment, episodes, machine_status, render, sections, sparkline
from acm_etl.report import timeline as history
from acm_etl.report.queries import MachineRows
from acm_etl.report.timeline import ReportPeriod

PageResult = dict[str, Any]


def write_machine_page(
    engine: Engine, code: str, path: Path | None = None, *, period: ReportPeriod | None = None
) -> PageResult:
    """Write the page of one machine.

    Args:
        engine: The store.
        code: The machine.
        path: The file; named after the machine, in the current directory, unless given.
        period: What of the history is shown; all of it unless given.

    Raises:
        UsageError: There is no such machine, no store, or nothing to show in the period.
    """
    migrate.require_current_schema(engine)
    found = equipment.find_machine(engine, code)
    rows, period = MachineRows(engine, found), period or ReportPeriod()
    _check_period(rows, period)
    target = path or Path(page_file_name(found))
    now = machine_status.read_machine_status(rows)
    _save_page(target, _render_machine_page(rows, now, period, home=None))
    return _build_page_result(now, assessment.assess_machine(now), target)


def _check_period(rows: MachineRows, period: ReportPeriod) -> None:
    """Refuse a period in which nothing was scored, of a machine that has something to show."""
    first, last, _ = history.read_scored_extent(rows, ReportPeriod())
    if first is None or history.read_scored_extent(rows, period)[0] is not None:
        return
    message = (
        f"{rows.machine.code} has no scored reading {period}; it has some from {first} to {last}: move --from or --to"
    )
    raise UsageError(message)


def write_fleet_pages(engine: Engine, folder: Path, *, period: ReportPeriod | None = None) -> PageResult:
    """Write the overview of all machines and a page for each.

    Args:
        engine: The store.
        folder: Where to: ``index.html`` and one file per machine.
        period: What of the histories is shown; all of it unless given.

    Raises:
        UsageError: There is no store.
    """
    migrate.require_current_schema(engine)
    judged = []
    for found in equipment.read_machines(engine):
        rows = MachineRows(engine, found)
        now = machine_status.read_machine_status(rows)
        _save_page(
            folder / page_file_name(found), _render_machine_page(rows, now, period or ReportPeriod(), home="index.html")
        )
        judged.append((now, assessment.assess_machine(now)))
    judged.sort(key=lambda pair: assessment.sort_key(*pair))
    shown = [
        {
            "now": now,
            "verdict": said,
            "file": page_file_name(now.machine),
            "spark": sparkline.build_polylines(now.daily_health),
        }
        for now, said in judged
    ]
    _save_page(
        folder / "index.html",
        render.render_page(
            "fleet.html.j2", machines=shown, levels=list(assessment.UrgencyLevel), **_build_footer(engine)
        ),
    )
    pages = [_build_page_result(now, said, folder / page_file_name(now.machine)) for now, said in judged]
    return {"file": str(folder / "index.html"), "machines": pages}


def page_file_name(machine_record: Equipment) -> str:
    """A file for a machine, whatever it is called: its id tells codes apart that share all letters."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", machine_record.code).strip("._")
    return (
        f"{plain}.html"
        if plain == machine_record.code and plain.lower() != "index"
        else f"{plain[:60]}-{machine_record.equip_id}.html"
    )


def _render_machine_page(
    rows: MachineRows, status: machine_status.MachineStatus, period: ReportPeriod, home: str | None
) -> str:
    told = episodes.read_episodes(rows, period)
    timeline = history.read_timeline(rows, period)
    detectors = sections.read_detectors(rows)
    forecast = sections.read_forecast(rows, status.daily_health)
    charts = {
        "timeline": timeline,
        "forecast": forecast,
        "threshold": status.rul["ThresholdUsed"] if status.rul else None,
        "detectors": [head["ShortName"] for head in detectors],
        "episodes": [_build_chart_episode(episode) for episode in told],
    }
    return render.render_page(
        "machine.html.j2",
        charts=charts if timeline else None,
        now=status,
        verdict=assessment.assess_machine(status),
        period=period,
        home=home,
        timeline=timeline,
        episodes=told,
        forecast=forecast,
        detectors=detectors,
        regimes=sections.read_regime_shares(rows),
        drifts=sections.read_drift_events(rows, period),
        quality=sections.read_data_quality(rows),
        runs=sections.read_runs(rows, period),
        **_build_footer(rows.engine),
    )


def _build_chart_episode(episode: dict[str, Any]) -> dict[str, Any]:
    """What of an episode the scripts need."""
    start, end = (episodes.to_epoch_ms(episode[name]) for name in ("StartTs", "EndTs"))
    kept = {name: episode[name] for name in ("sensors", "heads", "shown", "Severity", "Status")}
    return {"start": start, "end": end, **kept}


def _build_footer(engine: Engine) -> dict[str, Any]:
    return {"made": datetime.now(UTC), "version": version("acm_etl"), "store": engine.url}


def _build_page_result(
    status: machine_status.MachineStatus, machine_assessment: assessment.Assessment, target: Path
) -> PageResult:
    return {
        "equip": status.machine.code,
        "file": str(target),
        "bytes": target.stat().st_size,
        "verdict": machine_assessment.level.label,
        "headline": machine_assessment.headline,
        "look": machine_assessment.inspect_first,
        "reasons": list(machine_assessment.reasons),
    }


def _save_page(target: Path, text: str) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"{target} cannot be written: {error.strerror}; choose another place with --output"
        raise UsageError(message) from error
