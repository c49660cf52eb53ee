"""Filters of lists beside `QueryString`, by resource."""
