"""What a killed process was doing: a backup, slowed down. Run as a script; says "begun" when it begins.

python backer.py HOME FOLDER
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path


def main(home: str, folder: str) -> None:
    os.environ["TOWPATH_HOME"] = home
    os.environ["DJANGO_SETTINGS_MODULE"] = "towpath.site.settings"
    import django

    django.setup()
    from towpath.site.keeping.backup import back_up
    from towpath.site.keeping.draft import Draft

    noting = Draft.note

    def slowly(draft: Draft, name: str) -> None:
        # A kill should meet it in mid-work, on a fast disk too.
        time.sleep(0.003)
        noting(draft, name)

    Draft.note = slowly  # type: ignore[method-assign]
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    back_up(Path(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
