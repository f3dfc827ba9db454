"""Tables behind the arguments of an import: files, folders, patterns, archives, workbooks and standard input."""

from __future__ import annotations

import glob
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from acm_etl.counts import format_count
from acm_etl.errors import InputError, UsageError
from acm_etl.formatting import escape_undecodable
from acm_etl.io.files.layout.containers import (
    PACKED_SUFFIXES,
    TABLE_SUFFIXES,
    DocumentError,
    EmptyFileError,
    InputFile,
    identify_content,
    identify_file,
    list_member_names,
)
from acm_etl.io.files.layout.raw_table import detect_cell_layout, list_sheet_rows, open_table
from acm_etl.io.files.layout.streams import CopiedStream, copy_streams
from acm_etl.io.files.layout.workbook import open_workbook
from acm_etl.io.files.layout.workbook_parts import SheetFacts
from acm_etl.source_spec import matches_pattern

_SHOWN_MEMBERS = 5
_MAX_OPEN_ROWS = 5  # formulas of averages and totals below the readings
# Names that no table has, packed or not.
_DOCUMENT_NAME = re.compile(
    r"(?:readme|licen[cs]e|changelog)(?:\.\w+)?|.*\.(?:md|pdf|png|jpe?g|gif|svg|json|xml|html?|sql|docx?|pptx?)"
    r"|.*\.(?:bin|cfg|ini|tar)(?:\.\d+)?",
    re.IGNORECASE,
)
# A time has digits at two places, or eight of them; numbers and most times begin with one.
_MAYBE_READING = re.compile(r"\W*\d|.*\d\D+\d|.*\d{8}", re.DOTALL)
_MAX_DATED_REMARKS = 4
_MAX_DATED_SHARE = 0.3  # from which on the layout sees a column of times
_PATTERN_CHARACTERS = re.compile(r"[*?\[]")

Note = Callable[[str], None]


