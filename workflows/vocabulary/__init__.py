"""Closed sets of words: statuses, permissions, audit operations, the texts of status messages."""
