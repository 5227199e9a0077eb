"""What the client's README shows works as printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from stand_in import CLIENT, StandIn


def test_the_example_of_the_readme_sends_its_event(server: StandIn, tmp_path: Path) -> None:
    readme = (CLIENT.parent / "README.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    settings = {"PYTHONPATH": str(CLIENT), "TOWPATH_URL": server.url, "TOWPATH_KEY": "secret"}
    command = [sys.executable, "-c", example]
    subprocess.run(command, cwd=tmp_path, env={**os.environ, **settings}, check=True, timeout=60)
    ((event,),) = server.batches
    assert (event["type"], event["subject"], event["latencyms"]) == ("order.paid", "account:4711", 812.5)
