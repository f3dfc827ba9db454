"""What is remembered of a server's tables: for a while, and of so many."""

from __future__ import annotations

from acm_etl.io.mssql.column_cache import MOST, SECONDS, Catalogue


def remembering():
    now, asked = [0.0], []

    def ask(table):
        asked.append(table)
        return {"EquipID": "int"}

    return Catalogue(timer=lambda: now[0]), now, asked, ask


def test_columns_are_asked_for_again_after_their_time():
    catalogue, now, asked, ask = remembering()
    for now[0] in (0.0, SECONDS - 1.0, SECONDS + 1.0):
        assert catalogue.columns("RunLog", ask) == {"EquipID": "int"}
    assert asked == ["RunLog"] * 2


def test_of_too_many_tables_the_one_not_used_for_longest_goes():
    catalogue, _, asked, ask = remembering()
    for number in range(MOST):
        catalogue.columns(f"T{number}", ask)
    catalogue.columns("T0", ask)
    catalogue.columns("one more", ask)
    asked.clear()
    catalogue.columns("T0", ask)
    assert asked == []
    catalogue.columns("T1", ask)
    assert asked == ["T1"]


def test_what_is_handed_out_is_nobody_elses():
    catalogue, _, asked, ask = remembering()
    catalogue.columns("RunLog", ask).clear()
    assert catalogue.columns("RunLog", ask) == {"EquipID": "int"}
    assert asked == ["RunLog"]
