"""What is remembered of a server's tables: for a while, and of so many."""

from __future__ import annotations

from acm_etl.io.mssql.column_cache import MAX_TABLES, TTL_SECONDS, ColumnCache


def remembering():
    now, asked = [0.0], []

    def ask(table):
        asked.append(table)
        return {"EquipID": "int"}

    return ColumnCache(timer=lambda: now[0]), now, asked, ask


def test_columns_are_asked_for_again_after_their_time():
    catalogue, now, asked, ask = remembering()
    for now[0] in (0.0, TTL_SECONDS - 1.0, TTL_SECONDS + 1.0):
        assert catalogue.get_column_types("RunLog", ask) == {"EquipID": "int"}
    assert asked == ["RunLog"] * 2


def test_of_too_many_tables_the_one_not_used_for_longest_goes():
    catalogue, _, asked, ask = remembering()
    for number in range(MAX_TABLES):
        catalogue.get_column_types(f"T{number}", ask)
    catalogue.get_column_types("T0", ask)
    catalogue.get_column_types("one more", ask)
    asked.clear()
    catalogue.get_column_types("T0", ask)
    assert asked == []
    catalogue.get_column_types("T1", ask)
    assert asked == ["T1"]


def test_what_is_handed_out_is_nobody_elses():
    catalogue, _, asked, ask = remembering()
    catalogue.get_column_types("RunLog", ask).clear()
    assert catalogue.get_column_types("RunLog", ask) == {"EquipID": "int"}
    assert asked == ["RunLog"]
