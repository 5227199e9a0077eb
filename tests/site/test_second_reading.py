"""A reader whose files compaction took away reads anew: people do not hear of it, unless it happens again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from towpath.events.lake import Lake, Snapshot, SnapshotGone
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def gone(tmp_home: Home, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Raises SnapshotGone for as many snapshots as the list's first number says, and counts them."""
    left, snapshot = [1, 0], Lake.snapshot

    def snapshot_or_gone(lake: Lake, version: int | None = None) -> Snapshot:
        left[1] += 1
        if left[0] > 0:
            left[0] -= 1
            raise SnapshotGone("a file was removed")
        return snapshot(lake, version)

    monkeypatch.setattr(Lake, "snapshot", snapshot_or_gone)
    return left


def test_a_page_is_answered_from_a_new_snapshot(
    gone: list[int], service_manager: Person, client_of: Callable[[Person], Client]
) -> None:
    assert client_of(service_manager).get("/events/").status_code == 200
    assert gone[1] >= 2


def test_so_is_the_api(gone: list[int], key_client: Callable[..., Client]) -> None:
    answer = key_client(["events:read"]).get("/api/events/count")
    assert (answer.status_code, answer.json()["events"]) == (200, 0)


@pytest.mark.parametrize("address", ["/events/", "/api/events/count"])
def test_once_only(
    gone: list[int], service_manager: Person, client_of: Callable[[Person], Client], address: str
) -> None:
    gone[0] = 10
    assert client_of(service_manager).get(address).status_code == 503
    assert gone[1] == 2
