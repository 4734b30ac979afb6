"""Colour where it is wanted, and nothing of packages, commits or hosts that a terminal would obey."""

from __future__ import annotations

import re
import shlex

import pytest

from rem_cli.cli.commands import walk
from tests.cli.conftest import Done, Repository
from tests.cli.terminal import Terminal, typed

# What hostile data holds; each of these would do something to a terminal, or to a library that reads markup.
OBEYED = "\x1b]0;owned\x07\x1b[2Jowned\x9b31m\rowned\b\b[red]mark[/red][link=file:///x]y[/link][/x]"
HARM = re.compile(r"\x1b\]|\x1b\[2J|\x07|\x08|\x9b|\r(?!\r*\n)")
COLOR = re.compile(r"\x1b\[[0-9;]*m")

ESCAPED = OBEYED.encode("unicode_escape").decode()  # YAML's double quotes read it as Python does
OCTAL = "".join(f"\\{byte:03o}" for byte in OBEYED.encode())  # for printf
HOSTILE = {
    "packages/shop/package.yaml": f"""\
package: shop
title: "{ESCAPED}"
hosts:
  "[red]web":
    web01: {{reach: local, title: "{ESCAPED}", tags: ["[/x]"]}}
jobs:
  "[red]try":
    "[bold]":
      title: "{ESCAPED}"
      info: "{ESCAPED}"
      shell: |
        printf '{OCTAL}\\n'
        printf '{OCTAL}' >&2
        printf '{{"[red]m": 3, "\\\\u001b[2J\\\\u0007": 4}}' >"$REM_RESULT"
      hosts: web01
      params: {{p: "{ESCAPED}"}}
      every: 1d
      graph: ["[red]m"]
      retention: 1s:1h
monitors:
  "[red]":
    "[bold]": {{kind: tcp, address: 127.0.0.1, port: 1, timeout: 1s, title: "{ESCAPED}", retention: "60s:1h"}}
series:
  "[bold]": {{of: "jobs/[red]try/[bold]", field: "[red]m", title: "{ESCAPED}", unit: "[red]"}}
slas:
  "[red]":
    "[bold]":
      {{of: "jobs/[red]try/[bold]", field: "[red]m", info: "{ESCAPED}", out of tolerance: "> 2", objective: 9%,
       alert: "[red]"}}
alerts: {{"[red]": {{severity: page, title: "{ESCAPED}", labels: {{host: "{ESCAPED}"}}}}}}
state:
  "[red]": {{title: "{ESCAPED}"}}
queues:
  "[red]": {{title: "{ESCAPED}"}}
counters:
  "[red]": {{title: "{ESCAPED}"}}
locks:
  "[red]": {{title: "{ESCAPED}"}}
""",
}
HOSTILE["packages/release.yaml"] = f"""\
jobs: {{ops: {{"[red]bad": {{command: ["false"]}}}}}}
role accounts: {{"[red]": {{time zone: UTC, shifts: {{always: {{contacts: [a]}}}}, last resort: [a]}}}}
contacts: {{a: {{channels: [{{email: a@shop.example}}]}}}}
procedures:
  "[red]go":
    ask:
      title: "{ESCAPED}"
      start: "[x]"
      states: {{"[x]": {{approve: {{role account: "[red]", two person: false}}}}}}
    wait:
      start: "[x]"
      states: {{"[x]": {{signal: "[blink]", timeout: 1h}}}}
    bad:
      start: "[x]"
      states:
        "[x]": {{task: "jobs/ops/[red]bad", catch: [{{next: "[bold]"}}]}}
        "[bold]": {{fail: "{ESCAPED}"}}
scenarios:
  "[red]": {{of: "procedures/[red]go/bad", answers: {{"[x]": [{{outcome: "[red]"}}]}}, path: ["[blink]"]}}
"""
HOSTILE["crontab"] = f"# {OBEYED}\n* * * * * echo {OBEYED}\n{OBEYED}\n".replace("\r", " ")
JOB = "'shop/jobs/[red]try/[bold]'"
KEY = shlex.quote(OBEYED)
GO = "'release/procedures/[red]go'"
NAME = OBEYED.replace("/", "")
TYPED = {
    "init": "init ../again",
    "new": f"new host shop/x/{shlex.quote(OBEYED.replace('/', ''))} reach=local",
    "edit": f"edit {JOB} workers=2",
    "item new": f"item new host shop/x/{shlex.quote(OBEYED.replace('/', ''))} reach=local",
    "item copy": f"item copy {JOB} {shlex.quote(f'shop/jobs/x/{NAME}')}",
    "item move": f"item move {JOB} 'shop/jobs/[red]try/[/x]'",
    "item remove": f"item remove {JOB}",
    "fmt": "fmt --diff",
    "section add": f"section add shop/x --info {shlex.quote(OBEYED)}",
    "import": "import crontab crontab",
    "validate": "validate",
    "explain": "explain REM1203",
    "show": f"show {JOB} --origin",
    "schema show": "schema show types",
    "diff": "diff HEAD --against HEAD~1",
    "schema export": f"schema export --out {shlex.quote(OBEYED.replace('/', ''))}",
    "package list": "package list",
    "package lock": "package lock",
    "package fetch": "package fetch",
    "package vendor": "package vendor",
    "apply": "apply",
    "adopt": "adopt web01 /etc/motd",
    "rollback": "rollback 1",
    "release": "release",
    "status": "status",
    "log": "log --verify",
    "host list": "host list",
    "host check": "host check",
    "host trust": "host trust '[/x]*'",
    "job run": f"job run {JOB}",
    "job list": "job list",
    "job next": "job next",
    "job work": "job work shop/jobs/try/good --once",
    "job run-due": "job run-due --print-cron",
    "job collect": "job collect",
    "job freeze": "job freeze",
    "job thaw": "job thaw",
    "daemon": "daemon --print-unit",
    "job show": "job show 1",
    "job follow": "job follow 1",
    "job cancel": "job cancel 1",
    "job retry": "job retry 1",
    "procedure start": f"procedure start {GO}/bad",
    "procedure list": "procedure list",
    "procedure show": "procedure show 3",
    "procedure follow": "procedure follow 2",
    "procedure approve": f"procedure approve 1 --decline --yes --why {shlex.quote(OBEYED)}",
    "procedure signal": f"procedure signal 2 '[blink]' --id {shlex.quote(OBEYED)}",
    "procedure cancel": f"procedure cancel 2 --why {shlex.quote(OBEYED)}",
    "procedure redrive": "procedure redrive 3",
    "procedure test": "procedure test",
    "procedure replay": "procedure replay",
    "collect": "collect",
    "sla show": "sla show",
    "sla check": "sla check",
    "sla report": "sla report --format markdown",
    "alert list": "alert list",
    "alert show": f"alert show {shlex.quote(OBEYED)}",
    "alert why": f"alert why {shlex.quote(OBEYED)}",
    "alert ack": f"alert ack {shlex.quote(OBEYED)}",
    "alert unack": f"alert unack {shlex.quote(OBEYED)}",
    "alert resolve": f"alert resolve {shlex.quote(OBEYED)}",
    "alert silence": f"alert silence {shlex.quote('a=' + OBEYED)} --for 1h --why {shlex.quote(OBEYED)}",
    "alert simulate": f"alert simulate '[red]' --down {shlex.quote(OBEYED)}",
    "alert silences": "alert silences",
    "alert unsilence": "alert unsilence 7",
    "oncall now": "oncall now '[red]'",
    "oncall schedule": f"oncall schedule --of {shlex.quote(OBEYED)}",
    "oncall prove": "oncall prove",
    "oncall ical": f"oncall ical --of {shlex.quote(OBEYED)}",
    "oncall override": f"oncall override '[red]' a --until 8h --why {shlex.quote(OBEYED)}",
    "oncall swap": f"oncall swap '[red]' a {shlex.quote(OBEYED)}",
    "oncall overrides": "oncall overrides",
    "oncall withdraw": "oncall withdraw 1",
    "collector list": "collector list",
    "collector show": "collector show mysql",
    "collector test": "collector test tcp",
    "graph": f"graph {JOB} --last 10s",
    "series list": "series list",
    "series show": f"series show {JOB}",
    "series export": f"series export {JOB} --last 3s",
    "series query": "series query '**' --from 3s",
    "series check": f"series check {JOB}",
    "series repair": f"series repair {JOB}",
    "series resize": f"series resize {JOB}",
    "series send": "series send",
    "series listen": "series listen --statsd 127.0.0.1:0 --for 10ms",
    "state get": f"state get 'shop/state/[red]' {KEY}",
    "state set": f"state set 'shop/state/[red]' {KEY} {KEY}",
    "state delete": f"state delete 'shop/state/[red]' {KEY}",
    "state list": "state list 'shop/state/[red]'",
    "state archive": f"state archive {KEY} --drop --yes",
    "queue put": f"queue put 'shop/queues/[red]' {KEY} --id {KEY}x",
    "queue peek": "queue peek 'shop/queues/[red]'",
    "queue take": "queue take 'shop/queues/[red]'",
    "queue ack": f"queue ack 'shop/queues/[red]' {KEY}",
    "queue nack": f"queue nack 'shop/queues/[red]' {KEY}",
    "queue revive": f"queue revive 'shop/queues/[red]' {KEY}",
    "queue list": "queue list",
    "counter get": "counter get",
    "counter add": "counter add 'shop/counters/[red]'",
    "locks list": "locks list",
    "locks run": f"locks run 'shop/locks/[red]' --why {KEY} {KEY}",
    "locks break": f"locks break {KEY} 7",
    "replicate push": "replicate push web01",
    "replicate pull": f"replicate pull web01 {KEY}",
    "replicate status": "replicate status web01",
    "serve": f"serve --bind {shlex.quote(OBEYED)}",
    "user add": f"user add {shlex.quote(OBEYED)}",
    "user list": "user list",
    "user remove": f"user remove {shlex.quote(OBEYED)}",
    "plugins": "plugins",
    "doctor": "doctor",
    "version": "version",
    "completion": "completion zsh",
    "lsp": "lsp",
}
MORE = {
    "validate with findings": "validate",
    "jobs": "job list --jobs",
    "a group": "show shop",
    "a drawing of states": f"procedure show {GO}/bad",
    "an edit that does not fit": f"edit {JOB} workers={shlex.quote(OBEYED)}",
    "an edit that asks": f"edit {JOB} {shlex.quote(OBEYED)}=1",
    "no such item": f"show {shlex.quote(OBEYED)}",
    "no such finding": f"explain {shlex.quote(OBEYED)}",
    "no such command": shlex.quote(OBEYED),
    "no such option": f"status {shlex.quote('--' + OBEYED)}",
    "no such revision": f"apply {shlex.quote(OBEYED)}",
    "no such folder": f"-C {shlex.quote(OBEYED)} status",
    "no such series": f"graph {shlex.quote(OBEYED)}",
    "a parameter": f"job run {JOB} --param {shlex.quote('p=' + OBEYED)}",
    "no such parameter": f"job run {JOB} --param {shlex.quote(OBEYED + '=1')}",
    "no such collector": f"collector show {shlex.quote(OBEYED)}",
    "no such checked host": f"collect --explain {shlex.quote(OBEYED)}",
    "no such host": f"job run {JOB} --hosts {shlex.quote(OBEYED)}",
}
COMMANDS = {" ".join(command.path) for command in walk() if command.path and not command.subcommands}


