"""Many machines: one task each, carried out by processes of this host or by a Dask cluster."""
