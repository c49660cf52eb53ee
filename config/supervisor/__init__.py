"""`manage.py up`: everything that Countersign needs, as children of one process (docs/operations.md)."""

from __future__ import annotations

import argparse
import signal
import sys

from config import env
from config.supervisor.children import end_with_parent
from config.supervisor.home import AlreadyRunning, Home, SupervisorError, open_home
from config.supervisor.running import Supervisor, run_demo


def main(arguments: list[str]) -> int:
    """Runs until a signal; the exit status of `manage.py up`."""
    parser = argparse.ArgumentParser(prog="manage.py up", description="Start Countersign and all it needs.")
    parser.add_argument("--demo", action="store_true", help="add the demonstration, also to one that runs")
    parser.add_argument("--until-parent-ends", action="store_true", help="stop when the caller is gone")
    options = parser.parse_args(arguments)
    if options.until_parent_ends:
        end_with_parent(signal.SIGTERM)
    try:
        _up(open_home(env.data_folder()), demo=options.demo)
    except (SupervisorError, env.SettingError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename or error}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def _up(home: Home, *, demo: bool) -> None:
    try:
        Supervisor(home, demo=demo).run()
    except AlreadyRunning:
        if not demo:
            raise
        run_demo(home)
