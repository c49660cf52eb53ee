"""Starts a PostgreSQL in a process of its own, so that a test can kill who holds it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from config.supervisor.home import SupervisorError, open_home
from config.supervisor.postgres import Postgres


def main(root: str) -> None:
    home = open_home(Path(root))
    try:
        lock = home.lock()
    except SupervisorError as error:
        sys.exit(str(error))
    postgres = Postgres(home, ["fsync=off"])
    postgres.start()
    print(postgres.process.pid if postgres.process else 0, flush=True)
    time.sleep(600)
    lock.close()


if __name__ == "__main__":
    main(sys.argv[1])
