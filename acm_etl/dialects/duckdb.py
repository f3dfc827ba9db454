"""SQL of DuckDB."""

from __future__ import annotations

from acm_etl.dialects.base import Dialect

DUCKDB = Dialect(
    name="duckdb",
    is_embedded=True,
    identifier_quotes=('"', '"'),
    string_literal="'{text}'",
    # https://duckdb.org/docs/stable/sql/data_types/overview
    sql_types={
        "uuid": "UUID",
        "i32": "INTEGER",
        "i64": "BIGINT",
        "f64": "DOUBLE",
        "bool": "BOOLEAN",
        "str": "VARCHAR",
        "text": "VARCHAR",
        "ts3": "TIMESTAMP_MS",
        "bytes": "BLOB",
    },
    # Planning takes most of the time of a statement about few rows: DELETE and INSERT took 6.3 ms of CPU, MERGE 4.7 ms
    # (mean of 20 tables, 30 Nov 2026, 2 cores).
    upsert_strategy="merge-returning",
    # An UPDATE keeps both versions of every row in memory until COMMIT.
    has_mass_updates=False,
    has_is_distinct_from=True,
    batch_separator=";\n",
    nested_statement=None,
    text_collation="",
    schema_prefix="",
    script_prologue="",
    script_epilogue="",
    create_table="CREATE TABLE IF NOT EXISTS {table} (\n{body}\n)",
    add_column="ALTER TABLE {table} ADD COLUMN {column}",
    rename_table="ALTER TABLE {table} RENAME TO {new_table}",
    create_view=("CREATE OR REPLACE VIEW {view} AS\n{select}",),
    # Zone maps serve range queries. Replaying a log with changes of ART indexes has failed in several versions.
    create_index=None,
    drop_index=None,
    primary_key="PRIMARY KEY",
    secondary_key="PRIMARY KEY",
    cluster_table=None,
    # The ART index of a key makes mass inserts about ten times slower.
    # https://duckdb.org/docs/stable/guides/performance/indexing
    has_large_table_keys=False,
    # No locks on rows. A batch costs about 1 s of CPU whatever its size: 1M readings took 40 s in batches of 50,000
    # and 28 s in batches of 250,000. Two row groups of 122,880 rows: with a few rows more, each batch would leave a
    # small row group, which the checkpoint merges with its neighbours by writing all of them again.
    max_batch_readings=245_760,
    # Constraint checks are over-eager: a transaction cannot update a parent after its children.
    # https://duckdb.org/docs/stable/sql/indexes
    has_foreign_keys=False,
    # VARCHAR(n) does not limit the length, and DOUBLE holds NaN and infinity: CHECK constraints do both.
    finite_check="isfinite({column})",
    length_check="length({column}) <= {length}",
    seconds_between="date_diff('second', {start}, {end})",
    add_days="CAST({time} AS DATE) + CAST({days} AS INTEGER)",
    # DuckDB has virtual computed columns only, no stored ones.
    computed_column="BIGINT GENERATED ALWAYS AS ({expression}) VIRTUAL",
    lock_escalation=None,
    read_lock_hint="",
    delete_hint="",
    find_expired_partitions=None,
    empty_partitions=None,
    seek_option="",
    table_doc="COMMENT ON TABLE {table} IS {text}",
    view_doc="COMMENT ON VIEW {table} IS {text}",
    column_doc="COMMENT ON COLUMN {table}.{column} IS {text}",
    docs_statement=None,
    # A TIMESTAMP has no zone: the inner call makes it UTC, the outer call converts it.
    to_local_time="timezone({zone}, timezone('UTC', {time}::TIMESTAMP))",
    # Each row is hashed as a whole before the sum: hashes of single cells would cancel out when two rows swap a value.
    # A sum of 32 bits per row, so that hashes of two parts of a day add up to the hash of the day.
    rows_hash="CAST(SUM(hash({cells}) >> 32) AS BIGINT)",
    time_cell="CAST({time} AS TIMESTAMP_MS)",
    value_cell="CAST({value} AS DOUBLE)",
    cell_separator=", ",
    cell_group="{cells}",
    text_cell="CAST({text} AS VARCHAR)",
    count_rows="COUNT(*)",
    as_text="CAST({text} AS VARCHAR)",
    minute_of="date_trunc('minute', {time})",
    offset_to_utc="timezone('UTC', {time})",
    offset_limit="timezone('UTC', CAST(? AS TIMESTAMP))",
)
