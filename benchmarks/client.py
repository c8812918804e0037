"""An HTTP client that costs next to nothing: what is measured shall be the server."""

from __future__ import annotations

import json
import socket
from typing import Any


class Client:
    """One connection that stays open.

    Args:
        port: of a server on this machine.
        headers: those of every request.
    """

    def __init__(self, port: int, **headers: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in headers.items())

    def request(self, method: str, path: str, body: bytes = b"", expected: int = 200) -> bytes:
        """Sends a request and returns the body of its answer."""
        kind = "Content-Type: application/json\r\n" if body else ""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{self._headers}{kind}Content-Length: {len(body)}\r\n\r\n"
        )
        self._socket.sendall(head.encode() + body)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head_of_answer, _, answer = received.partition(b"\r\n\r\n")
        length = int(head_of_answer.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        parts, missing = [answer], length - len(answer)
        while missing > 0:
            parts.append(self._more())
            missing -= len(parts[-1])
        answer = b"".join(parts)
        assert int(head_of_answer.split(b" ", 2)[1]) == expected, (method, path, answer[:1000])
        return answer

    def get(self, path: str) -> bytes:
        """Reads an address."""
        return self.request("GET", path)

    def send(self, method: str, path: str, data: Any, expected: int) -> Any:
        """Sends JSON and reads JSON."""
        return json.loads(self.request(method, path, json.dumps(data).encode(), expected))

    def close(self) -> None:
        """Ends the connection."""
        self._socket.close()

    def _more(self) -> bytes:
        received = self._socket.recv(1 << 18)
        assert received, "The server has closed the connection."
        return received
