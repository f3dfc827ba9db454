"""Facts of a workbook that its cells do not show: hidden sheets, the date system, and formulas without results."""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

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
class SheetFacts:
    """What the cells of a sheet do not show.

    Attributes:
        is_hidden: The sheet is not shown.
        open_formula_rows: Rows that have formulas without results: the program that wrote these does not calculate.
    """

    is_hidden: bool = False
    open_formula_rows: int = 0


@dataclass(frozen=True, slots=True)
class WorkbookFacts:
    """What the cells of a workbook do not show.

    Attributes:
        counts_from_1904: Serial days count from 1904 instead of 1900, as those of early Macs do.
        sheets: Facts by name of the sheet; none if the parts have unusual names, as in the strict variant.
    """

    counts_from_1904: bool
    sheets: Mapping[str, SheetFacts]


def read_facts(archive: zipfile.ZipFile) -> WorkbookFacts:
    """Return the facts of a workbook; every member is read once, which verifies its checksum.

    Raises:
        zipfile.BadZipFile: A member is damaged.
    """
    members = archive.infolist()
    texts = {member.filename: archive.read(member) for member in members if member.filename in {_WORKBOOK, _LINKS}}
    workbook = texts.get(_WORKBOOK, b"")
    sheets = _list_sheets(workbook, texts.get(_LINKS, b""))
    sheet_members = {path for path, _ in sheets.values()}
    is_to_calculate = _TO_CALCULATE.search(workbook) is not None
    open_rows: dict[str, int] = {}
    for member in members:
        if member.filename in texts:
            continue
        content = archive.read(member)
        if member.filename in sheet_members:
            open_rows[member.filename] = _count_open_rows(content, is_to_calculate=is_to_calculate)
    return WorkbookFacts(
        _DATE_SYSTEM_1904.search(workbook) is not None,
        {name: SheetFacts(is_hidden, open_rows.get(path, 0)) for name, (path, is_hidden) in sheets.items()},
    )


def _list_sheets(workbook: bytes, links: bytes) -> dict[str, tuple[str, bool]]:
    """Return the member with the cells of each sheet, and whether the sheet is hidden, by name."""
    targets = {link.get("Id"): link.get("Target", "") for link in _list_attributes(_LINK, links)}
    return {
        sheet["name"]: (
            # A target begins with a slash or is relative to the workbook.
            posixpath.join("/xl", targets.get(sheet.get("r:id"), "")).lstrip("/"),
            sheet.get("state", "visible") != "visible",
        )
        for sheet in _list_attributes(_SHEET, workbook)
        if "name" in sheet
    }


def _count_open_rows(cells: bytes, *, is_to_calculate: bool) -> int:
    if b"<f" not in cells and b":f>" not in cells:
        return 0
    rows = set(_OPEN_FORMULA.findall(cells))
    # Some programs write 0 instead of nothing; then all formulas are 0, and Excel is asked to calculate them.
    if not rows and is_to_calculate:
        results = _RESULT.findall(cells)
        rows = {row for row, _ in results} if {value for _, value in results} == {b"0"} else set()
    return len(rows)


def _list_attributes(element: re.Pattern[str], content: bytes) -> list[dict[str, str]]:
    found = element.findall(content.decode("utf-8", errors="replace"))
    return [
        {name: html.unescape(double or single) for name, double, single in _ATTRIBUTE.findall(text)} for text in found
    ]
