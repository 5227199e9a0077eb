"""Sends events to Towpath: batched, retried, and kept on disk while the server is away."""

from towpath_client.client import TowpathClient
from towpath_client.event import Event
from towpath_client.queue import NotQueued, RefusedEvent

__all__ = ["Event", "NotQueued", "RefusedEvent", "TowpathClient"]
