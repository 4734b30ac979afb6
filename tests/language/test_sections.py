"""The sections that come with REM say what every word is, and what is told of them is so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rem_cli import shipped
from rem_cli.cli import reference
from rem_cli.language import Finding
from rem_cli.language.at import At
from rem_cli.language.example import example
from rem_cli.language.processes import KNOWN, PREFIX, kept
from rem_cli.language.schema import Section, read_section
from rem_cli.language.source import read
from tests.language.tree import BASE, resolve, told

TWO_LAYERS = {"hosts", "jobs", "monitors", "slas", "procedures", "ensure"}
ONE_LAYER = {
    *("alerts", "role accounts", "contacts", "calendars", "queues", "state", "counters", "locks", "series", "files"),
    *("sinks", "http pages", "http rpc", "dashboards", "collectors", "replication", "scenarios"),
}


def _all(sections: dict[str, Section]) -> Iterator[Section]:
    for section in sections.values():
        yield section
        yield from _all(dict(section.sections))


def _packages() -> dict[str, bytes]:
    root = shipped.folder("packages")
    paths = (path for path in sorted(root.rglob("*")) if path.is_file() and path.relative_to(root).parts[0] != "base")
    return {f"packages/{path.relative_to(root).as_posix()}": path.read_bytes() for path in paths}


def test_sections_have_the_layers_they_are_documented_with() -> None:
    assert {name: len(section.layers) for name, section in BASE.sections.items()} == {
        **dict.fromkeys(TWO_LAYERS, 2),
        **dict.fromkeys(ONE_LAYER, 1),
    }


def test_every_section_says_what_it_is_for_what_is_done_with_it_and_what_each_field_means() -> None:
    sections = list(_all(dict(BASE.sections)))
    silent = [f"{one.name}/{field.name}" for one in sections for field in one.fields.values() if not field.info]
    assert [one.name for one in sections if not one.info] + silent == []
    assert {one.process.removeprefix(PREFIX) for one in sections} == set(KNOWN)
    assert [one.name for one in sections if "Other" in dict(one.grouped_fields())] == []


def test_shipped_packages_have_no_finding() -> None:
    assert [told(finding) for finding in resolve(_packages()).findings] == []


def test_a_check_of_the_worked_example_has_what_its_place_its_host_and_its_key_give_it() -> None:
    items = resolve(_packages()).items
    assert items["shop-watch/hosts/shop/berlin/web01/monitors/uplink"].fields == {
        "site": "shop",
        "location": "berlin",
        "hostname": "web01",
        "address": "192.0.2.11",
        "monitor": "uplink",
        "kind": "snmp",
        "every": 300,
        "url": None,
        "oid": "IF-MIB::ifHCInOctets.2",
    }
    promise = items["shop-watch/slas/web/front fast"].fields
    assert promise["out of tolerance"] == {"is": ">", "bounds": [0.5], "unit": "s"}
    assert promise["alert"] == "shop-watch/alerts/shop slow"
    assert items["shop-watch/alerts/shop slow"].fields["role account"] == "shop-watch/role accounts/shop on call"
    assert items["shop-watch/contacts/bo"].fields["channels"] == [
        {"email": "bo@example.org", "after": 0},
        {"webhook": "env:BO_HOOK", "after": 120},
    ]


def test_what_nothing_acts_on_is_counted() -> None:
    items = resolve(
        {
            "packages/a.yaml": "jobs: {w: {y: {command: [w]}}}\ncounters: {hits: {graph: true}, misses: {}}\n"
            "contacts: {ana: {channels: [{email: a@example.org}]}}\nhosts: {w: {web01: }}\n"
        }
    ).items
    assert kept(items.values()) == {"contacts": 1, "graph of counters": 1}


def test_the_example_of_a_section_holds_but_for_what_it_names() -> None:
    texts = {f"packages/{name}.yaml": example(section) for name, section in BASE.sections.items()}
    named = {"REM1321", "REM1330", "REM2401", "REM3005"}  # no such file, no such item, no such state, nobody in the end
    assert [told(found) for found in resolve(texts).findings if found.id not in named] == []


def test_the_reference_is_made_of_the_sections_and_types() -> None:
    root = Path(__file__).parents[2]
    made = reference.pages()
    there = {path.relative_to(root).as_posix(): path.read_text() for path in (root / "docs/reference").iterdir()}
    assert there == made  # written again by python -m rem_cli.cli.manual


def test_pages_make_a_wizard_and_fields_in_none_come_last() -> None:
    found: list[Finding] = []
    source = read(
        "a.yaml",
        b"grouped indexes: [{index: null, key field: name}]\n"
        b"fields: {name: {type: label}, size: {type: count}, colour: {}, left: {}}\n"
        b"edit: {pages: [{Basics: [{Thing: [name, size]}]}, {More: [{Look: [colour]}]}]}\n",
    )
    section = read_section("things", At(source, (), source.data), BASE.types, found.append)
    assert section and found == []
    assert section.grouped_pages() == [
        ("Basics", [("Thing", ["name", "size"])]),
        ("More", [("Look", ["colour"])]),
        ("Other", [("Other", ["left"])]),
    ]
    assert section.grouped_fields() == [("Thing", ["name", "size"]), ("Look", ["colour"]), ("Other", ["left"])]
