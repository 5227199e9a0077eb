"""Personal values in the audit log: encrypted with a key for each person, since entries are never changed.

When a person is forgotten the key is destroyed, and nobody can read the values any more. What was done, by
whom and when stays.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.db import transaction
from django.utils.translation import gettext as _

from towpath.foundation.audit.models import SealingKey
from towpath.foundation.operations.forgetting import Person, Turn, erases

_SEALED, _FOR = "sealed", "for"


def seal(persons: Collection[int], value: Any) -> dict[str, Any]:
    """A value (JSON) for `before` or `after` of an entry that only `opened` shows, as long as none of the
    persons (keys of customers) that it is about is forgotten. Raises ValueError where it is about nobody."""
    ordered = sorted(set(persons))
    if not ordered:
        raise ValueError("A value is sealed for one person or more.")
    SealingKey.objects.bulk_create(
        [SealingKey(person=person, secret=Fernet.generate_key().decode()) for person in ordered],
        ignore_conflicts=True,
    )
    sealing = _sealing(ordered)
    if sealing is None:
        raise RuntimeError("A sealing key was destroyed while it was used: somebody is being forgotten.")
    token = sealing.encrypt(json.dumps(value).encode())
    return {_SEALED: token.decode(), _FOR: [str(person) for person in ordered]}


def opened(state: Any) -> Any:
    """The state of an entry with its sealed values in clear; "(forgotten)" where a key is gone."""
    if isinstance(state, list):
        return [opened(each) for each in state]
    if not isinstance(state, dict):
        return state
    if set(state) != {_SEALED, _FOR}:
        return {name: opened(value) for name, value in state.items()}
    sealing = _sealing([int(person) for person in state[_FOR]])
    try:
        return json.loads(sealing.decrypt(state[_SEALED])) if sealing else _("(forgotten)")
    except InvalidToken:
        return _("(forgotten)")


def _sealing(persons: Sequence[int]) -> Fernet | None:
    """One key from the keys of all of them, in ascending order; None where one is gone."""
    secrets = dict(SealingKey.objects.filter(person__in=persons).values_list("person", "secret"))
    if set(secrets) != set(persons):
        return None
    joined = "".join(secrets[person] for person in persons)
    return Fernet(urlsafe_b64encode(sha256(joined.encode()).digest()))


@erases("the audit log (its keys)", Turn.LAST)
def destroy_keys(person: Person) -> int:
    with transaction.atomic():
        removed, _by_model = SealingKey.objects.filter(person__in=person.keys).delete()
    return removed
