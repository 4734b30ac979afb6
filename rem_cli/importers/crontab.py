"""Crontabs: of a user, or of the system with a column for who runs it. Each line becomes a job with its schedule."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field

from rem_cli.importers.cron_fields import Unknown, schedule
from rem_cli.importers.draft import Comments, Draft, Made
from rem_cli.importers.keys import as_key
from rem_cli.importers.ledger import Spot
from rem_cli.importers.shell import name_of
from rem_cli.importers.sources import Sources, Text
from rem_cli.language.telltale import holds_secret, names_secret

LIMIT = "1d"  # cron knows none, and REM's jobs always have one
MAX_ENV = 50  # variables; every job below them holds each

_SETTING = re.compile(r"""\s*("[^"]*"|'[^']*'|[A-Za-z_][\w.]*)\s*=\s*(.*?)\s*\Z""")
_HEADING = re.compile(r"#\W*(m|min|minute)\s+(h|hour)\b")  # of the columns
_USER = re.compile(r"[A-Za-z_][\w.-]{0,31}\$?")


@dataclass
class _Settings:
    """The environment lines so far; they hold for the lines below them."""

    env: dict[str, tuple[str, Spot]] = field(default_factory=dict)
    shell: tuple[str, Spot] | None = None
    zone: tuple[str, Spot] | None = None
    delay: tuple[int, Spot] | None = None  # minutes
    secrets: dict[str, Spot] = field(default_factory=dict)
    given: list[Spot] = field(default_factory=list)  # every such line


def read(sources: Sources, draft: Draft) -> None:
    """Read crontabs; one whose lines name who runs them is told by its place, or by `root` in every sixth column."""
    for text in sources.given:
        draft.ledger.open(text)
        _file(text, draft)
    draft.notes.append("The jobs name no hosts, so they run where REM runs; say `hosts:` for the crontab's machine.")
    draft.notes.append("Without CRON_TZ the machine's clock counted; REM takes UTC until `time zone:` is said.")
    draft.notes.append(f"Cron stops no command; these jobs have a limit of {LIMIT}. Output is kept, not mailed.")


def _file(text: Text, draft: Draft) -> None:
    comments, settings, ledger = Comments(draft), _Settings(), draft.ledger
    system = is_system(text)
    group = as_key(posixpath.splitext(posixpath.basename(text.path))[0])
    for number, row in enumerate(text.lines, 1):
        spot, line = Spot(text.name, number), row.strip(" \t")
        if not line:
            comments.drop()
        elif line.startswith("#"):
            if not _HEADING.match(line):
                comments.add(spot, line)
        elif found := _SETTING.fullmatch(line):
            comments.drop()
            _setting(found[1].strip("\"'"), _unquoted(found[2]), spot, settings, draft)
        else:
            made = _job(line, spot, system, group, settings, draft)
            if made is None:
                comments.drop()
            else:
                comments.give(made)
    for spot in settings.given:
        if not ledger.spoken_for(spot):
            ledger.lost(spot, "no job takes it: none stands below it before it is set again")


def is_system(text: Text) -> bool:
    """Whether the sixth column is a user: in /etc/crontab, in a cron.d, or where every line says `root` there."""
    folder, name = posixpath.split(text.path)
    if posixpath.basename(folder) == "cron.d" or (name == "crontab" and posixpath.basename(folder) == "etc"):
        return True
    if re.search(r"^#.*\bdow\s+user", text.content, re.MULTILINE):
        return True
    columns = [row.split() for row in text.lines if re.match(r"\s*[-*0-9@]", row)]
    users = [words[1:2] if words[0].startswith("@") else words[5:6] for words in columns]
    return bool(users) and all(user == ["root"] for user in users)


def _setting(name: str, value: str, spot: Spot, settings: _Settings, draft: Draft) -> None:
    ledger = draft.ledger
    settings.given.append(spot)
    if names_secret(name):
        ledger.hide(spot, value)
        ledger.lost(spot, f"{name} is a secret; keep it where the job runs, in a file that the program reads")
        settings.secrets[name] = spot
    elif name == "SHELL":
        settings.shell = (value, spot)
    elif name == "CRON_TZ":
        settings.zone = (value, spot)
    elif name == "RANDOM_DELAY" and value.isascii() and value.isdecimal() and len(value) < 5:
        settings.delay = (int(value), spot)
    elif name in ("MAILTO", "MAILFROM", "CONTENT_TYPE", "CONTENT_TRANSFER_ENCODING"):
        ledger.lost(spot, "REM mails no output: it is kept with each run, and alerts say who is told")
    elif holds_secret(f"{name}={value}"):
        ledger.lost(spot, f"{name} seems to hold a secret; keep it in a file on the host that the program reads")
    elif len(settings.env) >= MAX_ENV and name not in settings.env:
        ledger.lost(spot, f"more than {MAX_ENV} variables")
    else:
        settings.env[name] = (value, spot)


