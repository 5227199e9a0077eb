"""Taking a person out of announcements."""

from __future__ import annotations

import json

from towpath.foundation.operations.forgetting import Person, erases
from towpath.foundation.outbox.models import OutboxMessage


@erases("announcements")
def forget_in_announcements(person: Person) -> int:
    """Handled ones that name them go; of those still on their way, the names are blotted out."""
    names, gone = person.names, 0
    for message in OutboxMessage.objects.iterator(500):
        body = json.dumps(message.body, ensure_ascii=False)
        if not names.are_in(f"{body}\n{message.last_error}"):
            continue
        gone += 1
        if message.handled_at is not None:
            message.delete()
            continue
        message.body = json.loads(names.blotted(body))
        message.last_error = names.blotted(message.last_error)
        message.save(update_fields=["body", "last_error"])
    return gone
