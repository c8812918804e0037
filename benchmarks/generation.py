"""What the pipeline adds around Claude: a draft against the same exchange of bytes by a plain HTTP client."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import httpx2

from benchmarks.measure import Result, compare
from schemas.blueprints import blueprint
from schemas.document import Schema
from schemas.generation import generate
from schemas.generation.claude import ClaudeEngine
from schemas.generation.reply import from_document, from_operations

ROUNDS: Final = 30
CHUNK: Final = 40
"""Characters an event: Claude sends some ten tokens at once."""
MODEL: Final = "claude-opus-5-5"


def results() -> Iterator[Result]:
    """A new application, and a change of one. What is above the floor is ours: less than 50 ms of each."""
    clinic = blueprint("clinic").document
    fax = {"op": "add_column", "table": "patients", "column": {"name": "fax", "type": "phone"}}
    change = {"intent": "MODIFY", "tables": [], "relationships": [], "operations": from_operations([fax])}
    created = from_document(clinic.to_json())
    yield _measured("draft an application", created, "A clinic with patients and doctors", None)
    yield _measured("draft a change", created | change, "Add a fax to patients", clinic)


def _measured(name: str, reply: Mapping[str, Any], prompt: str, active: Schema | None) -> Result:
    with _service(_stream(json.dumps(reply))) as (url, bodies), httpx2.Client() as client:
        engine = ClaudeEngine(api_key="none", model=MODEL, base_url=url)

        def ours() -> object:
            generation = generate(prompt, active=active, engine=engine)
            assert generation.schema is not None
            return generation

        ours()
        body = bodies[0]
        return compare(name, lambda: client.post(f"{url}/v1/messages", content=body).text, ours, ROUNDS)


def _stream(text: str) -> bytes:
    """The events of a message that says the text."""
    message = {
        "id": "m", "type": "message", "role": "assistant", "model": MODEL, "content": [], "stop_reason": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }  # fmt: skip
    pieces = [text[start : start + CHUNK] for start in range(0, len(text), CHUNK)]
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *(
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}
            for piece in pieces
        ),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": len(text) // 4}},
        {"type": "message_stop"},
    ]
    return "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events).encode()


@contextmanager
def _service(answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers everything with these events at once; yields its address and the bodies that it gets."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", bodies
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
