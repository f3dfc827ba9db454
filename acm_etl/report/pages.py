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
from acm_etl.report.queries import Rows
from acm_etl.report.timeline import Period

Written = dict[str, Any]


def machine(engine: Engine, code: str, path: Path | None = None, *, period: Period | None = None) -> Written:
    """Write the page of one machine.

    Args:
        engine: The store.
        code: The machine.
        path: The file; named after the machine, in the current directory, unless given.
        period: What of the history is shown; all of it unless given.

    Raises:
        UsageError: There is no such machine, no store, or nothing to show in the period.
    """
    migrate.check(engine)
    found = equipment.find(engine, code)
    rows, period = Rows(engine, found), period or Period()
    _check(rows, period)
    target = path or Path(file_name(found))
    now = machine_status.read(rows)
    _save(target, _page(rows, now, period, home=None))
    return _written(now, assessment.judge(now), target)


def _check(rows: Rows, period: Period) -> None:
    """Refuse a period in which nothing was scored, of a machine that has something to show."""
    first, last, _ = history.extent(rows, Period())
    if first is None or history.extent(rows, period)[0] is not None:
        return
    message = (
        f"{rows.machine.code} has no scored reading {period}; it has some from {first} to {last}: move --from or --to"
    )
    raise UsageError(message)


def fleet(engine: Engine, folder: Path, *, period: Period | None = None) -> Written:
    """Write the overview of all machines and a page for each.

    Args:
        engine: The store.
        folder: Where to: ``index.html`` and one file per machine.
        period: What of the histories is shown; all of it unless given.

    Raises:
        UsageError: There is no store.
    """
    migrate.check(engine)
    judged = []
    for found in equipment.all_machines(engine):
        rows = Rows(engine, found)
        now = machine_status.read(rows)
        _save(folder / file_name(found), _page(rows, now, period or Period(), home="index.html"))
        judged.append((now, assessment.judge(now)))
    judged.sort(key=lambda pair: assessment.order(*pair))
    shown = [
        {"now": now, "verdict": said, "file": file_name(now.machine), "spark": sparkline.lines(now.days)}
        for now, said in judged
    ]
    _save(
        folder / "index.html",
        render.page("fleet.html.j2", machines=shown, levels=list(assessment.Level), **_made(engine)),
    )
    pages = [_written(now, said, folder / file_name(now.machine)) for now, said in judged]
    return {"file": str(folder / "index.html"), "machines": pages}


def file_name(found: Equipment) -> str:
    """A file for a machine, whatever it is called: its id tells codes apart that share all letters."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", found.code).strip("._")
    return (
        f"{plain}.html" if plain == found.code and plain.lower() != "index" else f"{plain[:60]}-{found.equip_id}.html"
    )


def _page(rows: Rows, now: machine_status.Standing, period: Period, home: str | None) -> str:
    told = episodes.read(rows, period)
    timeline = history.read(rows, period)
    detectors = sections.detectors(rows)
    forecast = sections.forecast(rows, now.days)
    charts = {
        "timeline": timeline,
        "forecast": forecast,
        "threshold": now.rul["ThresholdUsed"] if now.rul else None,
        "detectors": [head["ShortName"] for head in detectors],
        "episodes": [_drawn(episode) for episode in told],
    }
    return render.page(
        "machine.html.j2",
        charts=charts if timeline else None,
        now=now,
        verdict=assessment.judge(now),
        period=period,
        home=home,
        timeline=timeline,
        episodes=told,
        forecast=forecast,
        detectors=detectors,
        regimes=sections.regimes(rows),
        drifts=sections.drifts(rows, period),
        quality=sections.quality(rows),
        runs=sections.runs(rows, period),
        **_made(rows.engine),
    )


def _drawn(episode: dict[str, Any]) -> dict[str, Any]:
    """What of an episode the scripts need."""
    start, end = (episodes.milliseconds(episode[name]) for name in ("StartTs", "EndTs"))
    kept = {name: episode[name] for name in ("sensors", "heads", "shown", "Severity", "Status")}
    return {"start": start, "end": end, **kept}


def _made(engine: Engine) -> dict[str, Any]:
    return {"made": datetime.now(UTC), "version": version("acm_etl"), "store": engine.url}


def _written(now: machine_status.Standing, said: assessment.Verdict, target: Path) -> Written:
    return {
        "equip": now.machine.code,
        "file": str(target),
        "bytes": target.stat().st_size,
        "verdict": said.level.label,
        "headline": said.headline,
        "look": said.look,
        "reasons": list(said.reasons),
    }


def _save(target: Path, text: str) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"{target} cannot be written: {error.strerror}; choose another place with --output"
        raise UsageError(message) from error
