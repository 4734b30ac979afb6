"""What is generated, `python -m rem_cli.cli.manual [--check]`: man pages and completion scripts from the commands, and
docs/reference/ from the sections and types."""

from __future__ import annotations

import sys
from pathlib import Path

from rem_cli.cli import completion, reference
from rem_cli.cli.commands import Argument, Command, walk
from rem_cli.errors import Status

MEANINGS = {
    Status.DONE: "done, also when nothing was to do",
    Status.FAILED: "could not: input, output, anything unexpected",
    Status.USAGE: "the command line is off",
    Status.DIFFERENT: "changes, drift or breach exist; only with --exit-code",
    Status.FINDINGS: "findings at or above --fail-on",
    Status.SOME_FAILED: "some targets failed",
    Status.ALL_FAILED: "all targets failed or are unreachable",
    Status.HELD: "somebody holds the lock",
    Status.STALE: "a plan or precondition no longer holds",
    Status.NO_TARGET: "no target matched",
    Status.UNTRUSTED: "trust failure: signature, host key, hash",
    Status.GUARDED: "refused by a guard",
    Status.BUG: "a bug in rem; a report file is written, and its place said",
    Status.TIMED_OUT: "timed out",
    Status.INTERRUPTED: "interrupted (SIGINT)",
    Status.PIPE_CLOSED: "whoever read the output has gone (SIGPIPE)",
    Status.TERMINATED: "terminated (SIGTERM)",
}
_FILES = (
    (".rem/", "runs, series and generations, at the repository's root; see --state"),
    ("~/.config/rem/config.toml", "the operator's settings: state, ssh_config, known_hosts, identities, engine, color, "
     "allow_proxy_command, allow_match_exec"),
    ("~/.config/rem/known_hosts", "host keys that rem host trust wrote"),
)  # fmt: skip


def files() -> dict[str, str]:
    """Every generated file, by its path from the project's root."""
    made = {f"completions/{name}": completion.script(shell) for shell, name in completion.FILES.items()}
    made |= reference.pages()
    commands = walk()
    for command in commands:
        if len(command.path) < 2:
            name = "-".join(("rem", *command.path))
            inner = [one for one in commands if one.path[:-1] == command.path and one.path]
            made[f"man/{name}.1"] = page(name, command, inner)
    return made


def page(name: str, command: Command, inner: list[Command]) -> str:
    """One man page, in the man macros of roff."""
    rows = [
        f'.TH {name.upper()} 1 "" "rem" "rem manual"',
        ".SH NAME",
        f"{_roff(name)} \\- {_roff(_lower(command.summary))}",
    ]
    rows += [".SH SYNOPSIS", *_synopsis(command)]
    rows += [".SH DESCRIPTION", *_paragraphs(command.text)]
    rows += [".SH OPTIONS"] if command.options else []
    rows += _described(command)
    if inner:
        rows.append(".SH COMMANDS")
    for one in inner:
        if command.path:
            rows += [".SS " + _roff(" ".join(("rem", *one.path))), *_synopsis(one), ".PP", *_paragraphs(one.text)]
            rows += _described(one)
        else:
            rows += [".TP", f".BR rem-{one.path[0]} (1)", _roff(one.summary)]
    if not command.path:
        rows.append(".SH EXIT STATUS")
        for status, meaning in MEANINGS.items():
            rows += [".TP", f".B {int(status)}", _roff(meaning)]
        rows.append(".SH FILES")
        for file, meaning in _FILES:
            rows += [".TP", f".I {_roff(file)}", _roff(meaning)]
        rows += [
            ".SH ENVIRONMENT",
            _roff("REM_STATE, REM_CONFIG, REM_SSH_CONFIG, REM_KNOWN_HOSTS, REM_ENGINE, NO_COLOR, FORCE_COLOR"),
        ]
    else:
        rows += [".SH SEE ALSO", ".BR rem (1)"]
    return "\n".join(rows) + "\n"


def _described(command: Command) -> list[str]:
    rows: list[str] = []
    for argument in command.arguments:
        if argument.help:
            rows += [".TP", f".I {_roff(argument.name)}", _roff(argument.help)]
    for option in command.options:
        names = ", ".join(f"\\fB{_roff(name)}\\fR" for name in option.names)
        rows += [
            ".TP",
            names + (f" \\fI{_roff(option.metavar)}\\fR" if option.metavar else ""),
            _roff(option.help or ""),
        ]
    return rows


def _synopsis(command: Command) -> list[str]:
    words = [f"\\fB{_roff(' '.join(('rem', *command.path)))}\\fR"]
    words += ["[\\fIoptions\\fR]"] if command.options else []
    words += ["\\fIcommand\\fR \\[u2026]"] if command.subcommands else []
    words += [_argument(one) for one in command.arguments]
    return [" ".join(words)]


def _argument(one: Argument) -> str:
    text = f"\\fI{_roff(one.name)}\\fR{_roff(' …') if one.many else ''}"
    return text if one.required else f"[{text}]"


def _paragraphs(text: str) -> list[str]:
    rows: list[str] = []
    for number, part in enumerate(text.split("\n")):
        rows += [".PP", _roff(part)] if number else [_roff(part)]
    return rows


def _roff(text: str) -> str:
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    escaped = "".join(one if one.isascii() else f"\\[u{ord(one):04X}]" for one in escaped)
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def main(arguments: list[str]) -> int:
    """Write the files, or with --check say which of them differ."""
    root = Path(__file__).parents[2]
    made = files()
    present = {
        path.relative_to(root).as_posix()
        for folder in ("man", "completions", "docs/reference")
        for path in (root / folder).glob("*")
    }
    stale = sorted(name for name, text in made.items() if name not in present or (root / name).read_text() != text)
    surplus = sorted(present - made.keys())
    if "--check" in arguments:
        for name in [*stale, *surplus]:
            sys.stderr.write(f"{name} is not what the code says: run python -m rem_cli.cli.manual\n")
        return 1 if stale or surplus else 0
    for name in stale:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(made[name])
    for name in surplus:
        (root / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
