"""Result of ``report`` as JSON, in the shape that ``docs/json.md`` documents."""

from __future__ import annotations

from datetime import datetime

from acm_etl.report.pages import PageResult, ReportResult
from acm_etl.status.json_shape import JsonObject, build_machine


def build_report(result: ReportResult) -> JsonObject:
    """Return the object of ``report --json``."""
    pages = [_build_page(page, result.observed_at) for page in result.pages]
    return {"file": str(result.file), "observed_at": result.observed_at, "pages": pages}


# The size lets a mail job decide whether to attach the page or to link to it.
def _build_page(page: PageResult, now: datetime) -> JsonObject:
    return {"file": str(page.file), "bytes": page.size, "machine": build_machine(page.status, now)}
