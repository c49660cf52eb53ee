"""One life of the supervisor: prepare, start, watch, stop in reverse order."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from types import FrameType

from config import env
from config.supervisor import secrets, services
from config.supervisor.children import Child, wait_until
from config.supervisor.home import Home, SupervisorError
from config.supervisor.keeping import Keeper
from config.supervisor.postgres import Postgres
from config.supervisor.valkey import Valkey
from config.supervisor.web_port import is_ready, wait_for_port

_PREPARE_SECONDS = 600.0
_PATIENCE = 90.0  # longer than any machine of ours has taken to answer


class Supervisor:
    """Runs everything on `home` until a signal; `demo` adds the demonstration once all is ready."""

    def __init__(self, home: Home, *, demo: bool = False) -> None:
        self.home = home
        self.demo = demo
        self._keepers: list[Keeper] = []
        self._stopping = False
        self._login = home.root / "first-login.json"
        self._is_first_start = not self._login.exists()

    def run(self) -> None:
        """Returns after an orderly stop. Raises SupervisorError or SettingError when the start fails."""
        with self.home.lock():
            self._listen()
            try:
                for step in (self._start_servers, self._prepare, self._start_product, self._watch):
                    if not self._stopping:
                        step()
            finally:
                self._stop_all()

    def _listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop_soon)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # else somebody said nohup
            signal.signal(signal.SIGHUP, self._stop_soon)

    def _stop_soon(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _start_servers(self) -> None:
        wait_for_port(goodbye=0 if self._is_first_start else services.WEB_GOODBYE)
        secrets.make_missing(self.home)
        if not env.DATABASE_URL.is_given():
            postgres = Postgres(self.home)
            self._keep(postgres)
            secrets.write(self.home.secrets / env.file_name(env.DATABASE_URL), postgres.url)
        if not env.REDIS_URL.is_given():
            valkey = Valkey(self.home)
            self._keep(valkey)
            secrets.write(self.home.secrets / env.file_name(env.REDIS_URL), valkey.url)
        for setting in env.SETTINGS:
            setting.read()

    def _prepare(self) -> None:
        command = services.command(self.home, "prepare")
        command.start()
        self._finish(command)

    def _start_product(self) -> None:
        self._keep(services.beat(self.home))
        for number in range(1, env.WORKERS.read() + 1):
            self._keep(services.worker(self.home, number))
        self._keep(services.web(self.home))

    def _watch(self) -> None:
        waiting_until: float | None = time.monotonic() + _PATIENCE
        while not self._stopping:
            for keeper in self._keepers:
                if sentence := keeper.look():
                    print(sentence, flush=True)
            if waiting_until is not None and is_ready():
                self._announce()
                waiting_until = None
            elif waiting_until is not None and time.monotonic() > waiting_until:
                print(f"Not ready after {_PATIENCE:.0f} s. The logs are in {self.home.logs}", flush=True)
                waiting_until = None
            time.sleep(0.2)

    def _announce(self) -> None:
        if self.demo:
            run_demo(self.home)
        address = env.PUBLIC_URL.read() or f"http://localhost:{env.PORT.read()}"
        print(f"\nCountersign is ready: {address}\nCtrl-C stops it.", flush=True)
        if self._is_first_start and self._login.exists():
            login = json.loads(self._login.read_text(encoding="utf-8"))
            print(f"First log-in: {login['username']} / {login['password']} ({self._login})", flush=True)

    def _keep(self, child: Child) -> None:
        keeper = Keeper(child)
        self._keepers.append(keeper)
        keeper.start()

    def _finish(self, command: Child) -> None:
        """Waits for a command's end or the signal to stop. Raises SupervisorError when it failed."""
        wait_until(lambda: self._stopping or not command.is_alive(), _PREPARE_SECONDS)
        command.stop()
        if not self._stopping and command.process and command.process.returncode:
            raise SupervisorError(f"`manage.py {command.name}` failed:\n{command.last_words()}")

    def _stop_all(self) -> None:
        self.home.stopping.touch()
        for keeper in reversed(self._keepers):
            keeper.child.stop()


def run_demo(home: Home) -> None:
    """Adds the demonstration to a running installation; its words go to the terminal."""
    command = services.command(home, "demo")
    subprocess.run(command.command, env=command.environ, cwd=command.cwd, check=False)
