"""One sender, a process of its own: `door.py` starts several of them.

    python sender.py PORT SENDER SECONDS RATE

RATE: batches a second, 0 for no limit. The key comes on standard input; it begins when a line follows it.
At the end it prints, as JSON, the milliseconds that each answer took, its own seconds on the processor, and
what was not accepted.
"""

from __future__ import annotations

import http.client
import json
import sys
import time

from batches import BATCH_EVENTS, CONTENT_TYPE, Bodies


def main(port: int, sender: int, seconds: float, rate: float) -> None:
    key = sys.stdin.readline().strip()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": CONTENT_TYPE}
    bodies, connection = Bodies(sender), http.client.HTTPConnection("127.0.0.1", port)
    _send(
        connection, bodies.body(0), headers
    )  # a server that was just started imports with its first request
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    took: list[float] = []
    failures: dict[str, int] = {}
    begun, busy = time.perf_counter(), time.process_time()
    while (at := time.perf_counter()) < begun + seconds:
        if rate and (wait := begun + len(took) / rate - at) > 0:
            time.sleep(wait)
        body = bodies.body(len(took) + 1)
        sent = time.perf_counter()
        failure = _send(connection, body, headers)
        took.append((time.perf_counter() - sent) * 1000)
        if failure:
            failures[failure] = failures.get(failure, 0) + 1
    sys.stdout.write(json.dumps({"ms": took, "cpu": time.process_time() - busy, "failures": failures}))


def _send(connection: http.client.HTTPConnection, body: bytes, headers: dict[str, str]) -> str:
    """What went wrong; empty where the batch was accepted whole."""
    connection.request("POST", "/api/events", body, headers)
    answer = connection.getresponse()
    told = answer.read()
    if answer.status == 202 and json.loads(told)["accepted"] == BATCH_EVENTS:
        return ""
    return f"{answer.status} {told[:200]!r}"


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))
