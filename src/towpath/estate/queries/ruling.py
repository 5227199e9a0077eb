"""The estate's rules that are in force."""

from __future__ import annotations

from functools import lru_cache

from towpath.estate.models import EstateRulesVersion
from towpath.estate.rules.ruling import EstateRules, read_rules, shipped


def rules_in_force() -> EstateRules:
    """The newest version that was applied, else the rules that come along."""
    newest = EstateRulesVersion.objects.first()
    return _read(newest.body) if newest else shipped()


@lru_cache(maxsize=8)
def _read(body: str) -> EstateRules:
    return read_rules(body, "estate.yaml")