def test_every_command_has_a_case() -> None:
    assert {*TYPED} == COMMANDS - {"demo"}  # it shows what the others say


@pytest.fixture
def hostile(empty: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.setenv("LOGNAME", OBEYED)
    empty.git("config", "user.name", OBEYED)
    empty.commit(message="before")
    empty.commit(HOSTILE, message=OBEYED.replace("\r", " "))
    assert empty.rem("apply", "--why", OBEYED).status == 0
    assert empty.rem(*shlex.split(f"job run {JOB}")).status == 0
    assert empty.rem("state", "set", "shop/state/[red]", OBEYED, OBEYED).status == 0
    assert empty.rem("queue", "put", "shop/queues/[red]", OBEYED, "--id", OBEYED).status == 0
    for name, status in (("ask", 0), ("wait", 0), ("bad", 1)):  # runs 1 to 3
        assert empty.rem(*shlex.split(f"procedure start {GO}/{name}")).status == status
    return empty


@pytest.mark.parametrize("case", [*TYPED, *MORE])
def test_no_terminal_obeys_what_a_command_prints(case: str, hostile: Repository) -> None:
    """Attacks 43 and 44."""
    if case == "validate with findings":
        hostile.write({"packages/bad.yaml": f"hosts: {{w: {{a: {{reach: '{OBEYED}'}}}}}}\nx: \x1b[2J\n"})
        hostile.write({"packages/worse.yaml": f'hosts: {{w: {{a: {{reach: "{ESCAPED}"}}}}}}\n"{ESCAPED}": 1\n'})
    said = typed(hostile.root, "--color", "never", *shlex.split({**TYPED, **MORE}[case]))
    assert said
    assert "\x1b" not in said
    assert HARM.findall(said) == []
    colored = typed(hostile.root, *shlex.split({**TYPED, **MORE}[case]))
    assert HARM.findall(colored.replace("\r\x1b[2K", "").replace("\r\x1b[1A", "")) == []


@pytest.mark.parametrize("case", ["job run", "job show", "show", "status", "log", "graph", "job list"])
def test_markup_is_shown_as_it_is_written(case: str, hostile: Repository) -> None:
    """Attack 44."""
    said = typed(hostile.root, "--color", "never", *shlex.split(TYPED[case]), columns=300)
    assert "[red]" in said


@pytest.mark.parametrize("case", [*TYPED, *MORE])
def test_a_pipe_gets_no_escape_byte(case: str, hostile: Repository) -> None:
    told = hostile.program(*shlex.split({**TYPED, **MORE}[case]))
    assert HARM.findall(told.out + told.err) == []
    assert "\x1b" not in told.out + told.err


@pytest.mark.parametrize("case", sorted({*TYPED} - {"completion"}))
def test_json_holds_no_byte_that_a_terminal_obeys(case: str, hostile: Repository) -> None:
    told = hostile.program(*shlex.split(TYPED[case]), "--format", "json")
    assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", told.out) == []


def failing(active: Repository, *words: str, **environment: str) -> Done:
    return active.program(*words, "job", "run", "shop/jobs/try/bad", **environment)


def test_no_color_on_a_terminal_means_no_escape_byte(active: Repository) -> None:
    said = typed(active.root, "job", "run", "shop/jobs/try/half", NO_COLOR="1")
    assert "web01" in said
    assert "\x1b" not in said


def test_a_dumb_terminal_gets_no_escape_byte(active: Repository) -> None:
    assert "\x1b" not in typed(active.root, "job", "run", "shop/jobs/try/half", TERM="dumb")


def test_a_terminal_gets_colors(active: Repository) -> None:
    assert COLOR.search(typed(active.root, "status"))


@pytest.mark.parametrize(
    ("words", "environment", "colored"),
    [
        ((), {}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ((), {"FORCE_COLOR": ""}, False),
        (("--color", "always"), {}, True),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
        (("--color", "auto"), {"FORCE_COLOR": "1"}, True),
    ],
)
def test_colors_in_a_pipe(
    words: tuple[str, ...], environment: dict[str, str], colored: bool, active: Repository
) -> None:
    told = failing(active, *words, **environment)
    assert bool(COLOR.search(told.out)) == colored
    assert "\x1b" not in COLOR.sub("", told.out + told.err)


def test_the_configuration_may_switch_colors_off(active: Repository) -> None:
    config = active.root.parent / "home/.config/rem/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('color = "never"\n')
    assert "\x1b" not in typed(active.root, "status")


def test_the_progress_bar_is_gone_at_the_end(active: Repository) -> None:
    terminal = Terminal(active.root, "job", "run", "shop/jobs/try/half", TERM="xterm")
    assert terminal.end() == 5
    assert "\x1b[?25l" in terminal.said  # it hid the cursor while it drew
    assert terminal.said.rindex("\x1b[?25h") > terminal.said.rindex("\x1b[?25l")
    assert "of 2:" not in screen(terminal.said)


def test_the_progress_bar_is_gone_after_ctrl_c(active: Repository) -> None:
    terminal = Terminal(active.root, "job", "run", "shop/jobs/try/slow")
    terminal.hear("2 running")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert "of 2:" not in screen(terminal.said)
    assert terminal.said.rindex("\x1b[?25h") > terminal.said.rindex("\x1b[?25l")


def screen(said: str) -> str:
    """What stands on the terminal in the end, as far as REM's own sequences go."""
    rows: list[str] = [""]
    at = 0
    for part in re.findall(r"\x1b\[[?0-9;]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", said):
        if part == "\n":
            at += 1
            rows += [""] * (at == len(rows))
        elif part.endswith("A") and part.startswith("\x1b"):
            at -= int(part[2:-1] or 1)
        elif part == "\x1b[2K":
            rows[at] = ""
        elif part == "\r" or part.startswith("\x1b"):
            continue
        else:
            rows[at] += part
    return "\n".join(rows)


def test_signs_that_an_encoding_has_not_become_others(active: Repository) -> None:
    told = active.program("status", PYTHONIOENCODING="ascii")
    assert (told.status, "generation 1" in told.out) == (0, True)


def test_json_in_a_poor_encoding_is_still_whole(active: Repository) -> None:
    active.commit(message="für Ana")
    active.applied({"packages/more.yaml": "hosts: {db: {db01: {reach: local}}}"})
    told = active.program("log", "--format", "json", PYTHONIOENCODING="ascii")
    assert told.out.isascii()
    assert told.document["records"]
