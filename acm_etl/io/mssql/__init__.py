"""SQL Server as a store: session, staging, bulk loaders, Arrow readers, error numbers."""
