"""Limits by source over real sockets: the address of the socket counts, and a header only from a proxy of ours."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
from granian.constants import Interfaces
from granian.server.embed import Server

from tests.support.http_stage import Stage
from tests.support.polling import eventually
from tests.support.sandbox_provider import free_port
from tests.support.world import PASSWORD

_numbers = itertools.count()


@asynccontextmanager
async def served(folder: Path, *proxies: str) -> AsyncIterator[str]:
    """The address of the server that we ship on, behind these proxies."""
    async with Stage.of(folder, trusted_proxies=proxies) as stage:
        port = free_port()
        app: Any = stage.app
        server: Any = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, websockets=False)
        running = asyncio.get_running_loop().create_task(server.serve())
        url = f"http://127.0.0.1:{port}"
        await eventually(lambda: _answers(url), bool)
        yield url
        server.stop()
        await running


async def _answers(url: str) -> bool:
    async with httpx.AsyncClient(trust_env=False) as client:
        with suppress(httpx.TransportError):
            return (await client.get(f"{url}/health/live")).status_code == 200
    return False


async def statuses(url: str, calls: int, *, peer: str, forwarded: str = "") -> list[int]:
    """What so many who sign up from that address of this machine are answered; `{}` in the header is another each."""
    transport = httpx.AsyncHTTPTransport(local_address=peer)
    answers = []
    async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
        for number in range(calls):
            body = {"email": f"new{next(_numbers)}@example.com", "name": "New", "password": PASSWORD}
            headers = {"x-forwarded-for": forwarded.format(number)} if forwarded else {}
            answers.append((await client.post(f"{url}/api/v1/accounts", json=body, headers=headers)).status_code)
    return answers


async def test_each_socket_is_its_own_source_whatever_its_headers_say(tmp_path: Path) -> None:
    async with served(tmp_path) as url:
        assert await statuses(url, 12, peer="127.0.0.2", forwarded="198.51.100.{}") == [202] * 10 + [429] * 2
        assert await statuses(url, 3, peer="127.0.0.3") == [202] * 3
        assert await statuses(url, 1, peer="127.0.0.2", forwarded="203.0.113.1") == [429]


async def test_a_proxy_speaks_for_many_and_a_neighbour_does_not(tmp_path: Path) -> None:
    async with served(tmp_path, "127.0.0.2/32") as url:
        assert await statuses(url, 12, peer="127.0.0.2", forwarded="198.51.100.{}") == [202] * 12
        behind = "198.51.100.{}, 203.0.113.1"
        assert await statuses(url, 12, peer="127.0.0.2", forwarded=behind) == [202] * 10 + [429] * 2
        assert await statuses(url, 12, peer="127.0.0.3", forwarded="192.0.2.{}") == [202] * 10 + [429] * 2


async def test_where_everybody_is_believed_a_header_is_all_it_takes(tmp_path: Path) -> None:
    async with served(tmp_path, "0.0.0.0/0") as url:
        assert await statuses(url, 15, peer="127.0.0.4", forwarded="198.51.100.{}") == [202] * 15
