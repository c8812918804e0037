"""Local servers of real HTTP, for the fakes of other people's services."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


class LocalServer:
    """A server on 127.0.0.1, running while the block runs; its handlers find it as their `owner`."""

    def __init__(self, handler: type[BaseHTTPRequestHandler], port: int = 0) -> None:
        own_handler = type("_OwnHandler", (handler,), {"owner": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), own_handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """What the product's setting for the service's address is set to."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class LocalHandler(BaseHTTPRequestHandler):
    """Answers every method by `respond`, and says nothing on the console."""

    protocol_version = "HTTP/1.1"

    def respond(self) -> None:
        """Reads the request and sends the answer."""
        raise NotImplementedError

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self.respond
        raise AttributeError(name)

    def log_message(self, *args: object) -> None:
        """Nothing is told."""
