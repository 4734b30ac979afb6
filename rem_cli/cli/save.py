"""Changed texts on their way into the work tree: typed words in, checked, then written whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from rem_cli import wire
from rem_cli.errors import GuardedError, InvalidPackagesError, StaleError, UsageError
from rem_cli.language import Resolution, Severity
from rem_cli.language.names import vocabulary


def refuse_bytes(words: Iterable[str]) -> None:
    """UsageError for a word that no text in UTF-8 can hold."""
    for word in words:
        if not word.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in word):
            raise UsageError(f"'{word}' is not UTF-8", hint="packages are written in UTF-8")


def fields(words: Iterable[str]) -> dict[str, str]:
    """FIELD=VALUE words by field."""
    typed: dict[str, str] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign:
            raise UsageError(f"'{word}' is not FIELD=VALUE", hint="like address=192.0.2.11")
        typed[vocabulary(name)] = value
    return typed


def text(rem: wire.Rem, name: str) -> str:
    """A file of the work tree, byte order mark and line ends included. GuardedError when it is somebody else's."""
    if name not in rem.tree().entries(name) and name in rem.whole(rem.tree()).entries(name):
        owner = name.split("/")[1]
        raise GuardedError(f"'{owner}' is another repository's and is not changed here", hint="rem package list")
    try:
        return rem.tree().read(name).decode()
    except UnicodeDecodeError:
        raise UsageError(f"{name} is not UTF-8", hint="rem validate") from None


def refuse_worse(
    rem: wire.Rem, files: Mapping[str, bytes], now: Resolution | None = None, *, but: str | None = None
) -> None:
    """InvalidPackagesError when changed files would bring a problem, be it in a place where one is already.

    `now` is how the work tree is resolved, where that is known; `but` a kind of problem that others care for.
    """
    before = Counter((f.id, f.message) for f in (now or rem.resolve(rem.tree())).findings)
    after = rem.resolve(rem.overlay(files)).findings
    more = Counter((f.id, f.message) for f in after) - before
    worse = (f for f in after if f.severity is Severity.ERROR and f.id != but)
    findings = [f for f in worse if (f.id, f.message) in more]
    if findings:
        raise InvalidPackagesError("this would bring a problem; nothing was written", findings=findings)


def write(
    rem: wire.Rem,
    files: Mapping[str, bytes],
    *,
    before: Mapping[str, str] | None = None,
    programs: Collection[str] = (),
) -> None:
    """Write files in their order, each whole or not at all, and none through a symbolic link.

    `before` are texts as they were read: StaleError when somebody has changed one of them meanwhile.
    """
    for name, old in (before or {}).items():
        if text(rem, name) != old:
            raise StaleError(f"{name} has changed meanwhile; nothing was written", hint="do it again")
    for name in files:
        if Path(rem.root, name).parent.resolve() != Path(rem.root.resolve(), name).parent:
            raise GuardedError(f"a symbolic link leads away from {name}; nothing was written", hint=f"ls -l {name}")
    for name, content in files.items():
        target = Path(rem.root, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        wire.write(target, content, mode=0o777 if name in programs else 0o666)
