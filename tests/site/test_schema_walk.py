"""Every operation of the OpenAPI document, asked whatever its schema allows and whatever it forbids.

Schemathesis draws the requests; they go through the WSGI application as a server would hand them on.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django_tasks import task
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from small_shop import JOURNEY, take_in

from towpath.events.envelope import case_key
from towpath.foundation.access.rules import declared
from towpath.foundation.operations.home import Home
from towpath.site.commands import openapi_document
from towpath.site.problems import PROBLEM
from towpath.site.route_table import operations as stated_operations

pytestmark = pytest.mark.django_db
KeyWith = Callable[..., str]
Record = Callable[[str, object], None]

SCHEMA = schemathesis.openapi.from_dict(json.loads(openapi_document()))
SCHEMA.app = WSGIHandler()
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]
NEEDED = {
    f"{found.method} {found.address.replace('{path:', '{')}": found.access for found in stated_operations()
}
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]
QUIET += [HealthCheck.data_too_large, HealthCheck.large_base_example]
PHASES = [Phase.explicit, Phase.generate]
SHORT, LONG = 5, 150
UNKNOWN, KNOWN = "as drawn", "of something that is there"


class Problem(msgspec.Struct, forbid_unknown_fields=True):
    """What RFC 9457 says an error's body holds, as our document promises it."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] = []


@task()
def fetch_water() -> None:
    """A job to be there."""


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@contextmanager
def kept_connection() -> Iterator[None]:
    """A server closes its connection after a request; a test's transaction lives in it, so it must stay."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


@pytest.fixture
def master(tmp_home: Home, tmp_path: Path, key_with: KeyWith) -> str:
    """A key that may do everything, in a home that holds a journey and its events."""
    take_in(tmp_path)
    secret = key_with(declared())
    client = Client(headers=bearer(secret))
    assert client.put("/api/journeys/order", JOURNEY, content_type="application/yaml").status_code == 201
    return secret


def known_names(secret: str) -> dict[str, str]:
    """For each argument of an address, one of something that is there."""
    client = Client(headers=bearer(secret))
    entity = str(case_key("shop", "o1"))
    return {
        "key": "order",
        "prefix": secret[: len("towpath_00000000")],
        "job_id": str(fetch_water.enqueue().id),
        "import_id": client.get("/api/imports").json()[0]["id"],
        "record_id": str(client.get("/api/quarantine").json()[0]["id"]),
        "entity": entity,
        "customer": entity,
    }


def ask(
    operation: Any, examples: int, mode: GenerationMode, judge: Callable[[Any, Any], None], known: Any
) -> None:
    """Draw that many requests; half of them about things that are there."""

    @settings(
        max_examples=examples,
        phases=PHASES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=QUIET,
    )
    @given(case=operation.as_strategy(generation_mode=mode), place=st.sampled_from([UNKNOWN, KNOWN]))
    def run(case: Any, place: str) -> None:
        if place == KNOWN:
            case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
        judge(case, operation)

    with kept_connection():
        run()


def judged(operation: Any, case: Any, headers: dict[str, str]) -> Any:
    """The answer, which is what the document promises: never a crash, a problem for every error."""
    answer = case.call(headers=headers)
    told = f"{operation.label} {case.path_parameters} {case.query} {case.body!r}: {answer.status_code}"
    assert answer.status_code < 500, f"{told} {answer.text}"
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == [PROBLEM], told
        problem = msgspec.json.decode(answer.content, type=Problem)
        assert (problem.status, bool(problem.title and problem.detail)) == (answer.status_code, True), told
    operation.validate_response(answer)
    return answer


def walk(operation: Any, master: str, examples: int) -> Counter[int]:
    """Ask with a key that may do everything. Returns how often each status was answered."""
    known, statuses = known_names(master), Counter[int]()
    headers = bearer(master)
    if operation.label == "DELETE /api/keys/{prefix}":
        known = {}  # The key that asks is not to stop itself.

    def judge(case: Any, _operation: Any) -> None:
        statuses[judged(operation, case, headers).status_code] += 1

    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        if mode is GenerationMode.POSITIVE or has_arguments(operation):
            ask(operation, examples, mode, judge, known)
    return statuses


def has_arguments(operation: Any) -> bool:
    """Where nothing is asked for, nothing can be asked wrongly."""
    raw = operation.definition.raw
    return bool(raw.get("parameters") or raw.get("requestBody"))


def each_operation(function: Any) -> Any:
    return pytest.mark.parametrize("operation", OPERATIONS, ids=lambda found: found.label)(function)


@each_operation
def test_no_request_crashes_it_and_every_answer_is_as_the_document_says(operation: Any, master: str) -> None:
    statuses = walk(operation, master, SHORT)
    # Requests that are drawn to break the schema also leave the key out.
    assert set(statuses) - {401}


@pytest.mark.soak
@each_operation
def test_a_long_walk_crashes_nothing_either(operation: Any, master: str, record_property: Record) -> None:
    statuses = walk(operation, master, LONG)
    told = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
    record_property("counted", told)
    assert set(statuses) - {401}


@each_operation
def test_the_anonymous_and_keys_without_the_scope_are_refused_whatever_they_ask(
    operation: Any, tmp_home: Home, key_with: KeyWith
) -> None:
    needed = NEEDED[f"{operation.method.upper()} {operation.path}"]
    poor = bearer(key_with(name for name in declared() if name != needed))
    refused = [
        ({}, 401),
        (bearer("towpath_00000000_worth-nothing"), 401),
        ({"Authorization": "Basic YTpi"}, 401),
    ]
    if needed != "signed-in":
        refused.append((poor, 403))

    def judge(case: Any, _operation: Any) -> None:
        for headers, status in refused:
            answer = case.call(headers=headers)
            assert answer.status_code == status, f"{headers} {operation.label} {case.path_parameters}"
            assert msgspec.json.decode(answer.content, type=Problem).status == status

    ask(operation, 3, GenerationMode.POSITIVE, judge, {})
