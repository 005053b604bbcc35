"""操作审计: the append-only trail that every action writes to, in its own transaction."""
