"""Facts of a workbook that its cells do not show: hidden sheets, the date system, and formulas without results."""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
from dataclasses import dataclass

from acm_etl.io.files.layout.containers import InputFile, open_seekable

_WORKBOOK = "xl/workbook.xml"
_LINKS = "xl/_rels/workbook.xml.rels"
_DATE_SYSTEM_1904 = re.compile(rb"""<(?:\w+:)?workbookPr\b[^>]*\bdate1904\s*=\s*["'](?:1|true)["']""")
# Programs that write formulas ask Excel in this way to calculate them when the file is opened.
_TO_CALCULATE = re.compile(rb"""<(?:\w+:)?calcPr\b[^>]*\bfullCalcOnLoad\s*=\s*["'](?:1|true)["']""")
_SHEET = re.compile(r"<(?:\w+:)?sheet\b([^>]*)>")
_LINK = re.compile(r"<(?:\w+:)?Relationship\b([^>]*)>")
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
# A result of the type "str" may be an empty text.
_FORMULA = (
    rb"""<(?:\w+:)?c\b(?![^>]*\bt=["']str)[^>]*?\br=["'][A-Z]+(\d+)["'][^>]*>"""
    rb"<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)"
)
_NO_RESULT = rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
_OPEN_FORMULA = re.compile(_FORMULA + _NO_RESULT)
_RESULT = re.compile(_FORMULA + rb"<(?:\w+:)?v>([^<]*)<")


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A sheet and its place in the archive of a workbook.

    Attributes:
        name: Name of the sheet.
        is_hidden: The sheet is not shown.
        path: Member of the archive that holds the cells; empty if unknown.
    """

    name: str
    is_hidden: bool
    path: str


def counts_from_1904(source: InputFile) -> bool:
    """Return whether serial days of a workbook count from 1904 instead of 1900, as those of early Macs do."""
    with zipfile.ZipFile(open_seekable(source)) as archive:
        # Writers of the strict variant may name the part otherwise; they have no old date system.
        return bool(_DATE_SYSTEM_1904.search(_read_part(archive, _WORKBOOK)))


def list_parts(source: InputFile) -> dict[str, SheetPart]:
    """Return the sheets of a workbook by name; none if its parts have unusual names."""
    with zipfile.ZipFile(open_seekable(source)) as archive:
        sheets = _list_attributes(_SHEET, _read_part(archive, _WORKBOOK))
        links = _list_attributes(_LINK, _read_part(archive, _LINKS))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    return {
        sheet["name"]: SheetPart(
            sheet["name"],
            sheet.get("state", "visible") != "visible",
            # A target begins with a slash or is relative to the workbook.
            posixpath.join("/xl", targets.get(sheet.get("r:id"), "")).lstrip("/"),
        )
        for sheet in sheets
        if "name" in sheet
    }


def count_open_formulas(source: InputFile, part: SheetPart) -> int:
    """Return the rows of a sheet that have formulas without results: the program that wrote it does not calculate.

    Some programs write 0 instead of nothing; then all formulas are 0, and Excel is asked to calculate them.
    """
    with zipfile.ZipFile(open_seekable(source)) as archive:
        cells = _read_part(archive, part.path)
        if b"<f" not in cells and b":f>" not in cells:
            return 0
        rows = set(_OPEN_FORMULA.findall(cells))
        if not rows and _TO_CALCULATE.search(_read_part(archive, _WORKBOOK)):
            results = _RESULT.findall(cells)
            rows = {row for row, _ in results} if {value for _, value in results} == {b"0"} else set()
    return len(rows)


def _read_part(archive: zipfile.ZipFile, name: str) -> bytes:
    return archive.read(name) if name in archive.namelist() else b""


def _list_attributes(element: re.Pattern[str], content: bytes) -> list[dict[str, str]]:
    found = element.findall(content.decode("utf-8", errors="replace"))
    return [
        {name: html.unescape(double or single) for name, double, single in _ATTRIBUTE.findall(text)} for text in found
    ]
