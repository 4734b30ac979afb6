"""What a command line is about: a readable name for a job, the same one each time."""

from __future__ import annotations

import posixpath
import re
import shlex

_LONGEST = 2_000  # characters that are looked at for a name
_SEPARATORS = re.compile(r"&&|\|\||[;|&\n(){}]")
_BEFORE = {"sudo", "nice", "ionice", "env", "exec", "time", "nohup", "chronic", "timeout", "flock", "setlock", "chrt"}
_SHELLS = re.compile(r"(ba|da|z|k|c|tc)?sh|python[\d.]*|perl|ruby|php[\d.]*|node|java")
_TESTS = {
    "test",
    "[",
    "[[",
    "cd",
    "umask",
    "export",
    "sleep",
    "if",
    "then",
    "set",
    "true",
    ":",
    ".",
    "source",
    "ulimit",
}
_ENDS = (".sh", ".py", ".pl", ".rb", ".php", ".js", ".bash", ".jar", ".service")


def name_of(command: str) -> str:
    """`cd /srv && /usr/bin/python3 /opt/backup.py --all` is `backup`."""
    plain = re.sub(r"'[^']*'|\"[^\"]*\"", lambda quoted: _SEPARATORS.sub(" ", quoted[0]), command[:_LONGEST])
    fallback = None  # a shell or an interpreter with its program on the command line
    for part in _SEPARATORS.split(plain):
        words = [word for word in _words(part) if not re.match(r"[A-Za-z_]\w*=", word)]
        found = _program(words)
        if found and not _SHELLS.fullmatch(found):
            return found
        fallback = fallback or found
    return fallback or "job"


def _program(words: list[str]) -> str | None:
    skipping = False  # behind a program that starts another one: its options and their values
    for number, word in enumerate(words):
        base = posixpath.basename(word.rstrip("/"))
        if base in ("then", "else", "do"):
            continue
        if base in _TESTS:
            return None
        if base in _BEFORE:
            skipping = True
            continue
        if number and words[number - 1] in (">", ">>", "<", "2>"):
            continue
        if word.startswith(("-", ">", "<", "2>", "!", "+")) or not re.search(r"[A-Za-z]", base):
            continue
        if skipping and number + 1 < len(words) and words[number - 1].startswith("-") and "/" not in word:
            continue  # the value of an option: sudo -u ana
        if base in ("artisan", "manage.py", "run-parts", "systemctl", "docker", "make") or _SHELLS.fullmatch(base):
            inner = _argument(words[number + 1 :])
            if inner:
                return inner if _SHELLS.fullmatch(base) else f"{_plain(base)} {inner}"
        return _plain(base)
    return None


def _argument(words: list[str]) -> str | None:
    for word in words:
        if word in ("-c", "-e", "-r"):
            return None
        if not word.startswith("-") and re.search(r"[A-Za-z]", word) and " " not in word:
            return _plain(posixpath.basename(word.rstrip("/")))
    return None


def _words(part: str) -> list[str]:
    try:
        return shlex.split(part)
    except ValueError:
        return part.split()


def _plain(base: str) -> str:
    for end in _ENDS:
        base = base.removesuffix(end)
    return re.sub(r"[^\w.@+-]+", "-", base).strip("-.")[:40] or "job"