class _NoTableError(InputError):
    """An archive that can be read and holds no table, such as one of documents."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """Tables that the user leaves out by their names.

    Attributes:
        skip: Patterns of names of files, members and sheets.
        note: Called with one line about every table that is skipped.
        used: Patterns that a name fits.
    """

    skip: tuple[str, ...]
    note: Note
    used: set[str] = field(default_factory=set)

    def leaves_out(self, name: str) -> bool:
        """Return whether a pattern fits the name of a table as messages show it, or the end of it."""
        fitting = {pattern for pattern in self.skip if _fits_name(name, pattern)}
        self.used.update(fitting)
        if fitting:
            self.note(f"{name} is skipped, as --skip states")
        return bool(fitting)

    def refuse_unused(self) -> None:
        """Check that each pattern fits a name: others are misspelt."""
        if unused := [pattern for pattern in self.skip if pattern not in self.used]:
            message = f"--skip {', '.join(unused)} fits no file, member of an archive, or sheet"
            raise UsageError(message)


def expand_inputs(
    arguments: Sequence[str | Path | CopiedStream], on_note: Note = lambda _: None, skip: tuple[str, ...] = ()
) -> list[InputFile]:
    """Return the tables behind the arguments of an import.

    Args:
        arguments: Files, folders (read with their subfolders), patterns, pipes, or ``-`` for standard input.
        on_note: Called with one line about every file that is skipped or was given before.
        skip: Patterns of names of files, members of archives and sheets to leave out.

    Returns:
        Tables in the order of the arguments; files of a folder or a pattern in natural order ("day2" before "day10").

    Raises:
        UsageError: No argument; a file does not exist or is a device; a pattern or a folder matches no table; a name is
            not UTF-8; a pattern of ``skip`` fits no name.
        InputError: A file is damaged, encrypted, or of a kind that holds no table.
    """
    if not arguments:
        message = "no files given; name one or more CSV, Parquet or Excel files, folders or patterns"
        raise UsageError(message)
    tables: list[InputFile] = []
    seen: set[Path] = set()
    choice = _Choice(skip, on_note)
    for argument in copy_streams(arguments):
        for path, name, is_named in _list_paths(argument, on_note):
            resolved = path.resolve()
            # A shell expands "*.csv a.csv" to the same file twice; its readings would count as duplicates.
            if resolved in seen:
                on_note(f"{name} is given more than once: imported once")
                continue
            seen.add(resolved)
            if (shown := escape_undecodable(name)) != name:
                message = f"the file name {shown} is not UTF-8; rename the file"
                raise UsageError(message)
            tables.extend(_expand_table(InputFile(name, path), is_named=is_named, choice=choice))
    choice.refuse_unused()
    if not tables:
        message = f"no table in {', '.join(map(str, arguments))}; name files of CSV, Parquet, Arrow or Excel"
        raise UsageError(message)
    return tables


def _fits_name(name: str, pattern: str) -> bool:
    """Return whether a pattern fits a name, or its last parts: that of a sheet, of a workbook with a sheet, and so on.

    ``./values.csv`` is that file alone, and none of that name in a folder.
    """
    if pattern.startswith("./"):
        return matches_pattern(name.removeprefix("./"), pattern[2:])
    # As many parts as the pattern has: an asterisk stands for no folder.
    end = "/".join(PurePath(name).parts[-pattern.count("/") - 1 :])
    return matches_pattern(name, pattern) or matches_pattern(end, pattern)


def _list_paths(argument: str | CopiedStream, on_note: Note) -> Iterator[tuple[Path, str, bool]]:
    """Yield path, name for messages, and whether the user names the file, rather than its folder."""
    if isinstance(argument, CopiedStream):
        yield argument.path, argument.name, True
        return
    path = Path(argument)
    if path.is_dir():
        yield from ((file, str(file), False) for file in _list_folder(path, on_note))
    # A file may be called "export [1].csv", so an existing name is not a pattern.
    elif _PATTERN_CHARACTERS.search(argument) and not path.exists():
        yield from _match_pattern(argument, on_note)
    else:
        yield path, argument, True


def _match_pattern(pattern: str, on_note: Note) -> Iterator[tuple[Path, str, bool]]:
    # A pattern arrives unexpanded from a quoted argument, from cron, and from shells of Windows.
    found = sorted(map(Path, glob.glob(pattern, recursive=True)), key=_natural_key)  # noqa: PTH207 - Path.glob takes no absolute pattern
    if not found:
        message = f"no file matches the pattern {pattern}; check it with: ls {pattern}"
        raise UsageError(message)
    files = [path for path in found if path.is_file()]
    # A pattern such as "*" also matches the folders beside the files; they are meant only where nothing else matches.
    folders = [] if files else [path for path in found if path.is_dir()]
    yield from ((path, str(path), True) for path in files)
    for folder in folders:
        yield from ((file, str(file), False) for file in _list_folder(folder, on_note))


def _list_folder(folder: Path, on_note: Note) -> list[Path]:
    """Return the files of a folder and its subfolders in natural order, without hidden and empty ones."""
    # Natural order: of two files with the same reading the later one wins, and day10 is later than day2.
    found = sorted((path for path in folder.rglob("*") if path.is_file()), key=_natural_key)
    hidden = [path for path in found if any(part.startswith(".") for part in path.relative_to(folder).parts)]
    empty = [path for path in found if path not in hidden and path.stat().st_size == 0]
    for reason, paths in (("hidden", hidden), ("empty", empty)):
        if paths:
            on_note(f"{folder}: {format_count(len(paths), f'{reason} file')} skipped: {_list_names(paths, folder)}")
    skipped = {*hidden, *empty}
    return [path for path in found if path not in skipped]


def _list_names(paths: Sequence[Path], folder: Path) -> str:
    names = ", ".join(str(path.relative_to(folder)) for path in paths[:5])
    return names if len(paths) <= 5 else f"{names}, ..."


def _natural_key(path: Path) -> list[tuple[int, int, str]]:
    """Return the sort key under which "day2.csv" comes before "day10.csv"."""
    parts = re.split(r"(\d+)", str(path))
    # The flag in front keeps numbers and texts from being compared; isdecimal, because int() refuses superscripts.
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part.casefold()) for part in parts]


def _expand_table(source: InputFile, *, is_named: bool, choice: _Choice) -> list[InputFile]:
    """Return the tables of a file, or of a member of an archive.

    Args:
        source: The file or the member, as found: its content is not known yet.
        is_named: The user names the file: it must be a table. In a folder or an archive, a README is skipped.
        choice: Tables that the user leaves out.
    """
    if choice.leaves_out(source.name):
        return []
    path = Path(source.member or source.path)
    try:
        # Magic bytes decide, not the suffix: loggers write gzip into .dat, and browsers save HTML as .xls.
        table = identify_content(source) if source.member else identify_file(source.path, source.name)
        if table.compression == "zip" and table.member is None:
            return _expand_archive(table, choice)
        if table.format == "xlsx":
            return _expand_workbook(table, choice)
    except InputError as error:
        if is_named or _may_hold_tables(path, error):
            raise
    else:
        if is_named or _must_be_table(path) or _has_readings(table):
            return [table]
    choice.note(f"{source.name} is skipped: it holds no table")
    return []


def _has_readings(source: InputFile) -> bool:
    """Return True if a file is a table with times or numbers; texts with a few commas are not."""
    try:
        return source.is_typed or detect_cell_layout(source).has_data
    except InputError:
        return False


def _must_be_table(path: Path) -> bool:
    suffixes = [suffix.casefold() for suffix in path.suffixes]
    inner = suffixes[:-1] if suffixes and suffixes[-1] in PACKED_SUFFIXES else suffixes
    return bool(inner) and inner[-1] in TABLE_SUFFIXES


def _may_hold_tables(path: Path, error: InputError) -> bool:
    """Return True if a file that cannot be read may hold tables, which would be missing without a word."""
    # Archives of a month hold empty files of idle days; these are no damage.
    if isinstance(error, EmptyFileError):
        return False
    # What is damaged, encrypted or packed twice may well hold tables.
    is_packed = path.suffix.casefold() in PACKED_SUFFIXES and not _DOCUMENT_NAME.fullmatch(path.stem)
    return _must_be_table(path) or (is_packed and not isinstance(error, _NoTableError | DocumentError))


def _expand_archive(source: InputFile, choice: _Choice) -> list[InputFile]:
    members = sorted(list_member_names(source), key=lambda name: _natural_key(Path(name)))
    tables = [table for member in members for table in _expand_member(source, member, choice)]
    if not tables:
        shown = ", ".join(members[:_SHOWN_MEMBERS]) + (" ..." if len(members) > _SHOWN_MEMBERS else "")
        message = f"{source.name} holds no table, only {shown or 'nothing'}; import files of CSV or Parquet"
        raise _NoTableError(message)
    return tables


def _expand_member(source: InputFile, member: str, choice: _Choice) -> list[InputFile]:
    table = replace(source, name=f"{source.name}/{member}", member=member)
    # macOS adds a folder __MACOSX with one hidden file per member.
    if any(part.startswith((".", "__MACOSX")) for part in Path(member).parts):
        choice.note(f"{table.name} is skipped: a hidden file")
        return []
    return _expand_table(table, is_named=False, choice=choice)


def _expand_workbook(source: InputFile, choice: _Choice) -> list[InputFile]:
    """Return one table per sheet that has one; hidden sheets count only where no other sheet has a table.

    Raises:
        InputError: No sheet has a table, or the formulas of one have no results.
    """
    workbook = open_workbook(source)
    sheets = _list_sheets(source, workbook.sheet_names)
    # The name of a sheet alone is one, too, where the table is called by its file.
    left_out = {sheet.name for sheet in sheets if choice.leaves_out(f"{source.name}/{sheet.sheet}")}
    tables: list[tuple[InputFile, SheetFacts]] = []
    reasons: list[str] = []
    # Those that are left out, too: a hidden sheet beside one of them does not count either.
    for sheet in sheets:
        reason = _explain_no_table(sheet, is_only=len(sheets) == 1)
        if reason is None:
            tables.append((sheet, workbook.facts.sheets.get(str(sheet.sheet), SheetFacts())))
        elif sheet.name not in left_out:
            reasons.append(reason)
    if not tables and (reasons or not sheets):
        raise InputError(reasons[0] if reasons else f"{source.name} has no sheets; save the table as CSV")
    for reason in reasons:
        choice.note(f"a sheet is skipped, it is no table: {reason}")
    shown = [(table, facts) for table, facts in tables if not facts.is_hidden]
    chosen = [(table, facts) for table, facts in shown or tables if table.name not in left_out]
    for table, facts in tables if shown else ():
        if facts.is_hidden and table.name not in left_out:
            choice.note(f"{table.name} is skipped: a hidden sheet; show it in Excel to import it")
    for table, facts in chosen:
        _check_formulas(table, facts)
    return [table for table, _ in chosen]


def _list_sheets(source: InputFile, names: Sequence[str]) -> list[InputFile]:
    if len(names) == 1:
        return [replace(source, sheet=names[0])]
    return [replace(source, name=f"{source.name}/{name}", sheet=name) for name in names]


def _explain_no_table(sheet: InputFile, *, is_only: bool) -> str | None:
    """Return why a sheet is no table; None for a table. A sheet of remarks beside those of readings is none."""
    try:
        open_table(sheet)
    except InputError as error:
        return str(error)
    return f"{sheet.name} has no times and no numbers" if not is_only and _holds_remarks(sheet) else None


def _holds_remarks(sheet: InputFile) -> bool:
    """Return True if hardly a row of a sheet has a number or a time, in whatever spelling.

    The layout does not decide: it knows the common spellings of times only, and looks at the first rows.
    """
    if _has_readings(sheet):
        return False
    rows = list_sheet_rows(sheet)
    counts = [sum(_MAYBE_READING.match(cell) is not None for cell in row.cells) for row in rows]
    has_readings = any(count > 1 for count in counts)  # a time and a value
    dated = sum(count > 0 for count in counts)
    return not has_readings and dated <= min(_MAX_DATED_REMARKS, _MAX_DATED_SHARE * len(rows))


def _check_formulas(table: InputFile, facts: SheetFacts) -> None:
    """Refuse a sheet whose formulas have no results: their cells would pass for empty ones."""
    if facts.open_formula_rows > _MAX_OPEN_ROWS:
        message = (
            f"{table.name} has formulas without results in {facts.open_formula_rows:,} rows: a program wrote them that "
            "does not calculate; open the file in Excel or LibreOffice, and save it again"
        )
        raise InputError(message)
