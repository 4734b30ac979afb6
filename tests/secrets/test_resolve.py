"""From a reference to a value: what is refused, and that no message tells a value."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyrage
import pytest

from rem_cli.secrets import SecretError, known
from rem_cli.secrets.environment import withhold
from rem_cli.secrets.files import MOST
from rem_cli.secrets.resolve import Sources, resolve

VALUE = "tr0ub4dor&3"


def nothing(path: str) -> bytes:
    raise AssertionError(f"{path} was asked for")


def refused(reference: str, sources: Sources | None = None) -> str:
    """The message and hint of the error, which hold nothing of the value."""
    with pytest.raises(SecretError) as caught:
        resolve("DB_PASSWORD", reference, sources or Sources(nothing))
    error = caught.value
    told = f"{int(error.status)} {error.message} | {error.hint}"
    assert "tr0ub" not in told + repr(error) + repr(error.__cause__)
    return told


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "db"
    path.write_text(f"{VALUE}\n")
    path.chmod(0o600)
    return path


def test_a_variable_is_read_once_and_no_child_inherits_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_OF_A_TEST", VALUE)
    assert resolve("DB_PASSWORD", "env:DB_OF_A_TEST", Sources(nothing)).line == VALUE
    assert "DB_OF_A_TEST" not in subprocess.run(["env"], capture_output=True, text=True, check=True).stdout
    assert resolve("DB_PASSWORD", "env:DB_OF_A_TEST", Sources(nothing)).line == VALUE


def test_a_variable_that_only_another_job_needs_is_not_inherited_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_OF_A_TEST", VALUE)
    withhold(["HOOK_OF_A_TEST", "NOT_SET_IN_A_TEST"])
    assert "HOOK_OF_A_TEST" not in subprocess.run(["env"], capture_output=True, text=True, check=True).stdout
    assert resolve("HOOK", "env:HOOK_OF_A_TEST", Sources(nothing)).line == VALUE


def test_a_variable_that_is_not_set() -> None:
    assert refused("env:NOT_SET_IN_A_TEST") == (
        "1 the secret DB_PASSWORD is to be found in the variable NOT_SET_IN_A_TEST, which is not set"
        " | read -rs NOT_SET_IN_A_TEST && export NOT_SET_IN_A_TEST"
    )


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_private_file_is_read(file: Path, mode: int) -> None:
    file.chmod(mode)
    secret = resolve("DB_PASSWORD", f"file:{file}", Sources(nothing))
    assert (secret.line, secret.value) == (VALUE, f"{VALUE}\n".encode())
    assert known.redactor().text(f"it is {VALUE}.") == "it is [secret DB_PASSWORD]."


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o610, 0o601])
def test_52_a_file_that_others_may_touch(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert refused(f"file:{file}") == f"10 {file} is open to others (mode {mode:04o}) | chmod 600 {file}"


def test_52_a_file_of_another_user(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    owner = os.getuid()
    if owner == 0:  # root's files are trusted, so it has to be somebody else's
        os.chown(file, 12345, -1)
        owner = 12345
    assert refused(f"file:{file}") == (
        f"10 {file} belongs to another user (uid {owner}), who can change it"
        f" | make it yours, or root's: chown $USER {file}"
    )


def test_52_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path, 0o600)
    assert refused(f"file:{path}") == f"10 {path} is no regular file | see what it is: ls -ld {path}"


def test_52_a_symbolic_link(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(file)
    assert refused(f"file:{link}") == (
        f"10 {link} is a symbolic link, and whoever can change it chooses what is read | name the file itself"
    )


def test_52_a_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    assert refused(f"file:{tmp_path}") == f"10 {tmp_path} is no regular file | see what it is: ls -ld {tmp_path}"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "gone"
    assert refused(f"file:{path}") == (
        f"1 {path} cannot be read: no such file or directory | put it there, readable by you alone"
    )


def test_a_file_that_is_too_large(file: Path) -> None:
    file.write_bytes(b"tr0ub" * MOST)
    assert refused(f"file:{file}") == f"1 {file} has more than 64 KiB, which no secret needs | None"


UNFIT = {
    "": "it is empty",
    "\n": "it is empty",
    "true": "it has fewer than 6 characters, and such a text is found everywhere",
    "a1b2c": "it has fewer than 6 characters, and such a text is found everywhere",
    "aaaaaaaa": "it has fewer than 4 different characters, and such a text is found everywhere",
    "password": "it is a common word, and outputs are full of those",
    "Running": "it is a common word, and outputs are full of those",
    "db_password": "it is a common word, and outputs are full of those",
}


@pytest.mark.parametrize("value", UNFIT)
def test_51_what_would_turn_logs_into_stars_is_refused(value: str, file: Path) -> None:
    file.write_text(f"{value}\n")
    assert refused(f"file:{file}") == (
        f"1 what file:{file} holds cannot be the secret DB_PASSWORD: {UNFIT[value]}"
        " | give it a value that nobody would guess: openssl rand -base64 24"
    )
    assert (
        known.redactor().text("it is true, the Running password aaaaaaaa")
        == "it is true, the Running password aaaaaaaa"
    )


class TestAge:
    """A file of the commit, and a key of the operator's."""

    @pytest.fixture
    def key(self) -> pyrage.x25519.Identity:
        return pyrage.x25519.Identity.generate()

    @pytest.fixture
    def identities(self, key: pyrage.x25519.Identity, tmp_path: Path) -> list[Path]:
        path = tmp_path / "age.txt"
        path.write_text(f"# created: 2026-01-02\n# public key: {key.to_public()}\n{key}\n")
        path.chmod(0o600)
        return [path]

    @pytest.mark.parametrize("armored", [False, True])
    def test_is_decrypted(self, armored: bool, key: pyrage.x25519.Identity, identities: list[Path]) -> None:
        blob = pyrage.encrypt(VALUE.encode(), [key.to_public()], armored=armored)
        sources = Sources({"packages/shop/db.age": blob}.__getitem__, identities)
        assert resolve("DB_PASSWORD", "age:packages/shop/db.age", sources).line == VALUE

    def test_for_an_ssh_key(self, tmp_path: Path) -> None:
        path = tmp_path / "id"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
        blob = pyrage.encrypt(VALUE.encode(), [pyrage.ssh.Recipient.from_str(Path(f"{path}.pub").read_text().strip())])
        assert resolve("DB_PASSWORD", "age:db.age", Sources(lambda _: blob, [path])).line == VALUE

    def test_without_a_key(self) -> None:
        assert refused("age:packages/shop/db.age", Sources(lambda _: b"age")) == (
            "1 age:packages/shop/db.age cannot be read without a key | name the file of an age identity in"
            ' ~/.config/rem/config.toml: age_identities = ["~/.config/rem/age.txt"]'
        )

    def test_with_the_wrong_key(self, identities: list[Path]) -> None:
        blob = pyrage.encrypt(VALUE.encode(), [pyrage.x25519.Identity.generate().to_public()])
        assert refused("age:db.age", Sources(lambda _: blob, identities)) == (
            f"1 age:db.age cannot be read: it is not encrypted for a key of {identities[0]}, or is damaged"
            " | encrypt it again for your key: age -R RECIPIENTS -o db.age"
        )

    def test_with_a_key_that_others_may_read(self, identities: list[Path]) -> None:
        identities[0].chmod(0o644)
        told = refused("age:db.age", Sources(lambda _: b"age", identities))
        assert told == f"10 {identities[0]} is open to others (mode 0644) | chmod 600 {identities[0]}"

    @pytest.mark.parametrize("content", ["AGE-SECRET-KEY-1NONSENSE\n", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"])
    def test_with_a_file_that_is_no_key(self, content: str, identities: list[Path]) -> None:
        identities[0].write_text(content)
        told = refused("age:db.age", Sources(lambda _: b"age", identities))
        assert told == f"1 {identities[0]} is no age identity | age-keygen makes one; a passphrase is not asked for"

    def test_without_the_library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "pyrage", None)
        told = refused("age:db.age", Sources(lambda _: b"age", [Path("/nowhere")]))
        assert told == "1 age:db.age cannot be read: the library for it is not installed | pip install 'rem-cli[age]'"


def test_50_a_process_that_holds_a_secret_leaves_no_core_and_its_children_are_as_they_were() -> None:
    """prctl(2): PR_GET_DUMPABLE is 3."""
    ask = "import ctypes; print(ctypes.CDLL(None).prctl(3), flush=True)"
    program = f"""
import subprocess, sys
from rem_cli.secrets.resolve import Sources, resolve
{ask}
resolve("DB", "env:DB_OF_A_TEST", Sources(bytes))
{ask}
subprocess.run([sys.executable, "-c", {ask!r}])
"""
    environment = {**os.environ, "DB_OF_A_TEST": VALUE}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "0", "1"]
