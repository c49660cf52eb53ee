"""Mails to people: rows written with the decision that caused them, sent by a task of their own.

Nothing here ever fails a step: what cannot be sent is a row that says why, shown in the instance's timeline.
"""

from __future__ import annotations

from workflows.notifications.links import review_url, with_review_link
from workflows.notifications.sending import send_due
from workflows.notifications.writing import note_unwritten, notify, notify_each

__all__ = ["note_unwritten", "notify", "notify_each", "review_url", "send_due", "with_review_link"]