def _job(line: str, spot: Spot, system: bool, group: str, settings: _Settings, draft: Draft) -> Made | None:
    ledger = draft.ledger
    quiet = line.startswith("-") and len(line) > 1
    try:
        due, rest = schedule(line.removeprefix("-") if quiet else line)
        user, command = _who(rest) if system else ("", rest)
        shell, given = _parted(command)
        if not shell.strip():
            raise Unknown("no command stands behind the schedule")
        if not system and re.fullmatch(r"[*?]\S*|[0-9*?,/LW#-]*[0-9*]", rest.split()[0]):
            raise Unknown("there are six or seven fields for the time, a dialect with seconds or years")
        if holds_secret(command):
            ledger.hide(spot)
            raise Unknown("the command seems to hold a secret; keep it in a file on the host, and import again")
    except Unknown as unknown:
        ledger.lost(spot, str(unknown))
        return None
    made = draft.fresh("jobs", (group, name_of(shell)), spot)
    _run(made, shell, given, settings, spot, draft)
    made.set("cron", due, spot)
    if settings.zone:
        made.set("time zone", settings.zone[0], settings.zone[1])
        ledger.carried(settings.zone[1], made.path)
    made.set("catch up", "none")
    made.set("overlap", "allow")
    _environment(made, shell, settings, spot, draft)
    made.set("timeout", LIMIT)
    if user:
        ledger.lost(spot, f"it ran as {user}; REM runs it as whoever logs in on the host")
    if quiet:
        ledger.lost(spot, "the '-' kept it out of the system log, where REM writes nothing")
    return made


def _who(rest: str) -> tuple[str, str]:
    words = rest.split(None, 1)
    if not words or not _USER.fullmatch(words[0].partition(":")[0]):
        raise Unknown("the sixth column of a system's crontab is the user who runs it")
    return words[0], words[1] if len(words) > 1 else ""


def _parted(command: str) -> tuple[str, str | None]:
    r"""The command, and what it reads: all behind the first `%`, where each `%` ends a line; `\%` is a `%`."""
    parts = [part.replace("\\%", "%") for part in re.split(r"(?<!\\)%", command)]
    return parts[0].strip(), "\n".join(parts[1:]) if len(parts) > 1 else None


def _run(made: Made, shell: str, given: str | None, settings: _Settings, spot: Spot, draft: Draft) -> None:
    if given is not None:
        end = "STDIN"
        while end in given.split("\n"):
            end += "_"
        shell = f"(\n{shell}\n) <<'{end}'\n{given}\n{end}\n"
        draft.ledger.lost(spot, "what stood behind % is a here document now")
    if settings.shell and posixpath.basename(settings.shell[0]) not in ("sh", "dash"):
        made.set("command", [settings.shell[0], "-c", shell], spot, settings.shell[1])
        draft.ledger.carried(settings.shell[1], made.path)
    else:
        made.set("shell", shell, spot)
        if settings.shell:
            draft.ledger.carried(settings.shell[1], made.path)


def _environment(made: Made, shell: str, settings: _Settings, spot: Spot, draft: Draft) -> None:
    if settings.env:
        made.set("env", {name: value for name, (value, _) in settings.env.items()}, *_spots(settings))
    for _, at in settings.env.values():
        draft.ledger.carried(at, made.path)
    if settings.delay:
        minutes, at = settings.delay
        made.set("splay", f"{minutes}m", at)
        draft.ledger.carried(at, made.path)
    for name in settings.secrets:
        if re.search(rf"\b{re.escape(name)}\b", shell):
            draft.ledger.lost(spot, f"it needs the secret {name}, which was not written")


def _spots(settings: _Settings) -> list[Spot]:
    return [spot for _, spot in settings.env.values()]


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
