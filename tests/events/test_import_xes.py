from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from file_reading import LOG, event, read, trace, write, write_gzip, xes


def test_attributes_of_the_trace_are_columns_of_its_events(tmp_path: Path) -> None:
    text = xes(
        trace("c1", event("A"), event("B", more='<int key="n" value="7"/><float key="f" value="1.5"/>'))
    )
    found = read(write(tmp_path, text), LOG)
    first, second = found.events
    assert (first["case"], first["type"], second["type"]) == ("c1", "A", "B")
    assert first["time"] == datetime(2026, 5, 1, 8, tzinfo=UTC)
    assert (first["data"], json.loads(second["data"])) == (None, {"n": 7, "f": 1.5})
    assert [each["seq"] for each in found.events] == [0, 1]


def test_types_nests_and_lists_become_json(tmp_path: Path) -> None:
    more = (
        '<boolean key="yes" value="true"/><float key="odd" value="NaN"/><int key="bad" value="seven"/>'
        '<string key="outer" value="o"><int key="inner" value="1"/></string>'
        '<list key="parts"><values><string key="p" value="x"/><string key="p" value="y"/></values></list>'
    )
    (found,) = read(write(tmp_path, xes(trace("c1", event("A", more=more)))), LOG).events
    assert json.loads(found["data"]) == {
        "yes": True,
        "odd": "NaN",
        "bad": "seven",
        "outer": {"value": "o", "attributes": {"inner": 1}},
        "parts": [{"p": "x"}, {"p": "y"}],
    }


def test_a_namespace_and_a_prefix_make_no_difference(tmp_path: Path) -> None:
    plain = xes(trace("c1", event("A")))
    prefixed = plain.replace("</", "<#").replace("<", "<x:").replace("<x:#", "</x:").replace("<x:?", "<?")
    prefixed = prefixed.replace("<x:log>", '<x:log xmlns:x="http://www.xes-standard.org/">')
    assert read(write(tmp_path, prefixed), LOG).ids == read(write(tmp_path, plain), LOG).ids


def test_globals_and_attributes_of_the_log_are_no_columns(tmp_path: Path) -> None:
    head = '<global scope="event"><string key="org:group" value="UNKNOWN"/></global>'
    head += '<string key="name" value="x"/>'
    text = xes(head, trace("c1", event("A")))
    assert read(write(tmp_path, text), LOG).events[0]["data"] is None


def test_a_bad_event_is_refused_with_trace_event_and_line(tmp_path: Path) -> None:
    text = xes(trace("c1", event("A")), trace("c2", event("A"), event("B", time="soon"), event("C")))
    found = read(write(tmp_path, text), LOG)
    assert [each["type"] for each in found.events] == ["A", "A", "C"]
    ((place, reason),) = found.reasons
    assert place == "trace 2, event 2 (line 7)"
    assert "time 'soon' fits none of the formats" in reason


@pytest.mark.parametrize("cut", ["<event", "</log>", "</trace>"])
def test_a_log_that_was_cut_off_keeps_its_whole_events(tmp_path: Path, cut: str) -> None:
    text = xes(trace("c1", *(event(f"A{at}") for at in range(50))))
    whole = read(write(tmp_path, text), LOG)
    found = read(write(tmp_path, text[: text.rindex(cut) + 2]), LOG)
    assert found.ids == whole.ids[: len(found.ids)]
    assert len(found.ids) >= 49
    assert found.failure is not None
    assert found.failure.line in (53, 54)
    assert "Export the log again" in str(found.failure)


def test_a_cut_gzip_says_the_line_it_came_to(tmp_path: Path) -> None:
    text = xes(*(trace(f"c{at}", event(f"A{at * 7919 % 10_007}")) for at in range(9_000)))
    path = write_gzip(tmp_path, text, "log.xes.gz")
    path.write_bytes(path.read_bytes()[:-4_000])
    found = read(path, LOG)
    assert 0 < len(found.events) < 9_000
    assert found.failure is not None
    assert found.failure.line is not None
    assert found.failure.line > len(found.events)


LAUGHS = '<!DOCTYPE log [<!ENTITY a "lol">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "attack",
    [
        LAUGHS + ']><log><trace><event><string key="concept:name" value="&i;"/></event></trace></log>',
        LAUGHS + ']><log x="&i;"></log>',
        '<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/passwd">]><log><string key="a" value="b"/>&x;</log>',
        '<!DOCTYPE log SYSTEM "http://127.0.0.1:9/log.dtd"><log></log>',
        '<!DOCTYPE log [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]><log></log>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entity_attacks_are_refused_before_anything_is_expanded(
    tmp_path: Path, attack: str, encoding: str
) -> None:
    found = read(write(tmp_path, attack.encode(encoding), "attack.xes"), LOG)
    assert found.events == []
    assert "attack.xes, line 1: It holds a DOCTYPE" in str(found.failure)


def test_an_undeclared_entity_is_not_well_formed(tmp_path: Path) -> None:
    text = xes(trace("c1", event("A"), event("&who;")))
    found = read(write(tmp_path, text), LOG)
    assert [each["type"] for each in found.events] == ["A"]
    assert "line 5: This is not well-formed XML (undefined entity)" in str(found.failure)


def test_deep_nests_are_refused(tmp_path: Path) -> None:
    deep = '<string key="k" value="v">' * 10_000 + "</string>" * 10_000
    found = read(write(tmp_path, xes(trace("c1", event("A"), event("B", more=deep)))), LOG)
    assert len(found.events) == 1
    assert "nested deeper than 32 levels" in str(found.failure)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (xes(trace("c1", event("café"))).encode("cp1252"), "line 4: This is not well-formed XML"),
        (xes(trace("c1", event("A\0"))).encode(), "a wrong encoding, or a character that XML forbids"),
        (b"<html><body/></html>", "line 1: It begins with <html>, not with <log>"),
        (b"plain words", "not well-formed"),
        (b"", "The file is empty"),
        (gzip.compress(b"", mtime=0), "cut off"),
    ],
)
def test_what_is_no_log_is_told_with_its_line(tmp_path: Path, data: bytes, told: str) -> None:
    found = read(write(tmp_path, data, "log.xes"), LOG)
    assert found.events == []
    assert told in str(found.failure)


def test_lines_are_counted_beyond_what_two_bytes_hold(tmp_path: Path) -> None:
    text = xes("\n" * 70_000, trace("c1", event("A", time="soon")))
    assert read(write(tmp_path, text), LOG).refused[0].place == "trace 1, event 1 (line 70005)"
