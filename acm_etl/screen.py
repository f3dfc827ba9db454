"""What a person sees of reports and of a running fleet, on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape


def reported(found: Mapping[str, Any]) -> None:
    """Say which pages were written, the machines that need attention first."""
    out = Console(highlight=False)
    for page in found.get("machines", [found]):
        reasons = f": {'; '.join(page['reasons'])}" if page["reasons"] else ""
        line = f"[bold]{escape(page['equip'])}[/]: {page['verdict']}. {escape(page['headline'] + reasons)}"
        out.print(line, soft_wrap=True)
    out.print(f"written: {escape(found['file'])}", soft_wrap=True)
