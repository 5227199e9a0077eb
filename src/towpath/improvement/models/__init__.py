"""Records of improvement: one module a noun; Django finds them here."""

from towpath.improvement.models.findings import Delivery, Finding, FindingStep, StandingDays, TellingRule
from towpath.improvement.models.reviews import Review, ReviewAction, ReviewLine

__all__ = [
    "Delivery",
    "Finding",
    "FindingStep",
    "Review",
    "ReviewAction",
    "ReviewLine",
    "StandingDays",
    "TellingRule",
]
