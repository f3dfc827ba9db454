"""Both passes over time columns that are held in memory."""

import polars as pl

from acm_etl.io.files.times.time_column import TimeOptions
from acm_etl.io.files.times.time_decision import decide_times
from acm_etl.io.files.times.time_search import TimeSearch


def decide(*frames, zone="Europe/Berlin", date_order=None, key=None, rows=1000, **options):
    """Pass 1 over one frame per file, in chunks of a number of rows; the decision of each file."""
    options = TimeOptions(time_zone=zone, **options)
    columns = []
    for number, frame in enumerate(frames, start=1):
        column = TimeSearch(f"{number}.csv", frame, options).find_best()
        for chunk in frame.iter_slices(rows):
            column.add_values(chunk, None if key is None else chunk[key])
        columns.append(column)
    return decide_times(columns, date_order)


def to_utc(decided, frame, *, key=None, rows=1000):
    """Pass 2 over one file: naive UTC."""
    converter = decided.make_converter()
    chunks = []
    for chunk in frame.iter_slices(rows):
        times = decided.reading.parse_local_times(chunk)
        keys = None if key is None else chunk[key]
        chunks.append(converter.convert_to_utc(times["local"], times["offset"], keys)["utc"])
    return pl.concat(chunks).to_list()


def read(cells, name="Time", **options):
    """Both passes over one column of cells."""
    frame = cells if isinstance(cells, pl.DataFrame) else pl.DataFrame({name: cells})
    return to_utc(decide(frame, **options).times[0], frame)
