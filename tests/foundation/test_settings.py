"""Configuration: nothing needs to be set, all of it is documented, and what is wrong is said in one line."""

from __future__ import annotations

import logging
import os
import re
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import structlog
from django.core.checks import run_checks

from towpath.foundation import SUBPACKAGES
from towpath.foundation.operations.databases import database_of
from towpath.foundation.operations.environment import BadSetting, choice, flag, number, time_zone, words
from towpath.foundation.operations.home import Home
from towpath.foundation.operations.mail import mail_of

ROOT = Path(__file__).parents[2]
VARIABLE = re.compile(r"TOWPATH_[A-Z_]*[A-Z]")


def start(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TOWPATH_")}
    command = [sys.executable, "-c", "from towpath.site.cli import main; main()", *arguments]
    environment = {**kept, "TOWPATH_HOME": str(home), **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_what_is_written_into_an_open_home_is_for_its_owner_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert start(tmp_path, "events", "count").returncode == 0
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert tmp_path / "records.sqlite3" in written
    assert not [path for path in written if path.stat().st_mode & 0o077]


def test_every_variable_that_the_code_reads_is_documented_and_no_other() -> None:
    read = {name for path in (ROOT / "src").rglob("*.py") for name in VARIABLE.findall(path.read_text())}
    for_tests = {"TOWPATH_TEST_DATABASE_URL", "TOWPATH_CHROMIUM"}
    listed = set(VARIABLE.findall((ROOT / "docs/configuration.md").read_text()))
    assert listed - for_tests == read


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TOWPATH_DEBUG", "perhaps"),
        ("TOWPATH_TIME_ZONE", "Amsterdam"),
        ("TOWPATH_DATABASE_URL", "mysql://root:hunter2@db/towpath"),
    ],
)
def test_a_bad_setting_is_one_line_and_exit_code_2(tmp_path: Path, variable: str, value: str) -> None:
    ended = start(tmp_path / "home", "user", "list", **{variable: value})
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert variable in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "hunter2" not in ended.stderr


def test_a_home_that_cannot_be_made_is_one_line_too(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = start(tmp_path / "file" / "home", "user", "list")
    assert (ended.returncode, len(ended.stderr.strip().splitlines())) == (2, 1)
    assert "TOWPATH_HOME" in ended.stderr


def test_half_an_openid_connect_is_an_error_with_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOWPATH_OIDC_URL", "https://sign-in.example.org")
    assert [found.id for found in run_checks(tags=["towpath"])] == ["towpath.E003"]


def test_a_secret_that_others_can_read_is_an_error(tmp_home: Home) -> None:
    assert run_checks(tags=["towpath"]) == []
    tmp_home.write_secret("kept", "x").chmod(0o644)
    assert [found.id for found in run_checks(tags=["towpath"])] == ["towpath.E002"]


def test_a_home_that_is_gone_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOWPATH_HOME", str(tmp_path / "gone"))
    assert [found.id for found in run_checks(tags=["towpath"])] == ["towpath.E001"]


def test_looseness_is_warned_of(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.DEBUG = True
    # Django keeps checks in a set: they come in any order.
    assert {found.id for found in run_checks(tags=["towpath"])} == {"towpath.W001", "towpath.W002"}


def test_secrets_are_drawn_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    place = Home(tmp_path / "home")
    first = place.secret("some-secret")
    assert place.secret("some-secret") == first
    assert len(first) >= 40
    assert stat.S_IMODE((place.secrets / "some-secret").stat().st_mode) == 0o600
    assert stat.S_IMODE(place.secrets.stat().st_mode) == 0o700


def test_those_who_start_at_once_share_one_whole_secret(tmp_path: Path) -> None:
    place = Home(tmp_path / "home")
    with ThreadPoolExecutor(8) as pool:
        (drawn,) = set(pool.map(place.secret, ["some-secret"] * 8))
    assert len(drawn) >= 40
    assert [path.name for path in place.secrets.iterdir()] == ["some-secret"]


def test_readings_refuse_what_they_cannot_understand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SETTING", "never")
    for reading in (
        lambda: flag("A_SETTING", default=True),
        lambda: number("A_SETTING", default=1),
        lambda: choice("A_SETTING", ["red", "blue"], default="red"),
        lambda: time_zone("A_SETTING", default="UTC"),
    ):
        with pytest.raises(BadSetting, match="A_SETTING is 'never'; write"):
            reading()
    monkeypatch.setenv("A_SETTING", " one, two ,")
    assert words("A_SETTING", default=[]) == ["one", "two"]


def test_a_database_url_is_taken_apart() -> None:
    found = database_of(
        "postgresql://us%40er:p%2Fw@db.example.org:5433/towpath?sslmode=require", Path("unused")
    )
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == (
        "us@er",
        "p/w",
        "db.example.org",
        "5433",
    )
    assert (found["NAME"], found["OPTIONS"]) == ("towpath", {"sslmode": "require"})


def test_a_mail_url_is_taken_apart_without_telling_the_password() -> None:
    assert mail_of("").host == ""
    found = mail_of("smtps://post:secret@mail.example.org")
    assert (found.host, found.port, found.user, found.tls, found.starttls) == (
        "mail.example.org",
        465,
        "post",
        True,
        False,
    )
    with pytest.raises(BadSetting) as refused:
        mail_of("http://post:secret@mail.example.org")
    assert "secret" not in str(refused.value)


def test_the_foundation_has_the_subpackages_that_it_lists() -> None:
    folder = ROOT / "src/towpath/foundation"
    assert {path.parent.name for path in folder.glob("*/__init__.py")} == set(SUBPACKAGES)


def test_logs_are_structured_for_every_logger() -> None:
    formats = [handler.formatter for handler in logging.getLogger().handlers]
    assert any(isinstance(form, structlog.stdlib.ProcessorFormatter) for form in formats)
    assert logging.getLogger().level == logging.INFO
