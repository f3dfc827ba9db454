"""Valid files of every shape, and a seeded mutator that damages them as exporters, mails and editors do."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import polars as pl

START = datetime(2024, 1, 10)
ROWS = 60


def _stamp(row: int) -> str:
    return (START + timedelta(minutes=10 * row)).isoformat(sep=" ")


def _german_stamp(row: int) -> str:
    return (START + timedelta(minutes=10 * row)).strftime("%d.%m.%Y %H:%M:%S")


def _write_wide() -> str:
    rows = (f"{_stamp(i)},{50 + i / 7:.3f},{i % 9},{'On' if i % 4 else 'Off'}" for i in range(ROWS))
    return "\n".join(["Time,FI-101 (m3/h),TI-103,PUMP", *rows]) + "\n"


def _write_decimal_comma() -> str:
    rows = (f"{_german_stamp(i)};{f'{50 + i / 7:.3f}'.replace('.', ',')};{1234 + i}" for i in range(ROWS))
    return "\r\n".join(["Zeit;Druck [bar];Drehzahl", *rows]) + "\r\n"


def _write_long() -> str:
    tags = ("FI-101", "TI-103", "PI-7")
    rows = (f"{tag},{_stamp(i)},{10 * n + i / 3:.2f},192" for i in range(ROWS) for n, tag in enumerate(tags))
    return "\n".join(["TagName,DateTime,Value,OPCQuality", *rows]) + "\n"


def _write_pairs() -> str:
    rows = (f"{_stamp(i)},{i / 2},{_stamp(i + 1)},{100 - i}" for i in range(ROWS))
    return "\n".join(["A Time,A ValueY,B Time,B ValueY", *rows]) + "\n"


def _write_quality() -> str:
    rows = (f"{_stamp(i)}|{20 + i / 8}|{'Bad' if i % 11 == 5 else 'Good'}" for i in range(ROWS))
    return "\n".join(["timestamp|TI-103|TI-103 Quality", *rows]) + "\n"


def _write_units() -> str:
    rows = (f"{_stamp(i)},{20 + i / 8:.2f} °C,{5 + i} bar" for i in range(ROWS))
    return "\n".join(["Plant 7", "", "Time,A,B", *rows]) + "\n"


def _write_two_columns() -> str:
    rows = (f"{(START + timedelta(hours=i)):%m/%d/%Y\t%I:%M %p}\t{i}\t{i * 1.5}\t" for i in range(ROWS * 2))
    return "\n".join(["Date\tTime\tA\tB\t", *rows]) + "\n"


def _write_quoted() -> str:
    rows = (f'"{_stamp(i)}","1,{i:03}.5","{i}"' for i in range(ROWS))
    return "\n".join(['"Time","A, total","B"', *rows]) + "\n"


def _write_aligned() -> str:
    rows = (f"{_stamp(i)}   {i:8.2f}   {i * i:8d}" for i in range(ROWS))
    return "\n".join(["Time                      A          B", *rows]) + "\n"


def _build_frame() -> pl.DataFrame:
    times = [START + timedelta(minutes=10 * i) for i in range(ROWS)]
    return pl.DataFrame({"Time": times, "A": [i / 2 for i in range(ROWS)], "B": [float(i % 5) for i in range(ROWS)]})


def _write_parquet() -> bytes:
    buffer = io.BytesIO()
    _build_frame().write_parquet(buffer)
    return buffer.getvalue()


def _write_ipc() -> bytes:
    buffer = io.BytesIO()
    _build_frame().write_ipc(buffer)
    return buffer.getvalue()


def _write_workbook() -> bytes:
    buffer = io.BytesIO()
    _build_frame().write_excel(buffer, "Data")
    return buffer.getvalue()


TEXTS: Mapping[str, str] = {
    "wide": _write_wide(),
    "decimal_comma": _write_decimal_comma(),
    "long": _write_long(),
    "pairs": _write_pairs(),
    "quality": _write_quality(),
    "units": _write_units(),
    "two_columns": _write_two_columns(),
    "quoted": _write_quoted(),
    "aligned": _write_aligned(),
}
BINARIES: Mapping[str, tuple[str, bytes]] = {
    "parquet": ("x.parquet", _write_parquet()),
    "ipc": ("x.arrow", _write_ipc()),
    "workbook": ("x.xlsx", _write_workbook()),
}
HOSTILE_CELLS = (
    "", " ", "?", "n/a", "Bad", "I/O Timeout", "NaN", "-inf", "1e400", "9" * 40, "-999", "1.234,5", "1,234.5", "0x1F",
    "12 kg", "½", "٣", "On", "x" * 300, "\x00", '"', '""', '"a', "=1+1", "2024-13-45 25:61:00", "31.12.9999 23:59:59",
    "1700000000", "45292.5", "#REF!", "'5", "5-", "(5)", "1 234,5", "\ufeff1", "\u22125", "5%", "1;2", "1,2", "a\tb",
)  # fmt: skip
ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "cp1251", "shift_jis", "utf-32")


def _flip_lines(lines: list[str], dice: random.Random) -> list[str]:
    a, b = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return lines


def _double_line(lines: list[str], dice: random.Random) -> list[str]:
    place = dice.randrange(len(lines))
    return [*lines[:place], *[lines[place]] * dice.choice((2, 2, 20)), *lines[place + 1 :]]


def _drop_line(lines: list[str], dice: random.Random) -> list[str]:
    place = dice.randrange(len(lines))
    return [*lines[:place], *lines[place + dice.choice((1, 1, 30)) :]] or [""]


def _cut_line(lines: list[str], dice: random.Random) -> list[str]:
    place = dice.randrange(len(lines))
    lines[place] = lines[place][: dice.randrange(len(lines[place]) + 1)]
    return lines


def _replace_cell(lines: list[str], dice: random.Random) -> list[str]:
    place = dice.randrange(len(lines))
    mark = next((mark for mark in ("\t", ";", "|", ",") if mark in lines[place]), " ")
    cells = lines[place].split(mark)
    cells[dice.randrange(len(cells))] = dice.choice(HOSTILE_CELLS)
    lines[place] = mark.join(cells)
    return lines


def _replace_column(lines: list[str], dice: random.Random) -> list[str]:
    """Put hostile cells into one column of many rows."""
    for _ in range(dice.choice((5, 30))):
        lines = _replace_cell(lines, dice)
    return lines


def _insert_text(lines: list[str], dice: random.Random) -> list[str]:
    text = dice.choice(("", "# comment", "Total,1,2", "-----", "End of file", "; x", "\x1a", "(60 rows affected)"))
    lines.insert(dice.randrange(len(lines) + 1), text)
    return lines


def _change_delimiter(lines: list[str], dice: random.Random) -> list[str]:
    old, new = dice.sample((",", ";", "\t", "|", "."), 2)
    first = dice.choice((0, 0, dice.randrange(len(lines))))
    return [line if i < first else line.replace(old, new) for i, line in enumerate(lines)]


def _repeat_header(lines: list[str], dice: random.Random) -> list[str]:
    lines.insert(dice.randrange(len(lines)), lines[0])
    return lines


def _shift_clock(lines: list[str], dice: random.Random) -> list[str]:
    old, new = dice.choice(
        (("2024", "1969"), ("2024", "24"), (":", "."), (" ", "T"), ("2024-01", "2024-10"), ("-", "/"))
    )
    return [line.replace(old, new) for line in lines]


_LINE_MUTATIONS: tuple[Callable[[list[str], random.Random], list[str]], ...] = (
    _flip_lines, _double_line, _drop_line, _cut_line, _replace_cell, _replace_cell, _replace_column, _insert_text,
    _change_delimiter, _repeat_header, _shift_clock,
)  # fmt: skip


def _damage_bytes(content: bytes, dice: random.Random) -> bytes:
    data = bytearray(content)
    for _ in range(dice.choice((1, 3, 20))):
        place = dice.randrange(len(data))
        data[place] = dice.randrange(256)
    return bytes(data[: dice.randrange(len(data))] if dice.random() < 0.2 else data)


def _pack(content: bytes, dice: random.Random) -> tuple[str, bytes]:
    """Return the name and the bytes of a file, sometimes in a container."""
    kind = dice.choice(("csv", "csv", "csv", "csv", "gz", "zip"))
    if kind == "gz":
        return "x.csv.gz", gzip.compress(content)
    if kind == "zip":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("one.csv", content)
        return "x.zip", buffer.getvalue()
    return "x.csv", content


def mutate(seed: int) -> tuple[str, bytes]:
    """Return the name and the bytes of the damaged file of a seed."""
    dice = random.Random(seed)
    if dice.random() < 0.1:
        name, content = dice.choice(list(BINARIES.values()))
        return name, _damage_bytes(content, dice) if dice.random() < 0.8 else content
    text = dice.choice(list(TEXTS.values()))
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.split(end)
    for _ in range(dice.choice((0, 1, 1, 2, 3, 6))):
        lines = dice.choice(_LINE_MUTATIONS)(lines, dice)
    end = dice.choice((end, end, end, "\n", "\r\n", "\r"))
    content = end.join(lines).encode(dice.choice(ENCODINGS), errors="replace")
    if dice.random() < 0.15 and content:
        content = _damage_bytes(content, dice)
    name, packed = _pack(content, dice)
    if name != "x.csv" and dice.random() < 0.1:
        packed = _damage_bytes(packed, dice)
    return name, packed
