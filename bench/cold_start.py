"""How long a fresh process takes to its first answer on Lambda's entry: `python -m bench.cold_start`.

Python starts, everything is imported and made from the settings, and one event is answered: all that Lambda does
itself before, such as fetching the package, is not in it. The package is taken to have bytecode in it. Once on memory,
which is what Python and we cost alone, and once with every engine at AWS, each of which is looked at by the start.
"""

import json
import subprocess
import sys
import tempfile
import time
from statistics import median
from typing import Final

from bench.aws_stage import at_aws
from bench.stage import as_installed

ROUNDS: Final = 7
_FIRST_ANSWER: Final = """
import json, sys, time
began = time.perf_counter()
import bootstrap
imported = time.perf_counter()
event = json.loads(sys.stdin.read())
class Context:
    def get_remaining_time_in_millis(self): return 30_000
first = bootstrap.lambda_handler(event, Context())
answered = time.perf_counter()
second = bootstrap.lambda_handler(event, Context())
assert first["statusCode"] == second["statusCode"] == 200, first
print(json.dumps([answered - began, time.perf_counter() - answered]))
"""


def _event(path: str) -> dict[str, object]:
    http = {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.9", "userAgent": "bench"}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "bench.example"},
        "requestContext": {"http": http, "domainName": "bench.example", "stage": "$default"},
        "isBase64Encoded": False,
    }


def _measure(what: str, path: str, variables: dict[str, str]) -> None:
    wholes, firsts, seconds = [], [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            environment = as_installed() | {"RELEX_DATA_DIR": folder, "RELEX_LOG_LEVEL": "error"} | variables
            began = time.perf_counter()
            said = subprocess.run(
                [sys.executable, "-c", _FIRST_ANSWER],
                input=json.dumps(_event(path)),
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
            wholes.append(time.perf_counter() - began)
            first, second = json.loads(said.stdout.splitlines()[-1])
            firsts.append(first)
            seconds.append(second)
    print(
        f"{what}, GET {path}, median of {ROUNDS}: {median(wholes):.2f} s for the whole process, {median(firsts):.2f} s"
    )
    print(f"of it from the first import to the first answer; {median(seconds) * 1000:.1f} ms for the answer after it")


def main() -> None:
    _measure("on memory", "/health/live", {"RELEX_STORE": "memory"})
    with at_aws() as variables:
        _measure("everything at AWS (moto)", "/api/v1/events", variables)


if __name__ == "__main__":
    main()
