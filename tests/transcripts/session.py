"""Runs the shell sessions of a Markdown page and compares what they print with what the page says.

A session is a fenced block of `console`: `$ ` begins a command, the lines below it are its whole output, `[4]` alone is
its exit status where that is not 0. A fenced block of `yaml` that begins with `# packages/…` is written to that file
before the next command. All blocks of a page run in one shell, in one folder. What differs from run to run
(times, commit ids, the numbers of a machine) is compared by its form.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^```yaml\n# (packages/\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = "\x1e"
_FORMS = (
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \w+"), "WHEN"),
    (re.compile(r"\b(?=[0-9a-f]*[0-9])[0-9a-f]{7}\b|\b[a-f]{7}\b"), "COMMIT"),
    (re.compile(r"\b[0-9a-f]{40}\b"), "COMMIT"),
    (re.compile(r"\b\d[\d.]* (?:s|min|h)\b(?: \d+ (?:s|min)\b)?"), "TIME"),
    (re.compile(r"TIME to TIME"), "TIME"),
    (re.compile(r"\d+\.\d+"), "NUMBER"),
    (re.compile(r"definition [0-9a-f]{12}\b"), "definition DIGEST"),
    (re.compile(r"SHA256:[A-Za-z0-9+/]{43}"), "FINGERPRINT"),
    (re.compile(r"(?<=up )\d+(?= seconds)"), "NUMBER"),
)
_PLOT = re.compile(r"[\u2800-\u28ff╌]|^ *(NUMBER|\d+)? +│? *$|^ +\d\d:\d\d:\d\d|^ +0$")


@dataclass(frozen=True)
class Command:
    line: int  # of the page
    text: str
    output: str
    status: int
    files: str = ""  # what is written before it, as shell text


def read(page: Path) -> list[Command]:
    """The commands of a page, in order."""
    text = page.read_text()
    commands: list[Command] = []
    files = {found.start(): _writing(found[1], found[2]) for found in _FILE.finditer(text)}
    for block in _BLOCK.finditer(text):
        line = text.count("\n", 0, block.start(1)) + 1
        for part in re.split(r"^(?=\$ )", block[1], flags=re.MULTILINE):
            if part.startswith("$ "):
                ready = [at for at in files if at < block.start()]
                before = "".join(files.pop(at) for at in ready)
                commands.append(replace(_command(part, line), files=before))
            line += part.count("\n")
    return commands


def _writing(path: str, content: str) -> str:
    return f"mkdir -p {shlex.quote(str(Path(path).parent))}\nprintf %s {shlex.quote(content)} >{shlex.quote(path)}\n"


def _command(part: str, line: int) -> Command:
    first, _, rest = part[2:].partition("\n")
    while first.endswith("\\"):
        more, _, rest = rest.partition("\n")
        first = f"{first[:-1]}{more.removeprefix('> ').strip()}"
    status = re.search(r"^\[(\d+)\]\n?\Z", rest, re.MULTILINE)
    return Command(line, first, rest[: status.start()] if status else rest, int(status[1]) if status else 0)


def run(commands: list[Command], folder: Path, environment: Mapping[str, str]) -> list[tuple[str, int]]:
    """What each command printed, on both streams, and its exit status; the home folder is called /home/ana."""
    script = "".join(f"{command.files}{command.text}\nprintf '{_MARK}%s{_MARK}' $?\n" for command in commands)
    done = subprocess.run(
        ["bash", "--noprofile", "--norc"], input=script.encode(), cwd=folder, env=dict(environment),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False,
    )  # fmt: skip
    parts = done.stdout.decode(errors="replace").replace(environment["HOME"], "/home/ana").split(_MARK)
    return [(parts[at], int(parts[at + 1])) for at in range(0, len(parts) - 1, 2)]


def form(text: str) -> str:
    """The text with what differs from run to run replaced by its kind; a plot is one line."""
    for pattern, kind in _FORMS:
        text = pattern.sub(kind, text)
    rows: list[str] = []
    for row in text.splitlines():
        plot = bool(row.strip() and _PLOT.search(row))
        told = "PLOT" if plot else re.sub(r" {2,}", "  ", row.rstrip())
        if not (plot and rows and rows[-1] == "PLOT"):
            rows.append(told)
    return "\n".join(rows).strip("\n")


def rewritten(page: Path, folder: Path, environment: Mapping[str, str]) -> str:
    """The page with what its commands print now."""
    commands = read(page)
    printed = iter(run(commands, folder, environment))

    def filled(block: re.Match[str]) -> str:
        parts = []
        for part in re.split(r"^(?=\$ )", block[1], flags=re.MULTILINE):
            if part.startswith("$ "):
                output, status = next(printed)
                rows = [part.split("\n")[0], *(row.rstrip() for row in output.splitlines())]
                parts.append("\n".join(rows) + "\n" + (f"[{status}]\n" if status else ""))
        return f"```console\n{''.join(parts)}```"

    return _BLOCK.sub(filled, page.read_text())
