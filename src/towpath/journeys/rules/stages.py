"""The stages of a service relationship, by edition of ITIL. A journey names the vocabulary that it uses."""

from __future__ import annotations

STAGES: dict[str, tuple[str, ...]] = {
    "itil-4": ("explore", "engage", "offer", "agree", "onboard", "co-create", "realise"),
    "itil-5": ("discover", "design", "acquire", "build", "transition", "operate", "deliver", "support"),
}
DEFAULT_VOCABULARY = "itil-4"
