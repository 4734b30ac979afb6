"""Who signed a commit: an SSH or an OpenPGP key, checked by OpenSSH's and GnuPG's own programs.

The keys that count are given as files, in the forms that these programs read: `allowed_signers` (ssh-keygen(1), ALLOWED
SIGNERS), optionally `revoked_keys` (its KEY REVOCATION LISTS, or plain public keys), and `*.asc` (OpenPGP public keys).
Nothing of git's or the user's configuration is asked, no agent, no key server, no key ring.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from rem_cli.errors import UntrustedError
from rem_cli.tree import child
from rem_cli.tree.child import Answer

ALLOWED, REVOKED = "allowed_signers", "revoked_keys"
SECONDS = 20.0  # for one check
_LIMIT = 1 << 20  # bytes of a program's answer
_HEADERS = (b"gpgsig ", b"gpgsig-sha256 ")


class Signer(NamedTuple):
    """A key that signed, and whom the list of signers says it belongs to."""

    who: str  # the principal, or the user id of the OpenPGP key
    key: str  # its fingerprint


class Signed(NamedTuple):
    """A commit object, parted."""

    payload: bytes  # what was signed
    signature: bytes  # armored; empty when nobody signed


def part(commit: bytes) -> Signed:
    """The signature of a commit object (gitformat-signature(5)), and the object without it."""
    head, blank, message = commit.partition(b"\n\n")
    kept: list[bytes] = []
    signature: list[bytes] = []
    inside = False
    for line in head.split(b"\n"):
        start = next((name for name in _HEADERS if line.startswith(name)), None)
        if start:
            inside = True
            signature.append(line[len(start) :])
        elif inside and line.startswith(b" "):
            signature.append(line[1:])
        else:
            inside = False
            kept.append(line)
    text = b"\n".join(signature)
    return Signed(b"\n".join(kept) + blank + message, text + b"\n" if text else b"")


def verify(signed: Signed, signers: Mapping[str, bytes], at: float) -> Signer:
    """Who signed, by a key that is in `signers` (file name to content) and was valid `at` (seconds since the epoch).

    UntrustedError with the reason.
    """
    if not signed.signature:
        raise UntrustedError("it is not signed")
    with tempfile.TemporaryDirectory(prefix="rem-signature-") as name:
        folder = Path(name)
        (folder / "payload").write_bytes(signed.payload)
        (folder / "signature").write_bytes(signed.signature)
        if signed.signature.startswith(b"-----BEGIN SSH SIGNATURE-----"):
            return _ssh(folder, signers, at)
        if signed.signature.startswith(b"-----BEGIN PGP SIGNATURE-----"):
            return _openpgp(folder, signers)
    raise UntrustedError("its signature is neither of SSH nor of OpenPGP")


def _ssh(folder: Path, signers: Mapping[str, bytes], at: float) -> Signer:
    if not signers.get(ALLOWED, b"").strip():
        raise UntrustedError("it is signed with SSH, and no SSH key is listed")
    (folder / "allowed").write_bytes(signers[ALLOWED])
    when = datetime.fromtimestamp(at, UTC).strftime("-Overify-time=%Y%m%d%H%M%SZ")
    words = ["-f", "allowed", "-s", "signature", when]
    found = _run("ssh-keygen", "openssh-client", ["-Y", "find-principals", *words], folder)
    who = found.out.decode(errors="replace").split("\n")[0].strip()
    if found.status or not who:
        raise UntrustedError("it is signed by an SSH key that is not listed, or not valid at its time")
    words = ["-Y", "verify", "-n", "git", "-I", who, *words]
    payload = (folder / "payload").read_bytes()
    answer = _run("ssh-keygen", "openssh-client", words, folder, payload)
    key = re.search(r"SHA256:[A-Za-z0-9+/]{43}", answer.out.decode(errors="replace"))
    if answer.status or not key:
        raise UntrustedError(f"its SSH signature by {who} is not good")
    if signers.get(REVOKED, b"").strip():
        (folder / "revoked").write_bytes(signers[REVOKED])
        if _run("ssh-keygen", "openssh-client", [*words, "-r", "revoked"], folder, payload).status:
            raise UntrustedError(f"its SSH signature is by a key of {who} that was revoked")
    return Signer(who, key[0])


def _openpgp(folder: Path, signers: Mapping[str, bytes]) -> Signer:
    keys = {name: content for name, content in signers.items() if name.endswith(".asc")}
    if not keys:
        raise UntrustedError("it is signed with OpenPGP, and no OpenPGP key is listed")
    ring = folder / "ring"
    ring.mkdir(mode=0o700)
    base = ["--homedir", "ring", "--batch", "--no-tty", "--no-options", "--no-autostart", "--quiet"]
    _run("gpg", "gnupg", [*base, "--import"], folder, b"\n".join(keys.values()))
    plain = ["--no-auto-key-retrieve", "--trust-model", "always", "--status-fd", "1"]
    answer = _run("gpg", "gnupg", [*base, *plain, "--verify", "signature", "payload"], folder)
    told = dict(re.findall(r"^\[GNUPG:\] (\w+) ?(.*)$", answer.out.decode(errors="replace"), re.MULTILINE))
    for word, why in _BAD.items():
        if word in told:
            raise UntrustedError(why)
    if answer.status or "VALIDSIG" not in told or "GOODSIG" not in told:
        raise UntrustedError("its OpenPGP signature is not good")
    primary = told["VALIDSIG"].split()[-1]
    return Signer(told["GOODSIG"].partition(" ")[2], primary)


_BAD = {
    "ERRSIG": "it is signed by an OpenPGP key that is not listed",
    "BADSIG": "its OpenPGP signature is not of what it says",
    "REVKEYSIG": "it is signed by an OpenPGP key that was revoked",
    "EXPKEYSIG": "it is signed by an OpenPGP key that has expired",
    "EXPSIG": "its OpenPGP signature has expired",
}


def _run(program: str, package: str, words: list[str], folder: Path, stdin: bytes = b"") -> Answer:
    found = shutil.which(program, path="/usr/local/bin:/usr/bin:/bin")
    if found is None:
        raise UntrustedError(
            f"{program} is not installed, so no signature can be checked", hint=f"apt-get install {package}"
        )
    environment = {"PATH": os.path.dirname(found), "LC_ALL": "C", "HOME": str(folder), "TZ": "UTC"}
    return child.run([found, *words], environment, folder, stdin, _LIMIT, SECONDS)
