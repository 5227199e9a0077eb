"""Masking on the way in: the section `mask:` of a mapping.

    mask: true                        # columns of people and texts are known by their names
    mask: {people: [caller_id], texts: [short_description], keep: [assignment_group], region: SE}

It comes before everything else: what lies staged or in quarantine, and what errors quote, is masked already.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field

import msgspec
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from towpath.desk.rules.masking import (
    ACCOUNT,
    ADDRESS,
    CARD,
    IDENTITY,
    MAIL,
    NAME,
    PERSON,
    PHONE,
    Masks,
)
from towpath.events.importers.chunks import LINE_KEY, Row
from towpath.events.importers.treating import Treatment
from towpath.events.mapping import IDENTIFIERS, Mapping
from towpath.foundation.operations.documents import Document
from towpath.foundation.operations.shaping import shaped

SECTION = "mask"
PEOPLE = re.compile(
    r"(?i)(?!.*(type|count|role|reason|group|team|company|department)$)(name|org:resource|(.*[_ .:-])?"
    r"(caller|requester|requestor|(requested|opened)[_ ](by|for)|"
    r"(closed|resolved|created|updated|reported|submitted|sys_created|sys_updated)[_ ]by|"
    r"assigned[_ ]to|assignee|agent|technician|owner|user(name)?|customer|client|reporter|"
    r"creator|author|contact|watch[_ ]list|(full|first|last|display|middle|sur|given|family)[_ ]?name|"
    r"(caller|user|customer|contact|requester|agent|person)[_ ]?(id|name)|"
    r"solicitante|técnico|usuario|cliente|demandeur|technicien|utilisateur|handläggare|användare|kund|begärare|"
    r"anforderer|antragsteller|bearbeiter|techniker|benutzer|kunde|请求者|技术员|用户|客户|申请人))"
)
TEXTS = re.compile(
    r"(?i).*(description|comment|note|title|subject|summary|text|body|content|message|resolution|solution|"
    r"question|answer|details|titre|título|titel|asunto|objet|betreff|ämne|beskrivning|beschreibung|descripción|"
    r"kommentar|commentaire|comentario|标题|描述|备注|内容)s?([_ ].*)?"
)
MAILS = re.compile(r"(?i)(.*[_ .-])?e?-?_?mail([_ ]?address)?|.*correo.*|.*courriel.*|.*邮箱.*")
PHONES = re.compile(r"(?i).*(phone|mobile|msisdn|tel[eé]fono|telefon|t[eé]l[eé]phone|电话|手机).*")
_NAMED = ((MAIL, MAILS), (PHONE, PHONES), (PERSON, PEOPLE), ("text", TEXTS))
_FACTS = (
    "id",
    "time",
    "seq",
    "type",
    "ticket",
    "case",
    "source",
    "outcome",
    "team",
    "tier",
)
"""Fields of an event whose columns are left alone: masked they would be of no use, and they name nobody."""
_WHOLE = {PERSON: Masks.person, MAIL: Masks.mail, PHONE: Masks.phone}
_REMEMBERED = 100_000
"""Values whose masked form is kept at hand."""
_SHORT = 80
_FREE = re.compile(r"\S+(\s+\S+){3}|[\u4e00-\u9fff]{6}")


class Mask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`people`, `texts`: columns, where their names do not tell; `keep`: columns that stay as they are;
    `region`: where phone numbers without country code are from, two letters."""

    people: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    region: str = ""


def check(document: Document) -> None:
    """Raises DocumentError about a section that says something else than whether and what to mask."""
    if str(document.value).lower() in ("true", "false"):
        return
    if not isinstance(document.value, dict):
        told = _("Write `mask: true`, or which columns: {people: [...], texts: [...], keep: [...]}.")
        raise document.error((), told)
    mask = shaped(document, Mask)
    if mask.region and not re.fullmatch("[A-Z]{2}", mask.region):
        raise document.error(("region",), _("Write a country's two letters, like SE."))


def begin(mapping: Mapping) -> Treatment | None:
    """Masking for the rows of one file, where its mapping asks for it."""
    asked = mapping.sections.get(SECTION)
    if asked in (None, "false"):
        return None
    mask = Mask() if asked == "true" else msgspec.convert(asked, Mask)
    return Masking(mapping, mask, own_key())


