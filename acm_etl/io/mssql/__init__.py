"""SQL Server as a store: sessions, staging, bulk loaders, Arrow readers and error numbers."""
