"""Addresses in mails: they lead to a page behind the log-in, and following one never decides anything."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.utils.html import format_html


def review_url(guid: UUID) -> str:
    """Workflow Signal Review of an instance, at the address that people use."""
    return f"{settings.PUBLIC_URL}/workflow/my/{guid}"


def with_review_link(html: str, guid: UUID) -> str:
    """The message, and below it the link, unless it names the page itself."""
    url = review_url(guid)
    return html if url in html else html + format_html('<p><a href="{}">Review the request</a></p>', url)
