"""`manage.py up`: everything that Countersign needs, as children of one process (docs/operations.md)."""
