#!/usr/bin/env python
"""Stands in for Microsoft's bcp utility: takes what bcpandas calls it with, and loads the file by INSERT.

``bcp schema.table in FILE -S host,port -d db -q -U user -P password -Yo -b rows -h TABLOCK -f FORMAT``
ACM_FAKE_BCP=short leaves the last row out and still ends with 0, as bcp does with rows it cannot read.
"""

from __future__ import annotations

import csv
import itertools
import os
import sys
from pathlib import Path

import mssql_python


def main(words: list[str]) -> int:
    table, direction, path = words[:3]
    given = dict(itertools.pairwise(words[3:]))
    assert direction == "in"
    assert given["-Y"] if "-Y" in given else any(word in words for word in ("-Yo", "-Ym", "-Ys"))
    columns = [line.split()[-2] for line in Path(given["-f"]).read_text(encoding="utf-8").splitlines()[2:]]
    with Path(path).open(newline="", encoding="utf-8") as file:
        rows = [[cell or None for cell in row] for row in csv.reader(file, delimiter="\t", quotechar='"')]
    if os.environ.get("ACM_FAKE_BCP") == "short":
        rows = rows[:-1]
    connection = mssql_python.connect(
        f"Server={given['-S']};Database={given['-d']};UID={given['-U']};PWD={given['-P']};Encrypt=optional",
        autocommit=True,
    )
    names = ", ".join(f"[{name}]" for name in columns)
    quoted = ".".join(f"[{part}]" for part in table.split("."))
    room = 2_000 // len(columns)
    for start in range(0, len(rows), room):
        part = rows[start : start + room]
        cells = ", ".join(f"({', '.join('NULL' if cell is None else repr(cell) for cell in row)})" for row in part)
        connection.cursor().execute(f"INSERT INTO {quoted} ({names})\nVALUES {cells}")
    print(f"{len(rows)} rows copied.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
