"""Packages and their versions as each ecosystem names and orders them (univers; `packaging` for PyPI)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from packageurl import PackageURL
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version
from univers import versions as univers

Order = Callable[[str], Any]
"""From a version as written to a value that sorts as the ecosystem's versions do."""


class NotComparable(ValueError):
    """The ecosystem is not known, or the version is none in it."""


# Ecosystem (OSV's name) by the purl's type; packages of distributions are by their namespace.
ECOSYSTEMS = {
    "pypi": "PyPI", "npm": "npm", "maven": "Maven", "golang": "Go", "cargo": "crates.io", "gem": "RubyGems",
    "nuget": "NuGet", "composer": "Packagist", "hex": "Hex", "pub": "Pub", "cran": "CRAN",
    "hackage": "Hackage", "conan": "ConanCenter", "swift": "SwiftURL", "githubactions": "GitHub Actions",
    "bitnami": "Bitnami",
}  # fmt: skip
_ORDERS: dict[str, Any] = {
    "npm": univers.SemverVersion,
    "Maven": univers.MavenVersion,
    "Go": univers.GolangVersion,
    "crates.io": univers.SemverVersion,
    "RubyGems": univers.RubygemsVersion,
    "NuGet": univers.NugetVersion,
    "Packagist": univers.ComposerVersion,
    "Hex": univers.SemverVersion,
    "Pub": univers.SemverVersion,
    "SwiftURL": univers.SemverVersion,
    "GitHub Actions": univers.SemverVersion,
    "Bitnami": univers.SemverVersion,
    "ConanCenter": univers.ConanVersion,
    "Debian": univers.DebianVersion,
    "Ubuntu": univers.DebianVersion,
    "Alpine": univers.AlpineLinuxVersion,
    "Red Hat": univers.RpmVersion,
    "Rocky Linux": univers.RpmVersion,
    "AlmaLinux": univers.RpmVersion,
    "SUSE": univers.RpmVersion,
    "openSUSE": univers.RpmVersion,
}
OF_DISTRIBUTIONS = frozenset({"deb", "apk", "rpm"})
_DISTRIBUTIONS = {
    "debian": "Debian", "ubuntu": "Ubuntu", "alpine": "Alpine", "redhat": "Red Hat", "rocky": "Rocky Linux",
    "almalinux": "AlmaLinux", "suse": "SUSE", "opensuse": "openSUSE",
}  # fmt: skip
_CODE_NAMES = {"buster": "10", "bullseye": "11", "bookworm": "12", "trixie": "13", "forky": "14"}


def package_of(purl: str) -> tuple[str, str, str] | None:
    """(ecosystem, name as `normalised`, version) of a package URL; None for one that is none, or of a type
    that no advisory database covers."""
    try:
        found = PackageURL.from_string(purl)
    except ValueError:
        return None
    ecosystem = ECOSYSTEMS.get(found.type, "")
    if not ecosystem and found.type not in OF_DISTRIBUTIONS:
        return None
    if found.type in OF_DISTRIBUTIONS:
        distribution = _DISTRIBUTIONS.get((found.namespace or "").lower())
        if distribution is None:
            return None
        # Advisories name what was built, not the packages that it was cut into.
        built = str(dict(found.qualifiers or {}).get("upstream", "")).partition("@")[0]
        ecosystem, name = distribution, built or found.name
    else:
        joint = ":" if found.type == "maven" else "/"
        name = joint.join(filter(None, (found.namespace, found.name)))
    return ecosystem, normalised(ecosystem, name), found.version or ""


def release_of(purl: str) -> str:
    """The distribution's release that a package URL names (`distro=debian-12`, `distro=bookworm`): "12"; ""
    where it names none."""
    try:
        told = str(dict(PackageURL.from_string(purl).qualifiers or {}).get("distro", ""))
    except ValueError:
        return ""
    return _CODE_NAMES.get(told.lower(), told.rpartition("-")[2] if "-" in told else "")


def is_of_release(ecosystem: str, release: str) -> bool:
    """Whether an advisory's ecosystem (`Debian:12`, `Ubuntu:22.04:LTS`, `Alpine:v3.18`) is of a release."""
    return release in {part.removeprefix("v") for part in ecosystem.split(":")[1:]}


def normalised(ecosystem: str, name: str) -> str:
    """One spelling of a package's name, where its ecosystem has several."""
    family = family_of(ecosystem)
    if family == "PyPI":
        return str(canonicalize_name(name))
    return name.lower() if family in {"NuGet", "Packagist", "npm", "GitHub Actions"} else name


def family_of(ecosystem: str) -> str:
    """An ecosystem without its release: `Debian:12` is Debian."""
    return ecosystem.partition(":")[0]


def known(ecosystem: str) -> bool:
    """Whether its versions can be compared."""
    family = family_of(ecosystem)
    return family == "PyPI" or family in _ORDERS


@lru_cache(maxsize=200_000)
def ordered(ecosystem: str, version: str) -> Any:
    """A value that sorts as versions of the ecosystem do. Raises NotComparable."""
    family = family_of(ecosystem)
    try:
        if family == "PyPI":
            return Version(version)
        order = _ORDERS[family]
        return order(version.removeprefix("v") if family == "npm" else version)
    except KeyError as error:
        raise NotComparable(f"{ecosystem} is no ecosystem whose versions are understood") from error
    except (InvalidVersion, univers.InvalidVersion, ValueError, TypeError, AttributeError) as error:
        raise NotComparable(f"{version!r} is no version of {family}") from error
