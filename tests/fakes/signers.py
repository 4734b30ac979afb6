"""Keys of people who sign commits, made by OpenSSH and GnuPG themselves."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.fakes.checkout import Checkout


class SshKey:
    """One person's SSH key."""

    def __init__(self, folder: Path, who: str, kind: str = "ed25519") -> None:
        self.who = who
        self.path = folder / f"{who}.key"
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", who, "-f", str(self.path)], check=True)
        self.public = self.path.with_suffix(".key.pub").read_text().strip()

    def line(self, options: str = "") -> str:
        """A line of `allowed_signers`."""
        kind, key, *_ = self.public.split()
        return " ".join(part for part in (f"{self.who}@shop.example", options, kind, key) if part) + "\n"

    def commit(self, checkout: Checkout, files: dict[str, str] | None = None, *, when: int = 1700000000) -> str:
        """A commit signed with this key, of a committer's clock that says `when`."""
        words = ["-c", "gpg.format=ssh", "-c", f"user.signingkey={self.path}"]
        return _signed(checkout, words, files or {}, when)


class PgpKey:
    """One person's OpenPGP key, in a key ring of its own."""

    def __init__(self, folder: Path, who: str, *, made: str = "20230101T000000", lasts: str = "0") -> None:
        self.who = who
        self.home = folder / f"{who}.gnupg"
        self.home.mkdir(mode=0o700)
        name = f"{who}@shop.example"
        self._gpg(
            "--faked-system-time", made, "--passphrase", "", "--quick-generate-key", name, "ed25519", "sign", lasts
        )
        self.public = self._gpg("--armor", "--export", name)

    def revoked(self) -> str:
        """The public key with the word that it is revoked; the key itself can still sign here."""
        (certificate,) = (self.home / "openpgp-revocs.d").glob("*.rev")
        ring = self.home.with_suffix(".revoked")
        ring.mkdir(mode=0o700)
        text = self.public + certificate.read_text().replace(":-----BEGIN", "-----BEGIN")
        base = ["gpg", "--homedir", str(ring), "--batch", "--quiet", "--no-autostart"]
        subprocess.run([*base, "--import"], input=text, capture_output=True, text=True, check=True)
        return subprocess.run([*base, "--armor", "--export"], capture_output=True, text=True, check=True).stdout

    def commit(self, checkout: Checkout, files: dict[str, str] | None = None, *, when: int = 1700000000) -> str:
        """A commit signed with this key."""
        wrapper = self.home / "sign"
        wrapper.write_text(
            f"#!/bin/sh\nexec gpg --homedir {self.home} --batch --faked-system-time {when} --pinentry-mode loopback "
            '--passphrase "" "$@"\n'
        )
        wrapper.chmod(0o700)
        words = ["-c", f"gpg.program={wrapper}", "-c", f"user.signingkey={self.who}@shop.example"]
        return _signed(checkout, words, files or {}, when)

    def end(self) -> None:
        """Let its agent go."""
        subprocess.run(["gpgconf", "--homedir", str(self.home), "--kill", "all"], check=True)

    def _gpg(self, *words: str) -> str:
        base = ["gpg", "--homedir", str(self.home), "--batch", "--quiet", "--pinentry-mode", "loopback"]
        return subprocess.run([*base, *words], capture_output=True, text=True, check=True).stdout


def _signed(checkout: Checkout, words: list[str], files: dict[str, str], when: int) -> str:
    checkout.write(files)
    checkout.git("add", "--all")
    checkout.git(*words, "commit", "--quiet", "--allow-empty", "--gpg-sign", "--message", "signed", when=when)
    return checkout.git("rev-parse", "HEAD")
