"""A local server that answers as Jira and ServiceNow do, from tickets that a test holds."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = 2
"""Tickets a page, whatever is asked for: interfaces have limits of their own."""


class StandIn:
    """`issues` and `records` are what it serves; `asked` what it was asked, `troubles` what it answers before
    anything else: (status, headers, body)."""

    def __init__(self) -> None:
        self.issues: list[dict[str, Any]] = []
        self.records: list[dict[str, Any]] = []
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.troubles: list[tuple[int, dict[str, str], bytes]] = []
        self.url = ""

    def answer(self, path: str, query: dict[str, str]) -> object:
        if path == "/rest/api/3/search/jql":
            begin = int(query.get("nextPageToken", "0"))
            found = self._changed_issues(query)
            more = begin + PAGE < len(found)
            page = {"issues": found[begin : begin + PAGE], "isLast": not more}
            return {**page, "nextPageToken": str(begin + PAGE)} if more else page
        if path == "/rest/api/2/search":
            begin, found = int(query["startAt"]), self._changed_issues(query)
            return {"issues": found[begin : begin + PAGE], "total": len(found), "startAt": begin}
        if path.endswith("/changelog"):
            key = path.split("/")[-2]
            (one,) = [each for each in self.issues if each["key"] == key]
            begin, every = int(query["startAt"]), one["whole"]
            return {"values": every[begin : begin + PAGE], "total": len(every)}
        if path.startswith("/api/now/table/"):
            return {"result": self._changed_records(query)}
        raise KeyError(path)

    def _changed_issues(self, query: dict[str, str]) -> list[dict[str, Any]]:
        minutes = re.search(r"updated >= -(\d+)m", query["jql"])
        since = datetime.now(UTC) - timedelta(minutes=int(minutes[1])) if minutes else None
        kept = [
            {name: each[name] for name in each if name != "whole"}
            for each in self.issues
            if since is None or datetime.fromisoformat(each["fields"]["updated"]) >= since
        ]
        return sorted(kept, key=lambda each: (each["fields"]["updated"], each["key"]))

    def _changed_records(self, query: dict[str, str]) -> list[dict[str, Any]]:
        since = re.search(r"sys_updated_on>=([^^]*)", query["sysparm_query"])
        assert since is not None
        found = [each for each in self.records if each["sys_updated_on"]["value"] >= since[1]]
        found.sort(key=lambda each: (each["sys_updated_on"]["value"], each["sys_id"]["value"]))
        begin = int(query["sysparm_offset"])
        return found[begin : begin + int(query["sysparm_limit"])]


@contextmanager
def serving() -> Iterator[StandIn]:
    stand_in = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            stand_in.asked.append((parts.path, query, dict(self.headers)))
            if stand_in.troubles:
                status, headers, body = stand_in.troubles.pop(0)
            else:
                status, headers = 200, {}
                body = json.dumps(stand_in.answer(parts.path, query)).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing: the test's output is the test's."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    stand_in.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
