"""The REST API: one URLconf, two profiles of its words (D1)."""
