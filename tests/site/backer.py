"""What a killed process was doing: a backup. Run as a script; says "begun" when it begins.

python backer.py HOME FOLDER
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main(home: str, folder: str) -> None:
    os.environ["TOWPATH_HOME"] = home
    os.environ["DJANGO_SETTINGS_MODULE"] = "towpath.site.settings"
    import django

    django.setup()
    from towpath.site.keeping.backup import back_up

    sys.stdout.write("begun\n")
    sys.stdout.flush()
    back_up(Path(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
