"""Explanations, definitions and outlines."""

from __future__ import annotations

import re
from typing import Any

import pytest

from rem_cli import shipped
from tests.lsp.conftest import FILES
from tests.lsp.editor import SIGN, Editor

SHOP, USER, RACKS = "packages/shop/package.yaml", "packages/user.yaml", "packages/racks.yaml"

# Where the cursor is put before, in a file, and what is said there.
SAID: dict[str, tuple[str, str, str | None]] = {
    "a field, with who set it": (SHOP, "timeout: 10s", (
        "**timeout**: duration from 100ms to 7d, default 5m\n\n"
        "Longest time from start to end; then TERM, grace, KILL for the whole process group.\n\n"
        "`10s` own, packages/shop/package.yaml:12:16; not default, jobs.yaml of rem's base"
    )),
    "a value": (SHOP, "local}", (
        "**reach**: choice, default ssh\n\none of ssh, local\n\n"
        "How programs get there: over SSH, or as processes of this machine.\n\n"
        "`local` own, packages/shop/package.yaml:4:41; not default, hosts.yaml of rem's base"
    )),
    "an item": (SHOP, "good:", "**name** of jobs\n\n`shop/jobs/try/good`\n\nA good one"),
    "a group": (SHOP, "try:", "**group** of jobs\n\n`shop/jobs/try`"),
    "a section": (SHOP, "jobs:", "**jobs**: group / name\n\nWork to be run, here or on other hosts."),
    "a word of the package": (RACKS, "version", "For whoever requires it, like 1.4.0."),
    "a word of a definition": (RACKS, "range", "The least and the most, null for no bound."),
    "a field of one's own": (RACKS, "slot: 3", (
        "**slot**: count from 1 to 42\n\nCounted from below.\n\n"
        "`3` own, packages/racks.yaml:21:18"
    )),
    "an inherited place": (RACKS, "alive", "**probe** of probes\n\n`racks/machines/berlin/db01/probes/alive`"),
    "nothing": (SHOP, "  try", None),
}  # fmt: skip


def at(path: str, before: str) -> str:
    text = str(FILES[path])
    where = text.index(before)
    return text[:where] + SIGN + text[where:]


@pytest.mark.parametrize("case", SAID)
def test_this_is_said_of(case: str, editor: Editor) -> None:
    path, before, said = SAID[case]
    found = editor.ask("hover", path, at(path, before))
    assert (found and re.sub(r":[0-9:]+ of rem's base", " of rem's base", found["contents"]["value"])) == said


def test_markup_of_packages_is_not_obeyed(editor: Editor) -> None:
    text = str(FILES[SHOP]).replace("A good one", '"[x](http://x.example) <b> **b** \\e[2J"')
    where = text.index("good:")
    found = editor.ask("hover", SHOP, text[:where] + SIGN + text[where:])
    assert found["contents"]["value"].endswith("\\[x\\]\\(http://x.example\\) \\<b\\> \\*\\*b\\*\\* �\\[2J")


# Where the cursor is put before, in a file, and what stands where it leads.
LEADS: dict[str, tuple[str, str, tuple[str, str] | None]] = {
    "a reference to its item": (SHOP, "jobs/try/good", (SHOP, "good:")),
    "a script to its file": (SHOP, "scripts/a.sh", ("packages/shop/scripts/a.sh", "#!/bin/sh")),
    "a requirement to its package": (USER, "racks:", (RACKS, "package: racks")),
    "a section to its definition": (USER, "machines:", (RACKS, "machines:\n    info")),
    "a field to its definition": (RACKS, "slot: 3", (RACKS, "slot: {type")),
    "a field of REM's to REM's definition": (SHOP, "timeout: 10s", ("base/sections/jobs.yaml", "timeout: {type")),
    "the name of a layer to its key": (RACKS, "site}", (RACKS, "berlin:")),
    "the name of a field to its value": (RACKS, "room}", (RACKS, "room: A")),
    "a text to nothing": (SHOP, "A good one", None),
}


def line(editor: Editor, found: Any) -> tuple[str, str]:
    """The file that an answer leads to, and what stands there."""
    for root, name in ((editor.root, ""), (shipped.folder("packages"), "")):
        if found["uri"].startswith(root.as_uri()):
            path = found["uri"].removeprefix(f"{root.as_uri()}/")
            rows = (root / path).read_text().split("\n")
            start = found["range"]["start"]
            return f"{name}{path}", "\n".join(rows[start["line"] :])[start["character"] :]
    raise AssertionError(found)


@pytest.mark.parametrize("case", LEADS)
def test_a_word_leads(case: str, editor: Editor) -> None:
    path, before, to = LEADS[case]
    found = editor.ask("definition", path, at(path, before))
    if to is None:
        assert found is None
    else:
        file, text = line(editor, found)
        assert (file, text[: len(to[1])]) == to


def test_a_param_leads_to_its_definition(editor: Editor) -> None:
    text = "params: {size: {type: text}}\nrequire: {racks: '>=1'}\nmachines: {a: {b: {room: '${si¦ze}'}}}\n"
    found = editor.ask("definition", USER, text)
    assert found["range"]["start"] == {"line": 0, "character": 9}


def test_a_param_of_a_specification_leads_to_it(editor: Editor) -> None:
    found = editor.ask("definition", USER, "of: site\njobs: {a: {b: {title: 'at ${sl¦ow}'}}}\n")
    assert (found["uri"], found["range"]["start"]["line"]) == (editor.uri("packages/site.yaml"), 1)


def test_a_specification_is_found(editor: Editor) -> None:
    found = editor.ask("definition", USER, "of: ra¦cks\n")
    assert found["uri"] == editor.uri(RACKS)


def names(found: list[Any]) -> list[Any]:
    return [(one["name"], names(one["children"])) if one["children"] else one["name"] for one in found]


def test_a_file_has_an_outline(editor: Editor) -> None:
    assert names(editor.ask("documentSymbol", SHOP, at(SHOP, "jobs:"))) == [
        ("hosts", [("web", ["web01", "web02"])]),
        ("jobs", [("try", ["good", "other"])]),
        ("monitors", [("web", ["front"])]),
    ]
    assert names(editor.ask("documentSymbol", RACKS, at(RACKS, "version"))) == [
        ("machines", [("berlin", [("db01", [("probes", ["alive"])])])])
    ]
    assert names(editor.ask("documentSymbol", "packages/shop/queues.yaml", "mails¦: {}")) == ["mails"]
