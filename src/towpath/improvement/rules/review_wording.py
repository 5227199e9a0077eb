"""What people call the moments, times and verdicts of a review."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MOMENT_WORDS: dict[str, Promise] = {
    "begin": _("The trouble began"),
    "detected": _("Somebody or something saw it"),
    "acknowledged": _("Somebody took it on"),
    "restored": _("Customers were served again"),
    "resolved": _("The trouble was dealt with"),
    "repaired": _("What made it possible was mended"),
}
SPAN_WORDS: dict[str, Promise] = {
    "detected": _("To detect: from its begin until it was seen"),
    "acknowledged": _("To acknowledge: from when it was seen until somebody took it on"),
    "restored": _("To restore: from its begin until customers were served again"),
    "resolved": _("To resolve: from its begin until it was dealt with"),
    "repaired": _("To repair: from its begin until what made it possible was mended"),
}
VERDICT_WORDS: dict[str, Promise] = {
    "no prevention": _("Nothing was agreed that keeps it from coming back"),
    "not done yet": _("What is to keep it away is not done yet"),
    "came back": _("It came back"),
    "not seen again": _("Not seen again"),
    "too early": _("Too early to tell: four weeks are needed"),
    "no data": _("Cannot tell: nothing comes in from where it was"),
}
