"""A stand-in for Towpath's door: takes batches of events, or fails in the ways that a test asks for."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

CLIENT = Path(__file__).resolve().parents[2] / "clients/python/src"
"""What an application that uses the client needs on its path."""

Events = list[dict[str, Any]]
Answer = tuple[int, dict[str, str], object]
Behaviour = Callable[[Events], Answer]


def take(events: Events) -> Answer:
    return 202, {}, {"accepted": len(events), "refused": []}


def fail(status: int, **headers: str) -> Behaviour:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _events: (status, named, "<html>out of order</html>")


def problem(status: int, detail: str) -> Behaviour:
    kind = {"Content-Type": "application/problem+json"}
    return lambda _events: (status, kind, {"title": "Not read", "detail": detail})


def refuse_bad(events: Events) -> Answer:
    bad = [at for at, event in enumerate(events) if event["type"] == "bad"]
    refused = [{"place": f"event {at + 1}", "index": at, "reason": "it is bad"} for at in bad]
    return 202, {}, {"accepted": len(events) - len(bad), "refused": refused}


class StandIn:
    """What came in, and what to answer: first `then` (an item a request), after that `always`."""

    def __init__(self, port: int = 0) -> None:
        self.then: deque[Behaviour] = deque()
        self.always: Behaviour = take
        self.batches: list[Events] = []
        self.asked: list[float] = []
        self.headers: list[dict[str, str]] = []
        self.taken: Counter[str] = Counter()
        self.delay = 0.0
        self._http = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self.port = self._http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> StandIn:
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def answer(self, events: Events, headers: dict[str, str]) -> Answer:
        self.asked.append(time.monotonic())
        self.headers.append(headers)
        self.batches.append(events)
        time.sleep(self.delay)
        status, named, body = (self.then.popleft() if self.then else self.always)(events)
        if status == 202 and isinstance(body, dict):
            gone = {each["index"] for each in body["refused"]}
            self.taken.update(event["id"] for at, event in enumerate(events) if at not in gone)
        return status, named, body

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                packed = self.rfile.read(int(self.headers["Content-Length"]))
                headers = dict(self.headers) | {"path": self.path}
                status, named, body = door.answer(json.loads(gzip.decompress(packed)), headers)
                text = body.encode() if isinstance(body, str) else json.dumps(body).encode()
                try:
                    self.send_response(status)
                    for name, value in {"Content-Length": str(len(text)), **named}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(text)
                except OSError:
                    pass  # the client did not wait; that is what some tests want

            def log_message(self, *_words: object) -> None:
                pass

        return Handler
