"""Output of ``report`` on the terminal."""

from __future__ import annotations

from rich.text import Text

from acm_etl.cli.render.console import make_console, print_paragraph
from acm_etl.cli.render.status import format_level
from acm_etl.report.pages import ReportResult
from acm_etl.status import texts


def print_report(result: ReportResult) -> None:
    """Print the verdict of each machine, most urgent first, and the file that was written."""
    console = make_console()
    for page in result.pages:
        # The verdict of the page itself: judging again here could give another level a second later.
        line = Text.assemble((page.status.code, "bold"), ": ", format_level(page.verdict))
        # The headline is the first reason.
        others = [texts.describe_reason(reason, page.status.code) for reason in page.verdict.reasons[1:]]
        line.append(f". {'; '.join([texts.describe_headline(page.status, page.verdict), *others])}")
        print_paragraph(line)
    # Not folded and without markup, so that the path can be copied.
    console.print(f"Written: {result.file}", soft_wrap=True, markup=False)
