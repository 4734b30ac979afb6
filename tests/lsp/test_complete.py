"""What is proposed: at each place of a package, also of one that does not parse right now."""

from __future__ import annotations

import pytest

from tests.fakes.checkout import Checkout
from tests.lsp.conftest import FILES
from tests.lsp.editor import Editor

SHOP, USER, RACKS = "packages/shop/package.yaml", "packages/user.yaml", "packages/racks.yaml"
TEXT = str(FILES[SHOP])
NEEDS = "require: {racks: '>=1'}\n"

# The file, the text with the cursor, and all that is proposed there.
PROPOSED: dict[str, tuple[str, str, list[str]]] = {
    "fields that are not there": (
        "packages/shop/queues.yaml", "mails:\n  bound: 5\n  ¦\n",
        ["name", "title", "when full", "deliveries", "lease", "when partitioned"],
    ),
    "fields that are not there, in brackets": (
        "packages/shop/queues.yaml", "mails: {bound: 5, lease: 5m, d¦}\n",
        ["name", "title", "when full", "deliveries", "when partitioned"],
    ),
    "a field of another spelling is there": (
        "packages/shop/queues.yaml", "mails:\n  when-full: refuse\n  when_partitioned: refuse\n  ¦",
        ["name", "title", "bound", "deliveries", "lease"],
    ),
    "choices": (SHOP, "hosts:\n  web:\n    a:\n      reach: ¦\n", ["ssh", "local"]),
    "choices in brackets": (SHOP, "hosts: {web: {a: {reach: l¦}}}\n", ["ssh", "local"]),
    "choices where a bracket is missing": (SHOP, "hosts: {web: {a: {reach: ¦", ["ssh", "local"]),
    "behind a colon without a blank": (SHOP, "hosts:\n  web:\n    a:\n      reach:¦\n", []),
    "in a comment": (SHOP, "hosts: # a¦\n", []),
    "a layer": (SHOP, "hosts:\n  ¦\n", ["group"]),
    "the next layer": (SHOP, "hosts:\n  web:\n    ¦\n", ["name"]),
    "a layer below a required package's section": (USER, f"{NEEDS}machines:\n  ¦", ["site"]),
    "fields of a required package's section": (
        USER, f"{NEEDS}machines:\n  a:\n    b:\n      ¦", ["name", "slot", "room", "probes"],
    ),
    "fields of a section in a section": (
        USER, f"{NEEDS}machines: {{a: {{b: {{probes: {{c: {{¦", ["probe", "url"],
    ),
    "items that a reference may name": (
        USER, "monitors:\n  w:\n    a:\n      job: ¦", ["shop/jobs/try/good", "shop/jobs/try/other"],
    ),
    "items of the same package first, without its name": (
        SHOP, f"{TEXT}    back: {{kind: job, job: ¦", ["jobs/try/good", "jobs/try/other"],
    ),
    "hosts and their groups": (
        USER, "jobs:\n  a:\n    b:\n      hosts: ¦", ["@web", "web01", "web02"],
    ),
    "programs beside the package": (SHOP, "jobs:\n  a:\n    b:\n      script: ¦", ["scripts/a.sh"]),
    "true and false": (RACKS, "sections:\n  a:\n    fields:\n      b:\n        required: ¦", ["true", "false"]),
    "a default": (SHOP, "jobs:\n  a:\n    b:\n      timeout: ¦", ["5m"]),
    "words of a definition": (
        RACKS, "sections:\n  a:\n    ¦",
        ["info", "grouped indexes", "fields", "one of", "at most one of", "scripts", "edit", "sections"],
    ),
    "words of a layer": (
        RACKS, "sections:\n  a:\n    grouped indexes:\n      - {index: b, ¦", ["type", "key field"],
    ),
    "names for a reference": (
        USER, f"{NEEDS}params: {{size: {{}}}}\nmachines: {{a: {{b: {{room: x, probes: {{c: {{url: 'https://${{¦",
        ["site", "name", "slot", "room", "size"],
    ),
    "a key that is there, typed anew": (
        "packages/shop/queues.yaml", "mails:\n  bound: 5\n  ti¦tle: x\n",
        ["name", "title", "when full", "deliveries", "lease", "when partitioned"],
    ),
    "packages to require": (USER, "require:\n  ¦", ["racks", "shop", "site"]),
    "specifications": (USER, "of: ¦", ["site"]),
    "params of a specification": (USER, "of: site\nwith: {¦", ["url", "slow"]),
    "params in a reference": (USER, "of: site\njobs: {a: {b: {title: '${¦", ["group", "url", "slow"]),
    "elements of a list": (SHOP, "jobs:\n  a:\n    b:\n      graph:\n        - ¦", []),
}  # fmt: skip


