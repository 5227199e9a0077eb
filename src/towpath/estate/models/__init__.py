"""Records of the estate: one module a noun; Django finds them here."""

from towpath.estate.models.discoveries import Change, Discovery, ScanRange
from towpath.estate.models.exposures import Assessment, Exposure
from towpath.estate.models.items import Clash, Decision, Fact, Item, ItemKey, Sighting
from towpath.estate.models.links import Link
from towpath.estate.models.ruling import EstateRulesVersion

__all__ = [
    "Assessment",
    "Change",
    "Clash",
    "Decision",
    "Discovery",
    "EstateRulesVersion",
    "Exposure",
    "Fact",
    "Item",
    "ItemKey",
    "Link",
    "ScanRange",
    "Sighting",
]
