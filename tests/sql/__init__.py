"""Microsoft's T-SQL, as text: scripts, statements, rules; nothing here needs a server."""
