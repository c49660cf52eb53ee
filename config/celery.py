"""The Celery application `countersign`: its queues, routes and what beat wakes.

PostgreSQL is the truth and a message only a hint, so nothing here waits long for the broker: publishing gives
up within about a second, and whatever a lost message should have woken is woken by the next tick.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from typing import Any

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_ready
from kombu.exceptions import OperationalError
from redis import RedisError

from workflows.management import readiness

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# With kombu's defaults a publisher tries a dead broker for minutes, and with it the request that publishes.
_PATIENCE = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1}

app = Celery("countersign", set_as_current=True)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "visibility_timeout": 300,
        # A killed worker's message comes back within seconds instead of minutes.
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 1,
        "socket_timeout": 2,  # above the one second that a worker's BRPOP waits
        **_PATIENCE,
    },
    task_publish_retry_policy=_PATIENCE,
    task_default_queue="maintenance",
    task_queues={name: {} for name in ("interactive", "bulk", "signing", "maintenance")},
    task_create_missing_queues=False,
    task_time_limit=240,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    beat_schedule={
        # A tick is worth nothing two seconds later; without the expiry they would pile up.
        "tick": {
            "task": "workflows.tick",
            "schedule": 1.0,
            "options": {"queue": "maintenance", "expires": 2},
        },
        "send-notifications": {
            "task": "workflows.send_notifications",
            "schedule": 5.0,
            "options": {"queue": "maintenance", "expires": 10},
        },
        "send-webhooks": {
            "task": "workflows.send_webhooks",
            "schedule": 2.0,
            "options": {"queue": "maintenance", "expires": 4},
        },
        # Mostly one look at an empty index; a revocation must not wait for its CRL.
        "publish-crls": {
            "task": "workflows.publish_crls",
            "schedule": 10.0,
            "options": {"queue": "signing", "expires": 10},
        },
        # Looks whether the interval of the application settings is over.
        "purge": {
            "task": "workflows.purge",
            "schedule": 60.0,
            "options": {"queue": "maintenance", "expires": 60},
        },
        # Three times in the life of a mark; a million instances take about 0.3 seconds.
        "mark-lists": {
            "task": "workflows.mark_lists",
            "schedule": 200.0,
            "options": {"queue": "maintenance", "expires": 200},
        },
        "housekeeping": {
            "task": "workflows.housekeeping",
            "schedule": 600.0,
            "options": {"queue": "maintenance", "expires": 600},
        },
    },
)
app.autodiscover_tasks(["workflows"])


@setup_logging.connect
def _keep_our_logging(**_: Any) -> None:
    """Celery configures no logging of its own when this signal has a listener."""


@beat_init.connect
def _mark_lists_at_once(**_: Any) -> None:
    """A broker that starts with beat has no marks, and who jumps into a list should not wait for its turn."""
    entry = app.conf.beat_schedule["mark-lists"]
    with contextlib.suppress(OperationalError):
        app.send_task(entry["task"], **entry["options"])


@worker_ready.connect
def _tell_that_we_live(**_: Any) -> None:
    threading.Thread(target=_heartbeat, name="heartbeat", daemon=True).start()


def _heartbeat() -> None:
    """A thread of its own: a worker whose threads are all busy is alive too."""
    while True:
        with contextlib.suppress(RedisError):
            readiness.broker().set(readiness.WORKER_KEY, 1, ex=readiness.WORKER_SECONDS)
        time.sleep(readiness.WORKER_SECONDS / 3)
