"""Logs: one JSON object a line, with the request's id; tracebacks never show local variables."""

from __future__ import annotations

from typing import Any

import structlog

_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    # Plain text: the structured traceback of structlog holds local variables, and those hold secrets.
    structlog.processors.format_exc_info,
]

# What these say below that level repeats what others say better.
_QUIETER = {
    "django.request": "ERROR",  # every 4xx answer
    "psycopg.pool": "ERROR",  # what the failing request reports
    "celery.beat": "WARNING",  # these three: each tick, every second
    "celery.worker.strategy": "WARNING",
    "celery.app.trace": "ERROR",
}


def configure() -> None:
    """Lets `structlog.get_logger()` write through the standard library's handlers."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def logging_config(level: str) -> dict[str, Any]:
    """Django's LOGGING: everything to stderr as JSON, from `level` on."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(),
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            **({} if level == "DEBUG" else {name: {"level": floor} for name, floor in _QUIETER.items()}),
        },
    }
