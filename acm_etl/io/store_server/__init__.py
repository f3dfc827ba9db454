"""Sessions with an embedded store for other processes: only one process can have the database file open."""

from __future__ import annotations

from acm_etl.io.store_server.client import StoreClient
from acm_etl.io.store_server.protocol import StoreAddress
from acm_etl.io.store_server.server import StoreServer

__all__ = ["StoreAddress", "StoreClient", "StoreServer"]
