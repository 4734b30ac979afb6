"""A Nagios check as a program with arguments, or as one of REM's own checks where both do the same."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from rem_cli.language.telltale import holds_secret, names_secret

PLUGINS = "/usr/lib/nagios/plugins"  # where distributions put them, and what $USER1$ nearly always is

_MACRO = re.compile(r"\$([A-Za-z_]\w*)\$")
_FOR_A_SHELL = re.compile(r"[|;&<>`(){}*?~\n]|\$\(|\$\{")


class NoProgram(ValueError):
    """A command that cannot be written as a program with arguments, and why."""


class HoldsSecret(NoProgram):
    """A command with a secret in it, which must not be shown either."""


def split_check(check: str) -> tuple[str, list[str]]:
    r"""`check_http!-p 80!/x` as the command's name and its arguments; `\!` is a `!`."""
    name, *arguments = re.split(r"(?<!\\)!", check)
    return name.strip(), [argument.replace("\\!", "!").strip() for argument in arguments]


def uses_host(line: str, arguments: list[str]) -> bool:
    """Whether a command is another one for each host."""
    return any(name.startswith(("HOST", "_HOST")) for name in _MACRO.findall(" ".join([line, *arguments])))


def argv(line: str, arguments: list[str], macros: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The words of a command_line with its macros filled in, and what differs then. NoProgram."""
    notes: list[str] = []

    def fill(text: str, depth: int) -> str:
        return _MACRO.sub(lambda found: value(found[1], depth), text)

    def value(name: str, depth: int) -> str:
        if name.startswith("ARG") and name[3:].isdecimal() and depth == 0:
            number = int(name[3:5])
            return fill(arguments[number - 1], 1) if 0 < number <= len(arguments) else ""
        if name == "USER1":
            notes.append(f"$USER1$ is taken for {PLUGINS}, where plug-ins usually are")
            return PLUGINS
        if name.startswith("USER"):
            raise NoProgram(f"${name}$ is a value of a resource file, which may be a secret")
        if names_secret(name):
            raise HoldsSecret(f"${name}$ is a secret; keep it in a file, and write the check yourself")
        if name not in macros:
            raise NoProgram(f"${name}$ is a macro that only Nagios can fill in")
        return macros[name]

    filled = fill(line, 0).replace("$$", "$")
    if len(filled) > 8_000:
        raise NoProgram("the command is longer than 8,000 characters")
    if holds_secret(filled):
        raise HoldsSecret("the command seems to hold a secret; keep it in a file, and write the check yourself")
    if _FOR_A_SHELL.search(_outside_quotes(filled)):
        raise NoProgram("the command is text for a shell, which an import does not take over")
    try:
        words = shlex.split(filled)
    except ValueError:
        raise NoProgram("a quote does not close in the command") from None
    if not words:
        raise NoProgram("the command is empty")
    return words, list(dict.fromkeys(notes))


def _outside_quotes(text: str) -> str:
    return re.sub(r"'[^']*'|\"[^\"`$\\]*\"", " ", text)


def own_check(words: list[str], address: str) -> dict[str, str | int] | None:
    """The fields of one of REM's own checks that does the same; None when that cannot be proved.

    `address` is the host's; a check of any other address is not its own.
    """
    name, options = words[0].rpartition("/")[2], words[1:]
    given = _options(options)
    if given is None or given.get("-H", given.get("-I", address)) != address:
        return None
    left = {key: value for key, value in given.items() if key not in ("-H", "-I", "-4", "-t")}
    if name in ("check_ping", "check_icmp", "check-host-alive") and {*left} <= {"-w", "-c", "-p", "-n"}:
        return {"kind": "ping"}
    port = left.get("-p", "")
    if name == "check_tcp" and {*left} == {"-p"} and _is_port(port):
        return {"kind": "tcp", "port": int(port)}
    if name == "check_http" and {*left} <= {"-p", "-u", "-S"} and (not port or _is_port(port)):
        scheme = "https" if "-S" in left else "http"
        path = left.get("-u", "/")
        if not path.startswith("/") or re.search(r"[\s$]", path):
            return None
        host = f"[{address}]" if ":" in address else address
        return {"kind": "http", "url": f"{scheme}://{host}{f':{int(port)}' if port else ''}{path}"}
    return None


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 6 and 0 < int(text) < 65536


def _options(words: list[str]) -> dict[str, str] | None:
    """Short options and their values; None for anything that is no short option."""
    found: dict[str, str] = {}
    at = 0
    while at < len(words):
        word = words[at]
        if not re.fullmatch(r"-[A-Za-z0-9].*", word) or word[:2] in found:
            return None
        if len(word) > 2:
            found[word[:2]] = word[2:]
        elif at + 1 < len(words) and not words[at + 1].startswith("-"):
            at += 1
            found[word] = words[at]
        else:
            found[word] = ""
        at += 1
    return found
