"""`rem.lock`: one text for one choice, and nothing believed that is not of its form."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rem_cli.language import Finding
from rem_cli.language.giturl import url_problem
from rem_cli.language.lock import MAX_BYTES, Locked, read_lock, render
from tests.language.test_require import locked
from tests.language.tree import told

PORTAL = locked("base portal", "https://example.org/portal.git", "2.1.0", ("shop", "other"))
MEND = "take it from a good commit; after a merge: git checkout --ours rem.lock && rem package lock"
TEXT = """\
# The packages from elsewhere that this repository uses, as `rem package lock` found them. Commit it; do not edit it.
schema = "rem.lock/1"

[[package]]
name = "base portal"
git = "https://example.org/portal.git"
version = "2.1.0"
tag = "v2.1.0"
commit = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
tree = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
required_by = ["other", "shop"]
"""


def read(raw: bytes | str) -> tuple[dict[str, Locked], list[str]]:
    found: list[Finding] = []
    packages = read_lock(raw.encode() if isinstance(raw, str) else raw, found.append)
    return dict(packages), [told(one) for one in found]


def test_the_text() -> None:
    assert render([PORTAL]) == TEXT


names = st.text("abcZ äß'\"\\#=[]", min_size=1, max_size=12).map(str.strip).filter(bool)
choices = st.builds(locked, names, st.just("git@example.org:x/y.git"), st.sampled_from(["1.0.0", "2.0.0-rc.1"]),
                    st.lists(names, unique=True, max_size=3).map(lambda some: tuple(sorted(some))))  # fmt: skip


@given(st.lists(choices, max_size=4, unique_by=lambda one: one.name.casefold()))
@settings(derandomize=True, deadline=None)
def test_what_is_written_is_read_and_written_the_same(packages: list[Locked]) -> None:
    text = render(packages)
    back, findings = read(text)
    assert findings == []
    assert render(back.values()) == text
    assert render(reversed(packages)) == text


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[[package]]", "<<<<<<< HEAD\n[[package]]", "4:1 invalid statement"),
        ("rem.lock/1", "rem.lock/2", "1:1 its schema is 'rem.lock/2', and this rem knows rem.lock/1"),
        ('schema = "rem.lock/1"\n', "", "1:1 it has no schema, and this rem knows rem.lock/1"),
        ("git = ", "url = ", "5:1 a package has exactly name, git, version, tag, commit, tree, required_by"),
        ('"2.1.0"', "2.1", "5:1 'version' is not a text"),
        ('["other"', '[1', "5:1 'required_by' is not a list of names"),
        ("base portal", "../../etc",
         "5:1 package '../../etc': a key cannot hold '/', which parts the keys of a path"),
        ('"base portal"', '"Base"',
         "5:1 a package cannot be called 'base': that is the one with REM's own sections"),
        ('"v2.1.0"', '"v2.2.0"', "5:1 'v2.2.0' is not the tag of version '2.1.0'"),
        ("a" * 40, "--output=x", "5:1 'commit' is not a full commit id"),
        ("sha256:", "sha1:", "5:1 'tree' is not sha256: and 64 hex digits"),
        ("https://", "ext::", "5:1 an address of git names no program to run"),
        ("\n", "\n\x00", "2:1 invalid statement"),
        ('"other"', "[" * 5_000, "1:1 nested too deeply"),
        ("shop", "\ud800", "1:1 it is not UTF-8"),
        ("shop", "x" * MAX_BYTES, "1:1 more than 1 MiB"),
    ],
)  # fmt: skip
def test_25_a_lock_that_was_edited_is_told_where(old: str, new: str, expected: str) -> None:
    packages, findings = read(TEXT.replace(old, new).encode(errors="surrogatepass"))
    assert packages == {}
    at, _, why = expected.partition(" ")
    assert findings == [f"rem.lock:{at} REM1701 rem.lock cannot be used: {why} | {MEND}"]


def test_a_package_twice_is_told_and_the_first_is_kept() -> None:
    packages, findings = read(TEXT + TEXT.partition('/1"\n')[2].replace("base portal", "Base Portal"))
    assert list(packages) == ["base portal"]
    assert findings == ["rem.lock:14:1 REM1701 rem.lock cannot be used: 'Base Portal' is here twice | " + MEND]


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/x",
        "https://example.org:8443/team/x.git",
        "ssh://git@example.org/~ana/x.git",
        "ssh://example.org:2222/x",
        "ssh://git@[::1]:22/x",
        "git@example.org:team/x.git",
        "git@example.org:/srv/x",
        "file:///srv/git/x.git",
    ],
)
def test_addresses_that_are_plain(url: str) -> None:
    assert url_problem(url, files=True) is None


@pytest.mark.parametrize(
    "url",
    [
        *("", "x", "/srv/x", "./x", "git://example.org/x", "http://example.org/x", "ftp://example.org/x"),
        *("ext::sh", "fd::17", "https::https://example.org/x", "file://host/x", "file:///srv/../etc", "file:////x"),
        *("https://example.org", "https://example.org/", "https://-x/y", "https://token@example.org/x"),
        *("https://example.org/x?a", "https://example.org/x#a", "https://example.org/%2e", "https://example.org//x"),
        *("ssh://-oProxyCommand=x/y", "ssh://git@-oX/y", "ssh://a:b@example.org/x", "ssh://example.org/-x"),
        *("-x@example.org:y", "a@-oX:y", "example.org:x", "a@example.org:-x", "a@example.org:x/../y", "a b@c:d"),
        *("https://example.org/x\n", "https://example.org/x\0", "https://exämple.org/x", "https://example.org/'x"),
        "https://example.org/" + "x" * 600,
    ],
)
def test_23_addresses_that_are_refused(url: str) -> None:
    assert url_problem(url, files=True) is not None
