"""Processes that load no more than they use."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class _Unwanted(MetaPathFinder):
    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if fullname == "pandas":
            raise ModuleNotFoundError(f"{fullname} is left out of Towpath's processes", name=fullname)
        return None


def leave_out_pandas() -> None:
    """From here on this process has no pandas, as where only Towpath's own packages are installed.

    Towpath does not use it, but tools for development bring it along, and where it is installed Arrow loads
    it, a third of a second and 50 MB, to see whether it is given one of its frames.
    """
    sys.meta_path.insert(0, _Unwanted())
