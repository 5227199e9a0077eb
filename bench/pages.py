"""Pages over 20 million events: home and blueprint as a browser gets them from a real server.

    python bench/pages.py [--events 20000000] [--rounds 60] [--keep FOLDER]

Figures are made first, as the worker makes them in the background; what that took is told beside. `--keep`:
as of journeys.py, whose data are used if they are there.
"""

from __future__ import annotations

import argparse
import http.client
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from installation import machine, running, towpath
from journeys_towpath import PLAIN
from report import percentile, tell

from journeys import EVENTS, loaded

PAGES = {
    "home": "/",
    "findings": "/findings/",
    "journeys": "/journeys/",
    "blueprint": "/journeys/purchase/",
    "funnel": "/journeys/purchase/funnel/",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--keep", type=Path, help="folder for the data, used again if it is there")
    given = parser.parse_args()
    with kept(given.keep) as folder:
        figures = dict(loaded(folder, given.events, alone=True))
        figures |= made_ready(folder / "home")
        tell("pages", machine(), figures | asked(given.rounds))


@contextmanager
def kept(folder: Path | None) -> Iterator[Path]:
    own = folder or Path(tempfile.mkdtemp(prefix="towpath-bench-"))
    try:
        yield own
    finally:
        if folder is None:
            shutil.rmtree(own, ignore_errors=True)


def made_ready(home: Path) -> dict[str, object]:
    """Records, the journey, and the figures that a worker keeps; seconds that these took."""
    for name in [name for name in os.environ if name.startswith("TOWPATH_")]:
        del os.environ[name]
    os.environ |= {"TOWPATH_HOME": str(home), "DJANGO_SETTINGS_MODULE": "towpath.site.settings"}
    towpath("upgrade")
    (home / "journey.yaml").write_text(PLAIN)
    towpath("journeys", "apply", str(home / "journey.yaml"))
    import django

    django.setup()
    from django.utils import timezone

    from towpath.analytics.warm import warm
    from towpath.improvement.actions.detecting import refresh
    from towpath.improvement.queries import looks
    from towpath.journeys.standing import keep_figures

    warm()
    begun = time.perf_counter()
    keep_figures()
    standing, now = time.perf_counter() - begun, timezone.now()
    begun = time.perf_counter()
    refresh(now, looks.state(now))
    return {"figures that stand, s": standing, "a look for findings, s": time.perf_counter() - begun}


def asked(rounds: int) -> dict[str, object]:
    figures: dict[str, object] = {}
    cookie = f"sessionid={_session()}"
    with running() as installation:
        for name, address in PAGES.items():
            ms = [_get(installation.port, address, cookie) for _ in range(rounds + 1)]
            figures[f"{name}: ms, first"] = ms[0]
            figures[f"{name}: ms, median"] = percentile(ms[1:], 0.5)
            figures[f"{name}: ms, p95"] = percentile(ms[1:], 0.95)
    return figures


def _session() -> str:
    from django.test import Client

    from towpath.foundation.people.models import Person

    if not Person.objects.filter(username="bench").exists():
        towpath("user", "create", "bench", "--role", "administrator")
    client = Client()
    client.force_login(Person.objects.get(username="bench"))
    return client.cookies["sessionid"].value


def _get(port: int, address: str, cookie: str) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    with closing(connection):
        begun = time.perf_counter()
        connection.request("GET", address, headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{address} answers {answer.status} {answer.headers.get('Location', '')}")
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    main()
