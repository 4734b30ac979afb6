"""Sessions of an editor with the real program."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.checkout import Checkout
from tests.lsp.conftest import FILES
from tests.lsp.editor import Editor

SHOP = "packages/shop/package.yaml"
TEXT = str(FILES[SHOP])


def test_a_session_begins_and_ends(editor: Editor) -> None:
    able = editor.capabilities["capabilities"]
    assert {"hoverProvider", "definitionProvider", "documentSymbolProvider", "completionProvider"} <= able.keys()
    assert editor.end() == 0


def test_problems_are_told_with_what_to_do(editor: Editor) -> None:
    editor.show(SHOP, TEXT.replace("timeout: 10s", "timeuot: 10s"))
    assert editor.told(SHOP) == [
        {
            "range": {"start": {"line": 11, "character": 6}, "end": {"line": 11, "character": 13}},
            "severity": 1,
            "code": "REM1203",
            "source": "rem",
            "message": "'timeuot' is not a field of jobs\ndid you mean 'timeout'?\nrem schema show jobs",
        }
    ]
    editor.show(SHOP, TEXT)
    assert editor.told(SHOP) == []


def test_columns_count_as_an_editor_counts(editor: Editor) -> None:
    editor.show(SHOP, 'hosts: {"𝄞é": {web03: {nope: 1}}}\n')
    (found,) = editor.told(SHOP)
    assert found["range"] == {"start": {"line": 0, "character": 24}, "end": {"line": 0, "character": 28}}


def test_a_text_that_is_not_saved_counts_for_every_file(editor: Editor) -> None:
    editor.show("packages/user.yaml", "monitors: {w: {a: {kind: job, job: shop/jobs/try/new}}}\n")
    assert [one["code"] for one in editor.told("packages/user.yaml")] == ["REM1330"]
    editor.show(SHOP, TEXT.replace("good:", "new:").replace("try/good", "try/new"))
    editor.told(SHOP)
    assert editor.told("packages/user.yaml") == []


def test_a_closed_text_counts_no_more(editor: Editor) -> None:
    editor.show(SHOP, "hots: {}\n")
    assert [one["code"] for one in editor.told(SHOP)] == ["REM1102"]
    editor.close(SHOP)
    assert editor.told(SHOP) == []


def test_what_changes_on_disk_is_seen(editor: Editor, repository: Checkout) -> None:
    editor.show("packages/user.yaml", "monitors: {w: {a: {kind: job, job: shop/jobs/try/new}}}\n")
    assert [one["code"] for one in editor.told("packages/user.yaml")] == ["REM1330"]
    assert [one["method"] for one in editor.asked] == ["client/registerCapability"]
    repository.write({SHOP: TEXT.replace("good:", "new:").replace("try/good", "try/new")})
    changed = [{"uri": editor.uri(SHOP), "type": 2}]
    editor.notify("workspace/didChangeWatchedFiles", changes=changed)
    assert editor.told("packages/user.yaml") == []


def test_a_file_that_is_no_packages_is_left_alone(editor: Editor) -> None:
    assert editor.complete("notes.yaml", "jo¦") == []
    assert editor.ask("hover", "packages/shop/scripts/b.yaml", "jobs¦: 1") is None


def test_a_folder_that_is_no_repository_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "packages").mkdir()
    with Editor(tmp_path) as editor:
        assert editor.complete("packages/a.yaml", "jo¦") == []
        assert editor.end() == 0


def test_the_server_writes_nothing_and_runs_nothing(editor: Editor, repository: Checkout) -> None:
    script = "#!/bin/sh\necho >ran\n"
    repository.write({"packages/shop/scripts/a.sh": script})
    repository.git("add", "-A")
    before = repository.git("status", "--porcelain", "--ignored")
    editor.show(SHOP, TEXT)
    editor.told(SHOP)
    editor.ask("hover", SHOP, TEXT.replace("script:", "scr¦ipt:"))
    assert editor.end() == 0
    assert repository.git("status", "--porcelain", "--ignored") == before


def test_a_hundred_changes_in_a_row_end_in_the_last_one(editor: Editor) -> None:
    for number in range(100):
        editor.show(SHOP, f"{TEXT}  b{number}: x\n")
    assert [one["message"].split("\n")[0] for one in editor.told(SHOP)] == [
        "'b99' is a text; it should be a mapping with each monitor as a key"
    ]
