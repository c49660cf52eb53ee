"""The product's own processes: web server, workers, beat, and the commands that prepare a start."""

from __future__ import annotations

import os
import signal
import sys

from config import env
from config.supervisor.children import Child
from config.supervisor.home import Home
from config.web_worker import LONGEST_LINE

_QUEUES = "interactive,bulk,signing,maintenance"
WEB_GOODBYE = 30.0  # seconds; the threads of a killed server end their answers first
_QUIET = "--without-gossip --without-mingle --without-heartbeat"  # workers have nothing to tell each other


def web(home: Home) -> Child:
    """gunicorn with threads; `SIGQUIT` ends it at once when we are gone, so that the port is free again."""
    bind = env.BIND.read()
    host = f"[{bind}]" if ":" in bind else bind
    options = {
        "--bind": f"{host}:{env.PORT.read()}",
        "--worker-class": "config.web_worker.Worker",
        "--workers": env.WEB_WORKERS.read(),
        "--threads": env.WEB_THREADS.read(),
        "--timeout": 180,  # above the two minutes that a request may spend waiting at most
        "--graceful-timeout": 10,
        "--keep-alive": 5,
        "--limit-request-line": LONGEST_LINE,
    }
    arguments = [str(part) for pair in options.items() for part in pair]
    return _python(
        home, "web", "-m", "gunicorn", *arguments, "--no-control-socket", "config.wsgi", last=signal.SIGQUIT
    )


def worker(home: Home, number: int) -> Child:
    """One Celery worker process with threads, on every queue; killed at any moment it loses nothing."""
    name = f"worker{number}"
    options = f"-P threads -c {env.WORKER_THREADS.read()} -n {name}@%h -Q {_QUEUES} {_QUIET}"
    return _celery(home, name, "worker", *options.split())


def beat(home: Home) -> Child:
    """The clock; it keeps nothing on disk, every entry is due at its start."""
    return _celery(home, "beat", "beat", "--scheduler", "celery.beat:Scheduler", "--pidfile=")


def command(home: Home, *arguments: str) -> Child:
    """One run of `manage.py` with `arguments`."""
    return _python(home, arguments[0], str(env.ROOT / "manage.py"), *arguments)


def _celery(home: Home, name: str, *arguments: str) -> Child:
    level = f"--loglevel={env.LOG_LEVEL.read()}"
    return _python(home, name, "-m", "celery", "--app=config.celery", *arguments, level)


def _python(home: Home, name: str, *arguments: str, last: signal.Signals = signal.SIGKILL) -> Child:
    return Child(
        name,
        [sys.executable, *arguments],
        log=home.logs / f"{name}.log",
        environ={**os.environ, "DATA": str(home.root), "PYTHONUNBUFFERED": "1"},
        last_signal=last,
        orphan_signal=last,
        cwd=env.ROOT,
    )
