"""Who is told of findings: rules, and what follows from them when a finding changes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import Http404
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.foundation.audit.writing import writing
from towpath.foundation.outbox.sealing import sealed
from towpath.foundation.outbox.webhooks import NotDelivered, draw_secret, place_of
from towpath.improvement.actions.findings import LOOKER
from towpath.improvement.announcements import FindingChanged
from towpath.improvement.models import Delivery, Finding, TellingRule
from towpath.improvement.queries.telling import rule_of
from towpath.improvement.rules.causes import Family
from towpath.improvement.rules.permissions import TELL_FINDINGS, WRITE_FINDINGS
from towpath.improvement.rules.telling import NEWS, concerns, first_of, news_of
from towpath.improvement.schemas.telling import RuleMade

TRY_OUT = "try"


def add_rule(
    actor: Actor,
    *,
    name: str,
    means: str,
    address: str,
    news: Collection[str],
    families: Collection[str] = (),
    least_score: float = 0.0,
    site: str = "",
) -> RuleMade:
    """Have somebody told. The secret of a webhook is in the answer alone.

    `address`: e-mail addresses separated by commas, or an https:// address. Letters are in the language that
    is active now. Raises ValidationError by field,
    PermissionDenied.
    """
    require(actor, TELL_FINDINGS)
    _check(name, means, address, news, families)
    secret = draw_secret() if means == TellingRule.Means.WEBHOOK else ""
    with writing(actor, "telling.added", TELL_FINDINGS) as write:
        row = TellingRule.objects.create(
            name=name.strip(),
            means=means,
            address=address.strip(),
            news=[each for each in NEWS if each in news],
            families=[each.value for each in Family if each in families],
            least_score=least_score,
            secret=sealed(secret) if secret else "",
            site=site[:300],
            language=get_language() or settings.LANGUAGE_CODE,
            created_by=(actor.name or actor.kind)[:200],
        )
        write.about(row, after=_kept(row))
    return RuleMade(rule_of(row), secret)


def set_active(actor: Actor, rule_id: int, *, active: bool) -> None:
    """Stop telling, or go on. Raises Http404, PermissionDenied."""
    with writing(actor, "telling.started" if active else "telling.stopped", TELL_FINDINGS) as write:
        row = _locked(rule_id)
        before = _kept(row)
        row.active = active
        row.save(update_fields=["active"])
        write.about(row, before=before, after=_kept(row))


def remove_rule(actor: Actor, rule_id: int) -> None:
    """Tell them no more, and forget what they were told. Raises Http404, PermissionDenied."""
    with writing(actor, "telling.removed", TELL_FINDINGS) as write:
        row = _locked(rule_id)
        write.about(row, before=_kept(row))
        row.delete()


def try_out(actor: Actor, rule_id: int) -> int:
    """Have something sent that is no finding, to see whether it arrives; returns the delivery's number."""
    with writing(actor, "telling.tried_out", TELL_FINDINGS) as write:
        row = _locked(rule_id)
        write.about(row)
        return Delivery.objects.create(rule=row, news=TRY_OUT).pk


def prepare(fact: FindingChanged) -> list[int]:
    """What is to be told because of it: numbers of deliveries, each made once however often this runs."""
    finding = Finding.objects.filter(digest=fact.digest).first()
    news = news_of(fact.before, fact.state, grave=fact.grave)
    if finding is None or not news:
        return []
    made = []
    with writing(LOOKER, "finding.told", WRITE_FINDINGS) as write:
        write.about(finding, after={"news": news})
        for rule in TellingRule.objects.filter(active=True):
            if _concerns(rule, finding, news):
                told = {"finding": finding, "news": first_of(news, rule.news)}
                row, new = Delivery.objects.get_or_create(rule=rule, step_id=fact.step, defaults=told)
                made += [row.pk] if new else []
    return made


def _concerns(rule: TellingRule, finding: Finding, news: Collection[str]) -> bool:
    return concerns(
        news,
        family=str(finding.detected.get("family", "")),
        score=finding.score,
        wanted=rule.news,
        families=rule.families,
        least_score=rule.least_score,
    )


def _check(name: str, means: str, address: str, news: Collection[str], families: Collection[str]) -> None:
    wrong: dict[str, str] = {}
    if not name.strip() or TellingRule.objects.filter(name=name.strip()).exists():
        wrong["name"] = _("Give it a name that no other rule has.")
    if not news or not set(news) <= set(NEWS):
        wrong["news"] = _("Say when: %(news)s.") % {"news": ", ".join(NEWS)}
    if not set(families) <= {each.value for each in Family}:
        wrong["families"] = _("Kinds of trouble are: %(all)s.") % {"all": ", ".join(Family)}
    if means not in TellingRule.Means.values:
        wrong["means"] = _("Tell by e-mail or webhook.")
    elif problem := _wrong_address(means, address):
        wrong["address"] = problem
    if wrong:
        raise ValidationError(wrong)


def _wrong_address(means: str, address: str) -> str:
    """Why nothing can be sent there; empty where it can."""
    if means == TellingRule.Means.WEBHOOK:
        try:
            place_of(address.strip(), private=settings.WEBHOOKS_PRIVATE)
        except NotDelivered as error:
            return str(error)
        return ""
    try:
        for each in address.split(","):
            validate_email(each.strip())
    except ValidationError:
        return _("Write e-mail addresses, separated by commas.")
    return ""


def _locked(rule_id: int) -> TellingRule:
    row = TellingRule.objects.select_for_update().filter(pk=rule_id).first()
    if row is None:
        raise Http404(_("There is no rule %(id)s.") % {"id": rule_id})
    return row


def _kept(row: TellingRule) -> dict[str, Any]:
    names = ("name", "means", "address", "news", "families", "least_score", "active")
    return {name: getattr(row, name) for name in names}
