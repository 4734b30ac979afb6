"""The audit grows line by line, and shows whatever else was done to it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from rem_cli.errors import UntrustedError
from rem_cli.plan.audit import START, Audit, AuditError, Record
from tests.plan.conftest import FixedClock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".rem/audit.jsonl"


@pytest.fixture
def audit(path: Path, clock: FixedClock) -> Audit:
    return Audit(path.parent, clock)


@pytest.fixture
def three(audit: Audit) -> list[str]:
    return [audit.add(Record("apply", "active", who, f"commit{who}", 1)) for who in ("ana", "bo", "cleo")]


def test_what_was_added_is_read_back_with_its_time(audit: Audit) -> None:
    audit.add(Record("apply", "active", "ana", "a3f9", 7, "production", "opening"))
    assert audit.records() == [Record("apply", "active", "ana", "a3f9", 7, "production", "opening", at=1700000000.0)]


def test_an_audit_that_was_never_written_is_empty_and_whole(audit: Audit) -> None:
    assert (audit.records(), audit.verify(), audit.head()) == ([], [], START)


def test_each_line_holds_the_hash_of_the_one_before(audit: Audit, three: list[str], path: Path) -> None:
    previous = [json.loads(line)["previous"] for line in path.read_text().splitlines()]
    assert previous == [START, *three[:2]]
    assert audit.head() == three[2]
    assert audit.verify(three) == []


@pytest.mark.parametrize("text", ['x"}\n{"forged": 1}', "a\r\nb", "\x1b[2J", "\u2028", "\ud800", "\0"])
def test_47_nothing_in_a_record_makes_another_line(audit: Audit, path: Path, text: str) -> None:
    audit.add(Record("apply", text, text, text, why=text))
    assert audit.records()[0].why == text
    content = path.read_bytes()
    assert content.count(b"\n") == 1
    assert all(0x20 <= byte < 0x7F for byte in content[:-1])


def edit(path: Path, change: object) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(change(lines)))  # type: ignore[operator]


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [lines[0].replace(b"ana", b"eve"), *lines[1:]],
        lambda lines: [lines[0], lines[2]],
        lambda lines: lines[1:],
        lambda lines: [lines[1], lines[0], lines[2]],
        lambda lines: [lines[0], lines[0], *lines[1:]],
        lambda lines: [lines[0], b"not a record\n", *lines[1:]],
        lambda lines: [lines[0], b"[]\n", *lines[1:]],
        lambda lines: [lines[0], b"\n", *lines[1:]],
    ],
    ids=["changed", "removed", "first removed", "reordered", "doubled", "garbage", "list", "blank"],
)
def test_59_a_line_that_was_tampered_with_is_found(audit: Audit, three: list[str], path: Path, change: object) -> None:
    edit(path, change)
    assert audit.verify() != []


def test_59_lines_cut_off_are_found_by_an_anchor(audit: Audit, three: list[str], path: Path) -> None:
    edit(path, lambda lines: lines[:2])
    assert audit.verify() == []
    assert audit.verify(three) == [f"the line {three[2][:12]}… is missing: the audit was cut or written anew"]


def test_59_an_audit_written_anew_is_found_by_an_anchor(audit: Audit, three: list[str], path: Path) -> None:
    path.unlink()
    audit.add(Record("apply", "active", "eve"))
    assert len(audit.verify(three)) == 3


@pytest.mark.parametrize("cut", [1, 40, 100])
def test_108_a_torn_last_line_is_cut_off_and_said(audit: Audit, three: list[str], path: Path, cut: int) -> None:
    path.write_bytes(path.read_bytes()[:-cut])
    assert [record.who for record in audit.records()] == ["ana", "bo"]
    audit.add(Record("apply", "active", "dan"))
    assert [record.action for record in audit.records()] == ["apply", "apply", "repair", "apply"]
    assert "of a line that was never finished" in audit.records()[2].outcome
    assert audit.verify(three[:2]) == []


def test_53_a_full_disk_leaves_no_half_of_a_line(
    audit: Audit, three: list[str], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    before = path.read_bytes()
    monkeypatch.setattr(os, "write", lambda number, content: write(number, content[:20]))
    with pytest.raises(AuditError, match="no space left on device"):
        audit.add(Record("apply", "active", "dan"))
    assert path.read_bytes() == before


def test_p10_an_audit_behind_a_link_is_not_written(audit: Audit, path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UntrustedError):
        audit.add(Record("apply", "active"))
    assert not (tmp_path / "elsewhere").exists()


def test_fields_of_a_newer_rem_are_passed_over(audit: Audit, path: Path) -> None:
    audit.add(Record("apply", "active", "ana"))
    path.write_bytes(path.read_bytes().replace(b'"action"', b'"newer": 1, "action"'))
    assert audit.records()[0].who == "ana"
