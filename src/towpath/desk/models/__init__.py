"""Records of the desk: one module a noun; Django finds them here."""

from towpath.desk.models.agreements import AgreementsVersion
from towpath.desk.models.calls import CallImport, CallInterval, CallSeries
from towpath.desk.models.connections import Connection
from towpath.desk.models.desks import Desk
from towpath.desk.models.linking import TicketLink
from towpath.desk.models.problems import ProblemAnalysis
from towpath.desk.models.shifting import ShiftDecision, TopicWord
from towpath.desk.models.tickets import Ticket, TicketNote

__all__ = [
    "AgreementsVersion",
    "CallImport",
    "CallInterval",
    "CallSeries",
    "Connection",
    "Desk",
    "ProblemAnalysis",
    "ShiftDecision",
    "Ticket",
    "TicketLink",
    "TicketNote",
    "TopicWord",
]
