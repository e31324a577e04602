"""Who may ask what: keys and tokens, their scopes, and what becomes of those that are wrong (docs/access.md)."""
