"""Render an HTML page from its template: self-contained, fetching nothing, running only its own scripts."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from acm_etl.counts import format_count
from acm_etl.status import formatting, texts

# Only charts with axes, 1.5 MB of JavaScript: plotly as a Python package brings 4.8 MB of it, and 64 MB in all.
# From the npm package plotly.js-cartesian-dist-min, with its licence beside it.
_PLOTLY = "plotly-cartesian.min.js"


@cache
def _make_environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("acm_etl.report", "assets"),
        autoescape=True,  # tag and machine names come from the historian and may contain markup
        # A misspelt variable in a template fails in the tests instead of leaving an empty cell.
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=formatting.format_number,
        reading=formatting.format_reading,
        signed=formatting.format_signed,
        span=formatting.format_span,
        moment=_mark_time,
        day=formatting.format_date,
        review=texts.describe_review,
    )
    environment.globals.update(count=format_count)
    return environment


def _mark_time(time: datetime | None) -> Markup:
    """Return a time as an element that the scripts can show in local time."""
    if time is None:
        return Markup(formatting.NO_VALUE)  # noqa: S704 - a constant
    return Markup('<time datetime="{}Z">{}</time>').format(f"{time:%Y-%m-%dT%H:%M:%S}", formatting.format_time(time))


def render_page(template: str, *, charts: object = None, scripts: Sequence[str] = (), **facts: object) -> str:
    """Render a page.

    Args:
        template: File name of the template.
        charts: Dataclass with the data that the scripts draw; None for a page without charts.
        scripts: Names of the scripts of the page, in the order in which they run.
        facts: Variables of the template.
    """
    texts = [_read_asset(f"{name}.js") for name in scripts]
    # The library of the charts is not in this list of elements: the scripts unpack and start it.
    allowed = [*texts, _read_asset(_PLOTLY)] if charts is not None else texts
    return (
        _make_environment()
        .get_template(template)
        .render(
            style=Markup(_read_asset("page.css")),  # noqa: S704 - our own file
            policy=_build_security_policy(allowed),
            scripts=[Markup(text) for text in texts],  # noqa: S704 - our own files
            library=_compress_plotly() if charts is not None else "",
            charts=_compress_text(_format_chart_data(charts)) if charts is not None else "",
            **facts,
        )
    )


def _format_chart_data(charts: object) -> str:
    """Return the data of the charts as JSON, with the field names of the dataclasses as keys."""
    # Field by field instead of asdict(), which would copy every reading of the page once more.
    # allow_nan=False: browsers reject NaN in JSON, and a page would show no chart at all.
    return json.dumps(charts, default=_get_fields, allow_nan=False, separators=(",", ":"))


def _get_fields(value: Any) -> dict[str, Any]:  # noqa: ANN401 - json passes every type that it does not know
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}


def _compress_text(text: str) -> str:
    """Compress a text for the scripts of the page; base64 has no characters that are special in HTML."""
    # mtime=0: the same content gives the same bytes.
    return base64.b64encode(gzip.compress(text.encode(), compresslevel=9, mtime=0)).decode()


@cache
def _compress_plotly() -> str:
    return _compress_text(_read_asset(_PLOTLY))


def _build_security_policy(scripts: list[str]) -> str:
    """Build the Content-Security-Policy: no requests, only the given scripts, by their digests."""
    # Plotly sets inline styles, so those must be allowed.
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _read_asset(name: str) -> str:
    return files("acm_etl.report").joinpath("assets", name).read_text(encoding="utf-8")
