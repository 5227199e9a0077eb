"""Bodies of 500 CloudEvents as a shop would send them; each number is another batch."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

BATCH_EVENTS = 500
CONTENT_TYPE = "application/cloudevents-batch+json"
_MARK = b"#########"
_CUSTOMERS = 20_000


class Bodies:
    """The bodies of one sender: built once; a number in each event's id makes a batch a new one."""

    def __init__(self, sender: int, kinds: int = 8) -> None:
        chance = random.Random(sender)  # noqa: S311 (no secret)
        self._kinds = [_built(sender, chance) for _ in range(kinds)]

    def body(self, number: int) -> bytes:
        kind = self._kinds[number % len(self._kinds)]
        return kind.replace(_MARK, b"%09d" % number)


def _built(sender: int, chance: random.Random) -> bytes:
    now = datetime.now(UTC) - timedelta(hours=1)
    events = []
    for place in range(BATCH_EVENTS):
        customer = chance.randrange(_CUSTOMERS)
        events.append(
            {
                "specversion": "1.0",
                "id": f"{sender}-{_MARK.decode()}-{place}",
                "source": "shop",
                "type": chance.choice(("viewed", "cart.filled", "checkout.begun", "checkout.paid")),
                "time": (now - timedelta(seconds=chance.random() * 86_400)).isoformat(),
                "subject": f"account:{customer}",
                "session": f"s{customer}",
                "channel": "web",
                "service": "shop",
                "component": chance.choice(("catalogue", "basket", "payment")),
                "outcome": "ok",
                "latencyms": round(chance.lognormvariate(5, 1), 1),
                "datacontenttype": "application/json",
                "data": {"basket": chance.randrange(9), "items": [{"sku": f"A{customer % 97}", "n": 2}]},
            }
        )
    return json.dumps(events).encode()
