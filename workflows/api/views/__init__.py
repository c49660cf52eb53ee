"""Views by resource; each module lists its `routes`."""
