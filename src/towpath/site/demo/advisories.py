"""A few published weaknesses of libraries that the invented company uses: what a mirror of OSV and CISA's
catalogue tell of them, shortened. Real ones come in by `towpath advisories import`."""

from __future__ import annotations

from datetime import date
from typing import Any

from towpath.estate.advisories.marks import Cycle, Exploited

OF_DAY = "2026-01-15"


TAKES_OVER = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


def _advisory(
    names: tuple[str, str], summary: str, package: tuple[str, str], fixed: str, vector: str = TAKES_OVER
) -> dict[str, Any]:
    """All of them are critical, by their vector alone."""
    ecosystem, name = package
    events = [{"introduced": "0"}, {"fixed": fixed}]
    affected = {
        "package": {"ecosystem": ecosystem, "name": name},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    }
    return {
        "id": names[0],
        "aliases": [names[1]],
        "modified": OF_DAY,
        "summary": summary,
        "affected": [affected],
        "severity": [{"type": "CVSS_V3", "score": vector}],
    }


LOG4J = ("Maven", "org.apache.logging.log4j:log4j-core")
SPRING = ("Maven", "org.springframework:spring-beans")
PUBLISHED = (
    _advisory(
        ("GHSA-jfh8-c2jp-5v3q", "CVE-2021-44228"),
        "Log4j looks up what is logged, and runs what an attacker serves",
        LOG4J,
        "2.15.0",
        TAKES_OVER.replace("S:U", "S:C"),
    ),
    _advisory(
        ("GHSA-36p3-wjmg-h94x", "CVE-2022-22965"),
        "Spring Framework binds request data to class loaders, and runs code",
        SPRING,
        "5.3.18",
    ),
    _advisory(
        ("GHSA-xvch-5gv4-984h", "CVE-2021-44906"),
        "minimist lets arguments change the prototype of all objects",
        ("npm", "minimist"),
        "1.2.6",
    ),
    _advisory(
        ("GHSA-8vj2-vxx3-667w", "CVE-2022-22817"),
        "Pillow's ImageMath.eval runs expressions",
        ("PyPI", "pillow"),
        "9.0.1",
    ),
)
EXPLOITED = (
    Exploited("CVE-2021-44228", date(2021, 12, 10), date(2021, 12, 24), True, date.fromisoformat(OF_DAY)),
    Exploited("CVE-2022-22965", date(2022, 4, 4), date(2022, 4, 25), False, date.fromisoformat(OF_DAY)),
)
CYCLES = (
    Cycle(
        "Maven/org.springframework:spring-beans", "Spring Framework", "5.3", date(2024, 8, 31), ended=False
    ),
    Cycle("PyPI/numpy", "NumPy", "1.26", date(2025, 9, 17), ended=False),
)
"""Until when they are mended, as endoflife.date has it."""
