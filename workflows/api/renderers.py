"""Answers: JSON in UTF-8; dates are ISO 8601 and end with Z."""

from __future__ import annotations

from rest_framework import renderers


class JSONRenderer(renderers.JSONRenderer):
    charset = "utf-8"
