"""Instances of plausible shape by the million, made by the database itself (docs/lists.md)."""
