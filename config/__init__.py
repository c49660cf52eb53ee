"""Settings, URLs, Celery and the supervisor of Countersign."""

from __future__ import annotations

import gc

# What a start loads stays, and an answer leaves few cycles: with Python's own 700 a tenth of the time goes
# into looking for garbage where there is none.
gc.set_threshold(20_000, 20, 20)
