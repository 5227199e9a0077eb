"""Personal values in the audit log: encrypted with a key for each person, since entries are never changed.

When a person is forgotten the key is destroyed, and nobody can read the values any more. What was done, by
whom and when stays.
"""

from __future__ import annotations

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.db import transaction
from django.utils.translation import gettext as _

from towpath.foundation.audit.models import SealingKey
from towpath.foundation.operations.forgetting import Person, Turn, erases

_SEALED, _FOR = "sealed", "for"


def seal(person: int, value: Any) -> dict[str, str]:
    """A value (JSON) for `before` or `after` of an entry that only `opened` shows, as long as the person (key
    of a customer) is not forgotten."""
    found, _made = SealingKey.objects.get_or_create(
        person=person, defaults={"secret": Fernet.generate_key().decode()}
    )
    token = Fernet(found.secret).encrypt(json.dumps(value).encode())
    return {_SEALED: token.decode(), _FOR: str(person)}


def opened(state: Any) -> Any:
    """The state of an entry with its sealed values in clear; "(forgotten)" where the key is gone."""
    if isinstance(state, list):
        return [opened(each) for each in state]
    if not isinstance(state, dict):
        return state
    if set(state) != {_SEALED, _FOR}:
        return {name: opened(value) for name, value in state.items()}
    secret = SealingKey.objects.filter(person=int(state[_FOR])).values_list("secret", flat=True).first()
    try:
        return json.loads(Fernet(secret).decrypt(state[_SEALED])) if secret else _("(forgotten)")
    except InvalidToken:
        return _("(forgotten)")


@erases("the audit log (its keys)", Turn.LAST)
def destroy_keys(person: Person) -> int:
    with transaction.atomic():
        removed, _by_model = SealingKey.objects.filter(person__in=person.keys).delete()
    return removed