@pytest.mark.parametrize("case", PROPOSED)
def test_these_are_proposed(case: str, editor: Editor) -> None:
    path, text, labels = PROPOSED[case]
    assert editor.complete(path, text) == labels


def test_every_word_and_section_is_proposed_at_the_top(editor: Editor) -> None:
    labels = editor.complete(SHOP, "¦")
    assert {"title", "require", "sections", "of", "hosts", "jobs", "queues"} <= {*labels}
    assert "machines" not in labels  # of a package that this one does not require
    assert "title" not in editor.complete(SHOP, "title: x\n¦")


def test_types_are_proposed_where_one_is_named(editor: Editor) -> None:
    labels = editor.complete(RACKS, "sections:\n  a:\n    fields:\n      b: {type: ¦")
    assert {"duration", "hostname", "text"} <= {*labels}


def test_a_proposal_says_what_it_is(editor: Editor) -> None:
    found = editor.ask("completion", "packages/shop/queues.yaml", "mails:\n  b¦")
    bound = next(one for one in found if one["label"] == "bound")
    assert (bound["detail"], bound["documentation"]["value"]) == (
        "count, default 100000", "How many messages it holds.\nBounds"
    )  # fmt: skip


CHOSEN: dict[str, tuple[str, str, str, str]] = {
    "a field": (SHOP, "jobs:\n  a:\n    b:\n      ti¦", "title", "jobs:\n  a:\n    b:\n      title: "),
    "a key that is there": (
        SHOP, "jobs:\n  a:\n    b:\n      ti¦tle: x", "timeout", "jobs:\n  a:\n    b:\n      timeout: x",
    ),
    "a package to require": (USER, "require: {¦}", "racks", 'require: {racks: ">=1.2.0"}'),
    "a choice that looks like a number": (
        RACKS, "sections: {x: {grouped indexes: [{index: null}], fields: {y: {type: choice, choices: ['1', a]}}}}\n"
        "x: {i: {y: ¦}}", "1",
        "sections: {x: {grouped indexes: [{index: null}], fields: {y: {type: choice, choices: ['1', a]}}}}\n"
        'x: {i: {y: "1"}}',
    ),
    "a group of hosts": (SHOP, "hosts: {web: {a: {}}}\njobs: {a: {b: {hosts: ¦}}}", "@web",
                         'hosts: {web: {a: {}}}\njobs: {a: {b: {hosts: "@web"}}}'),
    "a group of hosts, in quotes that are there": (
        SHOP, 'hosts: {web: {a: {}}}\njobs: {a: {b: {hosts: "@w¦"}}}', "@web",
        'hosts: {web: {a: {}}}\njobs: {a: {b: {hosts: "@web"}}}',
    ),
    "a section, with its layers to fill in": (
        SHOP, "ho¦", "hosts", "hosts:\n  ${1:group}:\n    ${2:name}:\n      $0",
    ),
    "a layer, with those below it": (
        SHOP, "hosts:\n  ¦", "group", "hosts:\n  ${1:group}:\n  ${2:name}:\n    $0",
    ),
    "a layer in brackets": (SHOP, "hosts: {web: {¦}}", "name", "hosts: {web: {${1:name}: {$0}}}"),
    "a name": (
        USER, f"{NEEDS}machines: {{a: {{b: {{room: 'in ${{s¦'}}}}}}", "site",
        f"{NEEDS}machines: {{a: {{b: {{room: 'in ${{site}}'}}}}}}",
    ),
    "a name where the bracket is there": (
        USER, f"{NEEDS}machines: {{a: {{b: {{room: 'in ${{¦}}'}}}}}}", "site",
        f"{NEEDS}machines: {{a: {{b: {{room: 'in ${{site}}'}}}}}}",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CHOSEN)
def test_this_is_written_for(case: str, editor: Editor) -> None:
    path, text, label, result = CHOSEN[case]
    assert editor.chosen(path, text, label) == result


def test_an_editor_without_blanks_to_fill_in_gets_a_plain_word(repository: Checkout) -> None:
    with Editor(repository.root, snippets=False) as editor:
        assert editor.chosen(SHOP, "ho¦", "hosts") == "hosts:"


def test_what_was_there_is_proposed_while_a_text_does_not_parse(editor: Editor) -> None:
    editor.show(SHOP, TEXT)
    editor.told(SHOP)
    torn = TEXT.replace("jobs:", 'jobs: "', 1) + "    back: {kind: job, job: ¦"
    assert editor.complete(SHOP, torn) == ["jobs/try/good", "jobs/try/other"]
    editor.told(SHOP)
    assert editor.complete(SHOP, torn) == ["jobs/try/good", "jobs/try/other"]
