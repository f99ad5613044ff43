"""What stands before our server in the world outside: it speaks https to browsers, and plain http to us."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Final

_CHUNK_BYTES: Final = 65_536


@contextmanager
def tls_front(listening: socket.socket, shown: ssl.SSLContext, port: int) -> Iterator[None]:
    """Passes on what comes in, both ways, between those who connect and the server at the port of this machine."""
    loop = asyncio.new_event_loop()
    stopped = asyncio.Event()
    thread = Thread(target=loop.run_until_complete, args=(_serve(listening, shown, port, stopped),))
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()
        loop.close()


async def _serve(listening: socket.socket, shown: ssl.SSLContext, port: int, stopped: asyncio.Event) -> None:
    lines: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.create_task(_pass_on(reader, writer, port))
        lines.add(line)
        line.add_done_callback(lines.discard)

    server = await asyncio.start_server(accept, sock=listening, ssl=shown)
    await stopped.wait()
    server.close()
    for line in lines:
        line.cancel()
    await asyncio.gather(*lines, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    with suppress(OSError):
        there, back = await asyncio.open_connection("127.0.0.1", port)
        try:
            await asyncio.gather(_pump(reader, back), _pump(there, writer))
        finally:
            back.close()
            writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until one side ends, and then the other is told so."""
    with suppress(OSError):
        while data := await reader.read(_CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
    writer.close()
