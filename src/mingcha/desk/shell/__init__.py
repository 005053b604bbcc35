"""页面: what every page shares: layout, request scope, permissions, formats, the audit trail."""
