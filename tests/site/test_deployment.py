"""The examples under `deploy/` name only commands, settings, addresses and sizes that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
from configparser import ConfigParser
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.urls import resolve

from towpath.events.receiving import MAX_BODY_BYTES
from towpath.foundation.operations.health import CHECKS
from towpath.site.cli import AREAS
from towpath.site.serving import FAREWELL

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
NGINX = DEPLOY / "nginx/towpath.conf"
MEGA = 1024 * 1024
HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "CapabilityBoundingSet": "",
    "UMask": "0077",
    "StateDirectory": "towpath",
}


def unit(path: Path) -> ConfigParser:
    parsed = ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment, method-assign]
    parsed.read_string(path.read_text())
    return parsed


def compose() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return parsed


def parse_command(words: list[str]) -> dict[str, Any]:
    """The options by which Towpath's command line understands the words. Fails for what it does not know."""
    (module,) = [module for module, names in AREAS.items() if words[0] in names]
    (command,) = [found for found in import_module(module).COMMANDS if found.name == words[0]]
    return command.make_context(words[0], words[1:]).params  # type: ignore[no-any-return]


def container_words(name: str) -> list[str]:
    found = re.search(rf"^{name} (\[.*\])$", (DEPLOY / "Containerfile").read_text(), re.M)
    assert found is not None
    words: list[str] = yaml.safe_load(found[1])
    return words


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_is_hardened_and_starts_a_command_that_exists(path: Path) -> None:
    service = dict(unit(path)["Service"])
    assert {name: service.get(name) for name in HARDENED} == HARDENED
    program, *words = service["ExecStart"].split()
    assert program == "/opt/towpath/bin/towpath"
    assert parse_command(words).get("port", 8000) == 8000
    assert int(service["TimeoutStopSec"]) > FAREWELL
    assert f"TOWPATH_HOME=/var/lib/{service['StateDirectory']}" in service["Environment"].split()
    assert f"NUMBA_CACHE_DIR=/var/cache/{service['CacheDirectory']}" in service["Environment"].split()


