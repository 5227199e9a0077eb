"""What is logged: JSON for programs, lines for people at a terminal, and of a refusal no traceback."""

from __future__ import annotations

import logging
import os
import pty
import subprocess
import sys
from collections.abc import Callable

import pytest
from django.test import Client

from towpath.foundation.operations.logs import WithoutTraceback, logging_config
from towpath.foundation.people.models import Person

SAYING = """
import logging.config, structlog
from towpath.foundation.operations.logs import logging_config
logging.config.dictConfig(logging_config(debug=False, form={form!r}))
structlog.get_logger("towpath.requests").info("request", route="/journeys/")
structlog.get_logger("towpath.site").info("worker started", jobs=2)
try:
    1 / 0
except ZeroDivisionError:
    structlog.get_logger("towpath.site").exception("it broke")
"""


def at_a_terminal(form: str) -> str:
    """What a process with a terminal for standard error logs."""
    ours, theirs = pty.openpty()
    subprocess.run([sys.executable, "-c", SAYING.format(form=form)], stderr=theirs, check=True)
    os.close(theirs)
    told = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # Linux ends a terminal that nobody holds so
            break
        if not chunk:
            break
        told += chunk
    os.close(ours)
    return told.decode()


def piped(form: str) -> list[str]:
    command = [sys.executable, "-c", SAYING.format(form=form)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stderr.splitlines()


def test_a_terminal_shows_lines_for_people_and_no_requests() -> None:
    told = at_a_terminal("auto")
    assert "worker started" in told
    assert "ZeroDivisionError" in told
    assert "/journeys/" not in told
    assert '{"' not in told


def test_programs_get_json_requests_included() -> None:
    lines = piped("auto")
    assert [line[0] + line[-1] for line in lines] == ["{}"] * 3
    assert "/journeys/" in lines[0]
    assert "ZeroDivisionError" in lines[2]


def test_either_can_be_asked_for() -> None:
    assert at_a_terminal("json").count('"event": ') == 3
    text = piped("text")
    assert "worker started" in text[0]
    assert not any(line.startswith("{") for line in text)


@pytest.mark.django_db
def test_a_refusal_is_told_without_a_traceback(
    agent: Person, client_of: Callable[[Person], Client], caplog: pytest.LogCaptureFixture
) -> None:
    request = logging.getLogger("django.request")
    sieve = WithoutTraceback()
    request.addFilter(sieve)
    try:
        assert client_of(agent).get("/administration/people/").status_code == 403
    finally:
        request.removeFilter(sieve)
    (told,) = [record for record in caplog.records if record.name == "django.request"]
    assert told.exc_info is None
    assert told.getMessage() == "Forbidden (Permission denied): /administration/people/"


def test_the_sieve_is_in_force_and_lets_our_own_failures_through() -> None:
    config = logging_config(debug=False)
    assert config["loggers"]["django.request"]["filters"] == ["without_traceback"]
    failed = logging.makeLogRecord({"status_code": 500, "exc_info": (ValueError, ValueError(), None)})
    assert WithoutTraceback().filter(failed)
    assert failed.exc_info is not None
