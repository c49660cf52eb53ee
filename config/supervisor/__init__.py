"""`manage.py up`: everything that Countersign needs, as children of one process (docs/operations.md)."""

from __future__ import annotations

import argparse
import sys

from config import env
from config.supervisor.home import AlreadyRunning, SupervisorError, open_home
from config.supervisor.running import Supervisor, run_demo


def main(arguments: list[str]) -> int:
    """Runs until a signal; the exit status of `manage.py up`."""
    parser = argparse.ArgumentParser(prog="manage.py up", description="Start Countersign and all it needs.")
    parser.add_argument(
        "--demo", action="store_true", help="add the demonstration, also to one that runs already"
    )
    demo = parser.parse_args(arguments).demo
    try:
        home = open_home(env.data_folder())
        try:
            Supervisor(home, demo=demo).run()
        except AlreadyRunning:
            if not demo:
                raise
            run_demo(home)
    except (SupervisorError, env.SettingError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0
