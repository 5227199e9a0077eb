"""What stands for a person, an address or a number once it is masked: a token, the same for the same one.

A token is made with the home's own key, so that nobody without it can try out names; it is of letters alone,
so that masking what is masked changes nothing. Names in free text are found where a column of the same ticket
holds them, and after greetings, titles and closings; a name that stands anywhere else is not found.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Mapping

import phonenumbers

PERSON, NAME, MAIL, PHONE, CARD, ACCOUNT, IDENTITY, ADDRESS = (
    "person", "name", "mail", "phone", "card", "account", "identity", "ip",
)  # fmt: skip
"""Kinds of what is masked. `person`: the value of a column; `name`: one within a text."""
KINDS = (PERSON, NAME, MAIL, PHONE, CARD, ACCOUNT, IDENTITY, ADDRESS)
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
TOKEN = re.compile(rf"(?:{'|'.join(KINDS)})-[a-p]{{16}}")

_MAIL = re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?![A-Za-z0-9])")
_CARD = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w])")
_IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:])(?=[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:)[0-9A-Fa-f:]{3,39}(?![\w:])")
_IDENTITY = re.compile(
    r"(?<![\w-])(?:(?:19|20)?\d{6}[-+]\d{4}|\d{3}-\d{2}-\d{4}|\d{8}[A-Z]|[XYZ]\d{7}[A-Z])(?![\w-])"
)
_ACCOUNT = re.compile(
    r"(?i)((?:\b(?:account|acct|konto(?:nummer|nr)?|kundennummer|cuenta|compte|bankgiro|clearing)\b|账号|账户|卡号)"
    r"[^\d\n]{0,16})(\d[\d -]{3,24}\d)"
)
_SAID_PHONE = re.compile(
    r"(?i)((?:\b(?:tel|phone|mobile|cell|call(?: me)?(?: on| at)?|ring|tel[eé]fono|m[oó]vil|telefon|mobil|"
    r"t[eé]l[eé]phone|portable|handy|rufnummer)\b|电话|手机|致电)[^\d\n+(]{0,16})([+(]?\d[\d\s()./-]{4,}\d)"
)
_PHONE = re.compile(
    r"(?<![\w.#-])(?:\+\d|\(?0\d|\(\d{3}\) ?\d|\d{3}[ .-]\d{3}[ .-]\d{4}\b|1[3-9]\d{9}\b)"
    r"[\d ()./-]{0,20}(?<=\d)(?!\w)"
)
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"(?:\d[\s().\-/]*){7}")
_FEWEST, _MOST = 7, 15

_WORD = r"[A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪŁŃŇŌŐŘŚŞŠŤŪŮŰŹŻŽ][^\W\d_]+(?:[-'’][^\W\d_]+)*"
_FULL = rf"{_WORD}(?:[ ]{_WORD}){{0,2}}"
_TITLE = r"(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau|Fru|Fröken|Sr|Sra|Srta|Señor|Señora|Mme|Mlle|Madame|Monsieur)"
_NAMED = (
    re.compile(
        r"(\b(?i:dear|hi|hello|hey|hej|hejsan|hola|buenos días|estimad[oa]|querid[oa]|bonjour|bonsoir|cher|"
        rf"chère|liebe|lieber|hallo|sehr geehrter?|tack|thanks|gracias|merci|danke)[ ,]+"
        rf"(?:{_TITLE}\.? )?)({_FULL})"
    ),
    re.compile(
        r"(\b(?i:regards|rgds|cheers|sincerely|saludos|atentamente|cordialement|salutations|grüße|grüßen|"
        rf"hälsningar|mvh|thanks|tack|merci|danke|gracias)\s*[,.!]?\s*\n\s*)({_FULL})"
    ),
    re.compile(rf"(\b{_TITLE}\.? )({_FULL})"),
    re.compile(
        r"(\b(?i:my name is|name:|me llamo|mi nombre es|je m'appelle|je suis|mein name ist|ich hei(?:ß|ss)e|"
        rf"jag heter|mitt namn är)\s+)({_FULL})"
    ),
    re.compile(r"((?:我叫|我的名字是|姓名[:：]\s*))([\u4e00-\u9fff]{2,3})"),
    re.compile(r"()([\u4e00-\u9fff]{1,2})(?=先生|女士|小姐)"),
)
"""A lead, which stays, and the name after it."""
_NO_NAMES = frozenset(
    {
        "Team", "Support", "All", "There", "Everyone", "Everybody", "Helpdesk", "Service", "Desk", "Sir",
        "Madam", "Colleague", "Colleagues", "Customer", "Servicedesk", "Again", "Advance", "Equipo",
        "Todos", "Soporte", "Équipe", "Tous", "Kollegen", "Kolleginnen", "Damen", "Zusammen", "Alle",
        "Alla", "Kund", "Cliente", "Client", "IT", "Kunde", "For", "Very", "Much", "Please", "The", "We",
        "I", "It", "In",
    }
)  # fmt: skip
_PARENS = re.compile(r"\([^)]*\)|<[^>]*>|\[[^\]]*\]")
_PARTS = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")


class Masks:
    """Masks under one key. `region`: where a phone number without country code is from ("SE")."""

    def __init__(self, key: bytes, region: str = "") -> None:
        self._key, self._region = key, region
        self._known: dict[tuple[str, str], str] = {}

    def token(self, kind: str, same: str) -> str:
        """What stands for everything that is the `same`, of a kind."""
        found = self._known.get((kind, same))
        if found is None:
            if len(self._known) > 200_000:
                self._known.clear()  # a cache: people come and go, memory must not
            said = "person" if kind == NAME else kind
            made = hmac.new(self._key, f"{said}\0{same}".encode(), hashlib.sha256).hexdigest()[:16]
            found = self._known[kind, same] = f"{said}-{made.translate(_LETTERS)}"
        return found

    def person(self, value: str) -> str:
        """The token of a person: "Smith, Jane" and "Jane Smith (IT)" are the same."""
        if TOKEN.fullmatch(value):
            return value
        if _MAIL.fullmatch(value.strip()):
            return self.token(MAIL, value.strip().casefold())
        words = sorted(_PARENS.sub(" ", value).casefold().replace(",", " ").split())
        return self.token(PERSON, " ".join(words) or value)

    def mail(self, value: str) -> str:
        return value if TOKEN.fullmatch(value) else self.token(MAIL, value.strip().casefold())

    def phone(self, value: str) -> str:
        return value if TOKEN.fullmatch(value) else self.token(PHONE, self._dialled(value))

    def short(self, value: str, counted: Counter[str]) -> str:
        """A value that is no free text: addresses in it are masked; the host of a link stays."""
        if "@" in value:
            value = self._each(_MAIL, MAIL, value, counted, lambda found: found.casefold())
        if (value.count(".") > 2 or value.count(":") > 1) and not value.startswith(("https://", "http://")):
            value = self._addresses(value, counted)
        return value

    def text(self, value: str, people: Mapping[str, str], counted: Counter[str]) -> str:
        """Free text. `people`: names that stand in the same ticket, each with its token."""
        if "@" in value:
            value = self._each(_MAIL, MAIL, value, counted, lambda found: found.casefold())
        if _DIGIT.search(value):
            value = self._numbers(value, counted)
        return self._names(value, people, counted)

    def names_in(self, person: str) -> dict[str, str]:
        """What a person's column says that may stand in a text: the whole name, and each part of it."""
        if TOKEN.fullmatch(person) or "@" in person:
            return {}
        token = self.person(person)
        parts = _PARTS.findall(_PARENS.sub(" ", person))
        whole = {" ".join(parts): token, " ".join(reversed(parts)): token} if len(parts) > 1 else {}
        return {**whole, **{part: token for part in parts if len(part) > 2 and part[0].isupper()}}

    def _numbers(self, value: str, counted: Counter[str]) -> str:
        value = self._each(_IBAN, ACCOUNT, value, counted, _iban)
        value = self._each(_CARD, CARD, value, counted, _card)
        value = self._addresses(value, counted)
        value = self._each(_IDENTITY, IDENTITY, value, counted, lambda found: found)
        value = self._after(_ACCOUNT, ACCOUNT, value, counted, lambda found: re.sub(r"\D", "", found))
        if _DIGITS.search(value):
            value = self._phones(value, counted)
        return value

    def _addresses(self, value: str, counted: Counter[str]) -> str:
        value = self._each(_IPV4, ADDRESS, value, counted, _ip)
        return self._each(_IPV6, ADDRESS, value, counted, _ip) if value.count(":") > 1 else value

    def _phones(self, value: str, counted: Counter[str]) -> str:
        if self._region or "+" in value:
            found = phonenumbers.PhoneNumberMatcher(value, self._region or None)
            for match in reversed(list(found)):
                counted[PHONE] += 1
                value = value[: match.start] + self.phone(match.raw_string) + value[match.end :]
        value = self._after(_SAID_PHONE, PHONE, value, counted, self._number)
        return self._each(_PHONE, PHONE, value, counted, self._number)

    def _number(self, found: str) -> str | None:
        digits = sum(letter.isdigit() for letter in found)
        return None if not _FEWEST <= digits <= _MOST or _DATE.match(found) else self._dialled(found)

    def _dialled(self, value: str) -> str:
        try:
            number = phonenumbers.parse(value, self._region or None)
        except phonenumbers.NumberParseException:
            return re.sub(r"\D", "", value) or value
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

    def _names(self, value: str, people: Mapping[str, str], counted: Counter[str]) -> str:
        low = value.casefold() if people else ""
        present = [name for name in people if name.casefold() in low]
        for name in sorted(present, key=len, reverse=True):
            flags = re.IGNORECASE if " " in name else 0
            value, times = re.subn(rf"(?<![\w-]){re.escape(name)}(?![\w-])", people[name], value, flags=flags)
            if times:
                counted[NAME] += times
        for pattern in _NAMED:
            value = self._after(pattern, NAME, value, counted, _name)
        return value

    def _each(
        self,
        pattern: re.Pattern[str],
        kind: str,
        value: str,
        counted: Counter[str],
        same: Callable[[str], str | None],
    ) -> str:
        """Every match that is what it looks like (`same` gives what makes two of them one) as a token."""

        def masked(match: re.Match[str]) -> str:
            found = same(match[0])
            if found is None:
                return match[0]
            counted[kind] += 1
            return self.token(kind, found)

        return pattern.sub(masked, value)

    def _after(
        self,
        pattern: re.Pattern[str],
        kind: str,
        value: str,
        counted: Counter[str],
        same: Callable[[str], str | None],
    ) -> str:
        """The same for the second group of a pattern whose first stays."""

        def masked(match: re.Match[str]) -> str:
            found = same(match[2])
            if found is None:
                return match[0]
            counted[kind] += 1
            return match[1] + self.token(kind, found)

        return pattern.sub(masked, value)


def _name(found: str) -> str | None:
    words = found.split()
    return None if words[0] in _NO_NAMES or TOKEN.match(found) else " ".join(sorted(found.casefold().split()))


def _ip(found: str) -> str | None:
    try:
        return ipaddress.ip_address(found).compressed
    except ValueError:
        return None


def _card(found: str) -> str | None:
    digits = [int(letter) for letter in found if letter.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    good = len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
    return "".join(map(str, digits)) if good else None


def _iban(found: str) -> str | None:
    plain = found.replace(" ", "")
    moved = plain[4:] + plain[:4]
    good = 15 <= len(plain) <= 34 and int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1
    return plain if good else None
