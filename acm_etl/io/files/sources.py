"""Earlier name of the type of an opened table."""

from acm_etl.io.files.raw_table import RawTable as ReadingsFile

__all__ = ["ReadingsFile"]
