"""Who may do what: actors, permissions, row scopes, credentials."""
