"""Events as senders send them over HTTP, to rows of the envelope: CloudEvents 1.0.2 and plain JSON. Pure."""

from towpath.events.receiving.parse import parse_events
from towpath.events.receiving.refusals import BodyRefused, Received, RefusedEvent
from towpath.events.receiving.unpack import MAX_BODY_BYTES, unpack

__all__ = ["MAX_BODY_BYTES", "BodyRefused", "Received", "RefusedEvent", "parse_events", "unpack"]
