"""Findings in plain sentences."""

from __future__ import annotations

import msgspec
import pytest
from findings import detected

from towpath.improvement.rules import wording
from towpath.improvement.rules.causes import OF_DESKS, OF_ESTATE, Family
from towpath.improvement.rules.first_steps import FirstStep
from towpath.improvement.rules.sentences import SENTENCES, SHIFTS
from towpath.improvement.schemas.findings import DeskEvidence, EstateEvidence, Signal, Where

SHAPES = ("", "change=app 4.12.0", "component=ledger", "channel=phone", "device=Android", "language=sv",
          "region=north", "service=payments", "hours=18-22", "weather=rain")  # fmt: skip


@pytest.mark.parametrize(
    ("culprit", "family", "sentence"),
    [
        ("change=app 4.12.0", Family.FAULT, "“Pay by card” fails in app 4.12.0"),
        ("hours=18-22", Family.SLOW, "“Pay by card” is too slow from 18:00 to 22:00"),
        ("channel=phone", Family.LOSS, "“Pay by card” loses customers who come by phone"),
        ("component=ledger", Family.FAULT, "“Pay by card” fails at ledger"),
        ("hours=18-22", Family.MISSING,
         "Customers did not arrive at “Pay by card” from 18:00 to 22:00 on 13 Mar 2024"),
        ("weather=rain", Family.LOOP,
         "Customers have to go through “Pay by card” again and again where weather is rain"),
    ],
)  # fmt: skip
def test_each_trouble_is_said_in_one_plain_sentence(culprit: str, family: Family, sentence: str) -> None:
    assert wording.sentence_of(detected(culprit, family)) == sentence


@pytest.mark.parametrize("family", [each for each in Family if each not in OF_DESKS | OF_ESTATE])
def test_no_family_and_no_shape_is_without_a_sentence(family: Family) -> None:
    for culprit in SHAPES:
        said = wording.sentence_of(detected(culprit, family))
        assert "%(" not in said
        assert "Pay by card" in said
        name = culprit.partition("=")[2]
        if name and not culprit.startswith("hours") and family not in (Family.MISSING, Family.GRAVE):
            assert name in said


@pytest.mark.parametrize("family", sorted(OF_DESKS))
@pytest.mark.parametrize("culprit", ["", "topic=password reset", "teams=billing ⇄ meters"])
def test_what_desks_tell_is_said_with_its_topic_or_desk(family: Family, culprit: str) -> None:
    where = Where("", "", "", "", desk="acme", topic="password reset")
    said = wording.sentence_of(detected(culprit, family, where=where))
    assert "%(" not in said
    assert "acme" in said or culprit.partition("=")[2] in said


@pytest.mark.parametrize("level", ["remove", "self_service", "tier_1", "tier_2"])
def test_work_that_should_move_is_called_by_its_level(level: str) -> None:
    at_desk = DeskEvidence(13.0, 30, 40, 0.0, level)
    found = detected("topic=reset", Family.SHIFT, desk=at_desk)
    assert wording.sentence_of(found) == str(SHIFTS[level]) % {"what": "reset"}


@pytest.mark.parametrize("family", sorted(OF_ESTATE))
def test_what_the_estate_tells_is_said_with_its_item_or_how_many(family: Family) -> None:
    where = Where("", "", "", "", item="db-old")
    estate = EstateEvidence(count=1_234, things=(), customers=None, of=0)
    found = detected("host=db-old", family, where=where, estate=estate)
    said = wording.sentence_of(found)
    assert "%(" not in said
    assert ("1,234" if family is Family.UNMANAGED else "“db-old”") in said


def test_grave_harm_is_called_by_its_class() -> None:
    sign = detected().signals[0]
    grave = msgspec.structs.replace(sign, detector="grave_event", note="money")
    found = detected("component=ledger", Family.GRAVE, signals=(grave,))
    assert wording.sentence_of(found) == "Money is taken wrongly at “Pay by card”"


def test_every_first_step_and_detector_has_words() -> None:
    for code in FirstStep.__args__:  # type: ignore[attr-defined]
        said = wording.first_step_in_words(detected(first_step=code))
        assert "%(" not in said
        assert code not in said
    for name in ("more_than_before", "fewer_than_expected", "grave_event", "a_new_one"):
        sign = Signal(name, detected().beyond, 0.1)
        assert "_" not in wording.signal_in_words(sign)


def test_what_was_seen_together_is_never_called_a_cause() -> None:
    found = detected()
    assert wording.together_in_words(found.together[0]) == "together with release app 4.12.0"
    assert "Cannot tell" in wording.cause_in_words(None)


def test_sentences_are_whole_for_every_family_but_grave() -> None:
    assert set(SENTENCES) == set(Family) - {Family.GRAVE}