def test_systemd_itself_takes_the_units(tmp_path: Path) -> None:
    for path in UNITS:
        (tmp_path / path.name).write_text(
            re.sub(r"^ExecStart=.*", "ExecStart=/bin/true", path.read_text(), flags=re.M)
        )
    if shutil.which("systemd-analyze") is None:
        # Elsewhere the names of the settings are all that can be looked at.
        assert all(
            "=" in line or line[:1] in "[#"
            for path in UNITS
            for line in path.read_text().splitlines()
            if line
        )
        return
    command = ["systemd-analyze", "verify", *(str(tmp_path / path.name) for path in UNITS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if line.startswith("towpath")] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_that_is_named_is_documented(path: Path) -> None:
    named = set(re.findall(r"TOWPATH_[A-Z_]*[A-Z]", path.read_text())) - {"TOWPATH_UPSTREAM"}
    assert named <= set(re.findall(r"TOWPATH_[A-Z_]*[A-Z]", (ROOT / "docs/configuration.md").read_text()))


def test_the_container_runs_a_command_that_exists_and_asks_whether_it_is_ready() -> None:
    asked = container_words("CMD")
    assert container_words("ENTRYPOINT") == ["towpath"]
    assert parse_command(asked) == {"host": "0.0.0.0", "port": 8000, "demo": False}  # noqa: S104
    text = (DEPLOY / "Containerfile").read_text()
    (address,) = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", text)
    assert (address[0], resolve(address[1]).url_name) == ("8000", "readyz")
    assert re.search(r"^EXPOSE 8000$", text, re.M)
    assert re.search(r"^USER towpath$", text, re.M)
    assert f"VOLUME {re.search('TOWPATH_HOME=([^ ]+)', text)[1]}" in text  # type: ignore[index]


def test_the_container_is_built_from_files_that_are_there_and_from_no_others() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    copied = {word for line in re.findall(r"^COPY (?!--)(.*) \S+$", text, re.M) for word in line.split()}
    assert [name for name in copied if not (ROOT / name).exists()] == []
    ignored = (DEPLOY / "Containerfile.dockerignore").read_text().split()
    assert {word[1:] for word in ignored if word.startswith("!")} == copied
    for name in re.findall(r"/\^([a-z-]+)==/", text):
        assert re.search(rf"^{name}==", (ROOT / "requirements.lock").read_text(), re.M), name


def test_the_container_makes_all_that_setting_up_makes() -> None:
    setup = (ROOT / "Makefile").read_text().partition("\n$(DONE)/venv:")[2].partition("\n\nformat:")[0]
    made = set(re.findall(r"^\t\$\(BIN\)/python (scripts/\w+\.py)$", setup, re.M))
    assert {"scripts/assets.py", "scripts/compile_messages.py"} <= made
    text = (DEPLOY / "Containerfile").read_text()
    assert {name for name in made if f"/tools/bin/python {name}" not in text} == set()


def test_the_services_of_the_compose_file_meet() -> None:
    services = compose()["services"]
    assert services["caddy"]["environment"]["TOWPATH_UPSTREAM"] == "towpath:8000"
    build = services["towpath"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).resolve().is_file()
    mounted = {volume.partition(":")[2] for volume in services["towpath"]["volumes"]}
    written = re.findall(r"(?:TOWPATH_HOME|NUMBA_CACHE_DIR)=(\S+)", (DEPLOY / "Containerfile").read_text())
    assert mounted == set(written)
    files = [volume.split(":")[0] for volume in services["caddy"]["volumes"] if volume.startswith("./")]
    assert all((DEPLOY / name).is_file() for name in files)


def test_nginx_lets_bodies_through_that_towpath_takes() -> None:
    text = NGINX.read_text()
    door, upload = (int(size) * MEGA for size in re.findall(r"client_max_body_size (\d+)m;", text))
    assert MAX_BODY_BYTES < door < 2 * MAX_BODY_BYTES
    assert settings.UPLOAD_MAX_BYTES < upload < 1.1 * settings.UPLOAD_MAX_BYTES
    assert text.count("{") == text.count("}")


def test_nginx_s_places_are_addresses_of_towpath() -> None:
    text = NGINX.read_text()
    places = re.findall(r"location (?:= )?(/\S+) +{", text)
    assert {resolve(place).view_name for place in places} == {"metrics", "readyz", "events:new-import"}
    snippets = re.findall(r"include /etc/nginx/(\S+);", text)
    assert {name for name in snippets if not (NGINX.parent / name).is_file()} == set()
    proxy = (NGINX.parent / "towpath-proxy.conf").read_text()
    assert "http://127.0.0.1:8000;" in proxy
    # What a stranger sends in these headers never gets through.
    for name, value in (
        ("X-Forwarded-For", "$remote_addr"),
        ("X-Forwarded-Proto", "$scheme"),
        ("Host", "$host"),
    ):
        assert re.search(rf"proxy_set_header +{name} +{re.escape(value)};", proxy)


def test_caddy_lets_through_what_towpath_takes() -> None:
    text = (DEPLOY / "caddy/Caddyfile").read_text()
    (size,) = re.findall(r"max_size (\d+)MB", text)
    assert settings.UPLOAD_MAX_BYTES < int(size) * 1_000_000 < 1.1 * settings.UPLOAD_MAX_BYTES
    (hidden,) = re.findall(r"@inside path (.*)", text)
    assert {resolve(place).view_name for place in hidden.split()} == {"metrics", "readyz"}
    assert text.count("{") == text.count("}")
    assert "{$TOWPATH_UPSTREAM:127.0.0.1:8000}" in text


def test_what_operations_tells_to_watch_type_and_set_exists() -> None:
    text = (ROOT / "docs/operations.md").read_text()
    code = "\n".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    watched = {name.removesuffix("_total") for name in re.findall(r"`(towpath_[a-z_]+)", text)}
    assert len(watched) >= 8
    assert [name for name in watched if f'"{name}"' not in code] == []
    assert [name for name in re.findall(r"TOWPATH_[A-Z_]*[A-Z]", text) if name not in code] == []
    commands = {name for names in AREAS.values() for name in names}
    assert set(re.findall(r"(?:`|bin/)towpath ([a-z]+)", text)) <= commands
    (checks,) = re.findall(r"checks that fail: (.*?);", text)
    assert set(re.findall(r"`(\w+)`", checks)) == set(CHECKS)
