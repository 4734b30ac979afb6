"""Host keys are trusted as ssh(1) trusts them, and never otherwise."""

from __future__ import annotations

import base64
import hmac
import subprocess
from pathlib import Path

import pytest

from rem_cli.reach import ReachError
from rem_cli.reach.ssh.known_hosts import Distrust, KnownHosts, fingerprint

KIND = "ssh-ed25519"
BLOB, OTHER = b"the key", b"another key"
KEY, OTHER_KEY = base64.b64encode(BLOB).decode(), base64.b64encode(OTHER).decode()


def hashed(name: str) -> str:
    salt = b"0123456789abcdefghij"
    digest = hmac.digest(salt, name.encode(), "sha1")
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "known_hosts"


def ask(file: Path, *lines: str, host: str = "web01", port: int = 22, blob: bytes = BLOB) -> Distrust | None:
    file.write_text("".join(f"{line}\n" for line in lines))
    return KnownHosts([file]).distrust("web01", host, port, KIND, blob)


@pytest.mark.parametrize(
    "names",
    ["web01", "WEB01", "a,web01,b", "web*", "w?b01", "*,!db*", hashed("web01"), "# a comment\nweb01"],
)
def test_38_a_line_that_names_the_host_makes_it_trusted(file: Path, names: str) -> None:
    assert ask(file, f"{names} {KIND} {KEY} comment") is None


@pytest.mark.parametrize(
    "line",
    [
        "",
        "web01",
        f"web01 {KIND}",
        f"web02 {KIND} {KEY}",
        f"web*,!web01 {KIND} {KEY}",
        f"!web02 {KIND} {KEY}",
        f"web[0-9]1 {KIND} {KEY}",
        f"[web01]:2222 {KIND} {KEY}",
        f"# web01 {KIND} {KEY}",
        f"@unknown-marker web01 {KIND} {KEY}",
        f"{hashed('web02')} {KIND} {KEY}",
        f"|1|no|base64! {KIND} {KEY}",
    ],
)
def test_38_any_other_line_leaves_it_unknown(file: Path, line: str) -> None:
    why = f"host key of web01 is not known ({KIND} {fingerprint(BLOB)})"
    assert ask(file, line) == Distrust(why, "rem host trust web01")


@pytest.mark.parametrize("names", ["[web01]:2222", hashed("[web01]:2222"), "[web*]:2222", "web01"])
def test_38_another_port_has_its_own_entry_or_that_of_the_host(file: Path, names: str) -> None:
    assert ask(file, f"{names} {KIND} {KEY}", port=2222) is None


def test_38_a_changed_key_names_both_prints_and_the_line(file: Path) -> None:
    distrust = ask(file, "# old", f"web01 {KIND} {OTHER_KEY}")
    assert distrust == Distrust(
        f"host key of web01 has changed: it shows {KIND} {fingerprint(BLOB)}, "
        f"but {file}:2 has {KIND} {fingerprint(OTHER)}",
        f"if the host was reinstalled, delete line 2 of {file}, then: rem host trust web01",
    )


def test_38_a_known_host_with_a_key_of_another_type_is_not_trusted(file: Path) -> None:
    distrust = ask(file, f"web01 ssh-rsa {OTHER_KEY}")
    assert distrust is not None and "is of another type than the known one" in distrust.why


def test_a_host_may_have_several_keys(file: Path) -> None:
    assert ask(file, f"web01 {KIND} {OTHER_KEY}", f"web01 {KIND} {KEY}") is None


@pytest.mark.parametrize("names", ["*", "web01", hashed("web01")])
def test_38_a_revoked_key_is_never_trusted(file: Path, names: str) -> None:
    distrust = ask(file, f"web01 {KIND} {KEY}", f"@revoked {names} {KIND} {KEY}")
    assert distrust is not None and f"was revoked in {file}:2" in distrust.why


def test_a_key_that_is_revoked_for_other_hosts_is_trusted(file: Path) -> None:
    assert ask(file, f"web01 {KIND} {KEY}", f"@revoked db* {KIND} {KEY}") is None


def test_a_certificate_authority_is_told_apart(file: Path) -> None:
    distrust = ask(file, f"@cert-authority *01 {KIND} {OTHER_KEY}")
    assert distrust is not None and f"vouched for by a certificate ({file}:1)" in distrust.why


def test_several_files_are_read_and_missing_ones_are_empty(file: Path) -> None:
    file.write_text(f"web01 {KIND} {KEY}\n")
    known = KnownHosts([file.parent / "none", file])
    assert known.distrust("web01", "web01", 22, KIND, BLOB) is None


def test_a_file_that_cannot_be_read_is_an_error(file: Path) -> None:
    file.mkdir()
    with pytest.raises(ReachError, match="cannot read the known hosts"):
        KnownHosts([file])


def test_the_kinds_that_are_known_are_told(file: Path) -> None:
    file.write_text(f"web01 ssh-rsa {KEY}\nweb* {KIND} {OTHER_KEY}\n")
    assert KnownHosts([file]).kinds("web01", 22) == ("ssh-rsa", KIND)


def test_openssh_finds_what_we_find_in_a_file_that_it_hashed(file: Path) -> None:
    file.write_text(f"web01 {KIND} {KEY}\n[web01]:2222 {KIND} {OTHER_KEY}\n")
    subprocess.run(["ssh-keygen", "-H", "-f", str(file)], check=False, capture_output=True)
    known = KnownHosts([file])
    assert "web01" not in file.read_text()
    assert [known.distrust("x", "web01", 2222, KIND, blob) is None for blob in (OTHER, BLOB)] == [True, False]


def test_bytes_of_any_kind_do_no_harm(file: Path) -> None:
    file.write_bytes(bytes(range(256)) * 40 + b"\n" + f"web01 {KIND} {KEY}\n".encode())
    assert KnownHosts([file]).distrust("web01", "web01", 22, KIND, BLOB) is None
