"""Records of the desk: one module a noun; Django finds them here."""

from towpath.desk.models.connections import Connection
from towpath.desk.models.desks import Desk
from towpath.desk.models.shifting import ShiftDecision, TopicWord

__all__ = ["Connection", "Desk", "ShiftDecision", "TopicWord"]
