"""A Messages API on 127.0.0.1: real HTTP and server-sent events, scripted one answer a request.

    with AnthropicServer() as server:
        server.script(reply({...}), error(529, "overloaded_error"))

Answers are taken from the script in order; the last one is repeated. Like the real service it wants a bearer token and
refuses the sampling parameters that it no longer has.

It is a program too (`python -m tests.fakes.anthropic --help`), for people who want to see drafts stream.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.fakes.request_rules import fault_of
from tests.fakes.serving import LocalServer

API_KEY = "sk-ant-fake-key"
_CHUNK = 400

Answer = Callable[["Handler"], None]


class AnthropicServer(LocalServer):
    """The server, on a free port unless one is given."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(Handler, port)
        self._script: list[Answer] = []
        self._lock = threading.Lock()
        self.requests: list[dict[str, Any]] = []

    def script(self, *answers: Answer) -> None:
        """What the next requests are answered with."""
        with self._lock:
            self._script = list(answers)

    def next_answer(self) -> Answer:
        """The answer to the request that has just come."""
        with self._lock:
            return self._script.pop(0) if len(self._script) > 1 else self._script[0]


def reply(
    content: Any,
    *,
    stop_reason: str = "end_turn",
    usage: dict[str, int] | None = None,
    chunk: int = _CHUNK,
    pause: float = 0.0,
) -> Answer:
    """A whole streamed message, a thinking block first.

    Args:
        content: its text, or data to be written as JSON.
        stop_reason: why it ends.
        usage: counts of tokens that differ from the usual.
        chunk: characters an event.
        pause: seconds after each event.
    """
    text = content if isinstance(content, str) else json.dumps(content)

    def answer(handler: Handler) -> None:
        handler.begin_stream()
        for event in _message(text, stop_reason, usage or {}, chunk):
            handler.event(event)
            time.sleep(pause)

    return answer


def events(*data: dict[str, Any]) -> Answer:
    """A stream of these very events, however strange."""

    def answer(handler: Handler) -> None:
        handler.begin_stream()
        for event in data:
            handler.event(event)

    return answer


def held(content: Any, until: threading.Event) -> Answer:
    """A stream that stops half way until somebody lets it go on."""
    text = json.dumps(content)

    def answer(handler: Handler) -> None:
        handler.begin_stream()
        told = list(_message(text, "end_turn", {}, _CHUNK))
        for number, event in enumerate(told):
            if number == len(told) // 2:
                until.wait(60)
            handler.event(event)

    return answer


def refusal(explanation: str) -> Answer:
    """A stream that ends with a refusal and no content."""

    def answer(handler: Handler) -> None:
        handler.begin_stream()
        handler.event(_start({}))
        details = {"type": "refusal", "category": "general_harms", "explanation": explanation}
        delta = {"stop_reason": "refusal", "stop_sequence": None, "stop_details": details}
        handler.event({"type": "message_delta", "delta": delta, "usage": {"output_tokens": 3}})
        handler.event({"type": "message_stop"})

    return answer


def error(status: int, kind: str, message: str = "scripted", **headers: str) -> Answer:
    """An error as the API writes it; underscores in header names stand for hyphens."""
    body = json.dumps({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_fake"})
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.whole(status, body, "application/json", sent)


def html(status: int) -> Answer:
    """What a proxy in between answers."""
    return lambda handler: handler.whole(status, "<html><h1>Bad gateway</h1></html>", "text/html", {})


def broken_body() -> Answer:
    """Events whose data are no JSON."""
    return lambda handler: handler.whole(200, "event: message_start\ndata: {oops\n\n", "text/event-stream", {})


def no_events() -> Answer:
    """A stream without a single `event:` line, as some gateways make it."""
    return lambda handler: handler.whole(200, 'data: {"type": "message_start"}\n\n', "text/event-stream", {})


def cut_stream(content: Any, how: str) -> Answer:
    """A stream that does not reach its end.

    Args:
        content: what it would have said.
        how: `error` for an error event, `reset` for a dropped connection, `eof` for a clean end without
            message_stop, `stall` for silence.
    """
    text = json.dumps(content)

    def answer(handler: Handler) -> None:
        handler.begin_stream()
        for event in list(_message(text, "end_turn", {}, _CHUNK))[:-4]:
            handler.event(event)
        if how == "error":
            handler.event({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})
        elif how == "reset":
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.close_connection = True
            handler.connection.close()
        elif how == "stall":
            time.sleep(5)

    return answer


def _message(text: str, stop_reason: str, usage: dict[str, int], chunk: int) -> Iterator[dict[str, Any]]:
    yield _start(usage)
    yield {"type": "ping"}
    yield from _block(0, {"type": "thinking", "thinking": "", "signature": ""}, [
        {"type": "thinking_delta", "thinking": 'Tables {"tables": [} first.'},
        {"type": "signature_delta", "signature": "c2ln"},
    ])  # fmt: skip
    pieces = [text[start : start + chunk] for start in range(0, len(text), chunk)]
    yield from _block(1, {"type": "text", "text": ""}, [{"type": "text_delta", "text": piece} for piece in pieces])
    output = usage.get("output_tokens", 120)
    delta = {"stop_reason": stop_reason, "stop_sequence": None, "stop_details": None}
    yield {"type": "message_delta", "delta": delta, "usage": {"output_tokens": output}}
    yield {"type": "message_stop"}


def _block(index: int, block: dict[str, Any], deltas: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield {"type": "content_block_start", "index": index, "content_block": block}
    for delta in deltas:
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


def _start(usage: dict[str, int]) -> dict[str, Any]:
    counted = {"input_tokens": 1000, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 1}
    message = {
        "id": "msg_fake", "type": "message", "role": "assistant", "model": "claude-opus-5-5", "content": [],
        "stop_reason": None, "stop_sequence": None, "stop_details": None, "usage": counted | usage,
    }  # fmt: skip
    return {"type": "message_start", "message": message}


class Handler(BaseHTTPRequestHandler):
    """One connection: a request is checked as the service would, and answered."""

    owner: AnthropicServer
    body: dict[str, Any]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """`POST /v1/messages`."""
        self.body = body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.owner.requests.append({"path": self.path, "body": body, "headers": dict(self.headers)})
        with suppress(BrokenPipeError, ConnectionResetError):
            self._answer(body)

    def _answer(self, body: dict[str, Any]) -> None:
        if self.path != "/v1/messages":
            error(404, "not_found_error", f"no {self.path}")(self)
        elif self.headers.get("Authorization") != f"Bearer {API_KEY}":
            error(401, "authentication_error", "invalid bearer token")(self)
        elif fault := fault_of(body):
            error(400, "invalid_request_error", fault)(self)
        else:
            self.owner.next_answer()(self)

    def begin_stream(self) -> None:
        """Sends the head of an event stream, which lasts as long as the connection."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("request-id", "req_fake")
        self.send_header("Connection", "close")
        self.end_headers()

    def event(self, data: dict[str, Any]) -> None:
        """Sends one event."""
        self.wfile.write(f"event: {data['type']}\ndata: {json.dumps(data)}\n\n".encode())
        self.wfile.flush()

    def whole(self, status: int, body: str, content_type: str, headers: dict[str, str]) -> None:
        """Sends a whole response."""
        content = body.encode()
        self.send_response(status)
        usual = {"Content-Type": content_type, "Content-Length": str(len(content)), "request-id": "req_fake"}
        for name, value in (usual | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        """Says nothing."""


if __name__ == "__main__":
    from tests.fakes.program import main

    sys.exit(main())