def in_words(kind: str, times: int) -> str:
    """How many of a kind were masked, for people."""
    count = {"count": f"{times:,}"}
    told = {
        PERSON: ngettext(
            "%(count)s person's name in its column", "%(count)s persons' names in columns", times
        ),
        NAME: ngettext("%(count)s name in a text", "%(count)s names in texts", times),
        MAIL: ngettext("%(count)s mail address", "%(count)s mail addresses", times),
        PHONE: ngettext("%(count)s phone number", "%(count)s phone numbers", times),
        CARD: ngettext("%(count)s card number", "%(count)s card numbers", times),
        ACCOUNT: ngettext("%(count)s account number", "%(count)s account numbers", times),
        IDENTITY: ngettext("%(count)s personal number", "%(count)s personal numbers", times),
        ADDRESS: ngettext("%(count)s network address", "%(count)s network addresses", times),
    }
    return told[kind] % count if kind in told else ""


def own_key() -> bytes:
    """The home's own: tokens of another home cannot be told from it."""
    return hashlib.sha256(b"towpath masking " + settings.SECRET_KEY.encode()).digest()


@dataclass(frozen=True)
class _Done:
    """What became of a value: `names` are those that it says somebody has. `is_text`: that depends on who is
    named beside it."""

    masked: str
    names: dict[str, str] = field(default_factory=dict)
    counted: Counter[str] = field(default_factory=Counter)
    is_text: bool = False


class Masking:
    """Masks the rows of one file."""

    def __init__(self, mapping: Mapping, mask: Mask, key: bytes) -> None:
        self.counted: Counter[str] = Counter()
        self._masks = Masks(key, mask.region)
        self._mask = mask
        self._missing = frozenset(mapping.missing)
        named = {
            field: {pick.column for pick in picks if pick.column is not None}
            for field, picks in mapping.events.items()
        }
        self._served = named.get("identifier", set()) | named.get(IDENTIFIERS, set())
        self._left = set().union(*(named.get(field, set()) for field in _FACTS))
        self._kinds: dict[str, str] = {}
        self._done: dict[tuple[str, str], _Done] = {}

    def row(self, row: Row) -> Row:
        found = dict(row)
        open_: list[str] = []
        people: dict[str, str] = {}
        for column, value in row.items():
            kind = self._kinds.get(column) or self._kind(column)
            if kind == "left" or value is None:
                continue
            if type(value) is not str:
                open_.append(column)
                continue
            done = self._done.get((kind, value)) or self._do(kind, value)
            if done.is_text:
                open_.append(column)
                continue
            found[column] = done.masked
            people.update(done.names)
            for counted, times in done.counted.items():
                self.counted[counted] += times
        for column in open_:
            found[column] = self._masked(self._kinds[column], row[column], people)
        return found

    def broken(self, row: Row) -> Row:
        """What could not be split into columns may name anybody anywhere: its length alone is kept."""
        return {LINE_KEY: f"[masked: {sum(len(str(value)) for value in row.values())} characters]"}

    def _kind(self, column: str) -> str:
        kind = self._kinds.get(column)
        if kind is None:
            kind = self._kinds[column] = self._kind_of(column)
        return kind

    def _kind_of(self, column: str) -> str:
        mask = self._mask
        told = {"left": mask.keep, "text": mask.texts, "person": mask.people}
        said = next((kind for kind, columns in told.items() if column in columns), None)
        if said is not None:
            return said
        if column in self._left - self._served:
            return "left"
        named = next((kind for kind, pattern in _NAMED if pattern.fullmatch(column)), "short")
        return "person" if column in self._served and named in ("text", "short") else named

    def _do(self, kind: str, value: str) -> _Done:
        """What becomes of a value that stands in many rows: found out once."""
        if len(self._done) > _REMEMBERED:
            self._done.clear()
        counted: Counter[str] = Counter()
        if value in self._missing:
            done = _Done(value)
        elif kind in _WHOLE:
            masked = _WHOLE[kind](self._masks, value)
            names = self._masks.names_in(value) if kind == PERSON else {}
            done = _Done(masked, names, Counter({kind: 1} if masked != value else {}))
        elif kind == "text" or _FREE.search(value):
            done = _Done(value, is_text=True)
            return done if len(value) > _SHORT else self._done.setdefault((kind, value), done)
        else:
            masked = self._masks.short(value, counted)
            done = _Done(masked, counted=counted)
        self._done[kind, value] = done
        return done

    def _masked(self, kind: str, value: object, people: dict[str, str]) -> object:
        """A free text, or what holds other values."""
        if isinstance(value, list):
            return [self._masked(kind, each, people) for each in value]
        if isinstance(value, dict):
            inner = "text" if kind in ("text", "left") else kind
            return {name: self._masked(inner, each, people) for name, each in value.items()}
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return value
        if kind not in _WHOLE and not isinstance(value, str):
            return value
        done = self._done.get((kind, str(value))) or self._do(kind, str(value))
        if done.is_text:
            return self._masks.text(str(value), people, self.counted)
        self.counted.update(done.counted)
        return done.masked
