"""Whether a package URL as a statement writes it means the one that an item has."""

from __future__ import annotations

from packageurl import PackageURL

from towpath.estate.advisories.versions import OF_DISTRIBUTIONS, package_of


def means(written: str, held: str, version: str = "") -> bool:
    """Of the same package; a version or qualifier that is not written lets all through. `version`: of what is
    held, where its package URL has none."""
    if written == held:
        return True
    try:
        said, own = PackageURL.from_string(written), PackageURL.from_string(held)
    except ValueError:
        return False
    wanted, given = dict(said.qualifiers or {}), dict(own.qualifiers or {})
    narrower = (
        (said.version and said.version != (own.version or version))
        or (said.subpath and said.subpath != own.subpath)
        or any(given.get(name) != value for name, value in wanted.items())
    )
    if narrower:
        return False
    if said.type not in OF_DISTRIBUTIONS and said.type == own.type:
        first, second = package_of(written), package_of(held)
        if first is not None and second is not None:
            return first[:2] == second[:2]
    return (said.type, said.namespace, said.name) == (own.type, own.namespace, own.name)
