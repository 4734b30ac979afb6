"""No secret in anything that any command shows, keeps or starts, whatever its programs print.

Every command runs in this process and as the real program, as text and as JSON, with and without `--debug`, in a
repository whose runs were full of secrets. A command that is new belongs into LINES.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from rem_cli import wire
from rem_cli.cli.commands import walk
from rem_cli.jobs import documents
from rem_cli.main import main
from rem_cli.reach.loopback import Fleet
from rem_cli.secrets import known
from tests.cli import leaks
from tests.cli.conftest import Done, Repository
from tests.cli.leaks import Operator
from tests.cli.test_demo import Impatient
from tests.fakes.checkout import Checkout

JOB = "shop/jobs/try/tell"
LINES = {
    "init": ["init ."],
    "new": ["new host shop/web/web03 reach=local"],
    "edit": [f"edit {JOB} title=again"],
    "fmt": ["fmt --diff"],
    "section add": ["section add shop/machines port=port"],
    "item new": ["item new job shop/try/again command=[w] 'secrets={A: \"env:A\"}'"],
    "item copy": [f"item copy {JOB} shop/jobs/try/again"],
    "item move": [f"item move {JOB} shop/jobs/try/again"],
    "item remove": [f"item remove {JOB} --yes"],
    "import": ["import crontab /dev/null"],
    "validate": ["validate", "validate --format sarif", "validate --format junit", "validate --format github"],
    "explain": ["explain REM2001"],
    "show": [f"show {JOB} --origin", "show shop/contacts/bo", f"show {JOB} --active"],
    "schema show": ["schema show types"],
    "diff": ["diff --against HEAD~1", "diff HEAD --out plan.json", "diff HEAD --against HEAD~1 --format markdown"],
    "schema export": ["schema export"],
    "package list": ["package list"],
    "package lock": ["package lock"],
    "package fetch": ["package fetch"],
    "package vendor": ["package vendor"],
    "apply": ["apply --why because"],
    "adopt": ["adopt web01 /etc/motd"],
    "rollback": ["rollback 1"],
    "release": ["release"],
    "status": ["status"],
    "log": ["log --verify"],
    "host list": ["host list"],
    "host check": ["host check"],
    "host trust": ["host trust web01"],
    "job run": [f"job run {JOB}", f"job run {JOB} --param status=raise", f"job run {JOB} --tree --quiet",
                "job run shop/jobs/try/missing", "job run shop/jobs/try/others"],
    "job collect": ["job collect"],
    "job freeze": ["job freeze"],
    "job thaw": ["job thaw"],
    "daemon": ["daemon --print-unit"],
    "job list": ["job list", "job list --jobs"],
    "job next": ["job next"],
    "job work": [f"job work {JOB} --once"],
    "job run-due": ["job run-due", "job run-due --print-cron"],
    "job show": ["job show 1", "job show 2"],
    "job follow": ["job follow 1", "job follow 2"],
    "job cancel": ["job cancel 1"],
    "job retry": ["job retry 1"],
    "state set": ["state set shop/state/facts owner ben"],
    "state get": ["state get shop/state/facts owner"],
    "state list": ["state list shop/state/facts"],
    "state delete": ["state delete shop/state/facts owner"],
    "state archive": ["state archive shop/state/gone"],
    "queue put": ["queue put shop/queues/orders one"],
    "queue peek": ["queue peek shop/queues/orders"],
    "queue take": ["queue take shop/queues/orders"],
    "queue ack": ["queue ack shop/queues/orders 1.1"],
    "queue nack": ["queue nack shop/queues/orders 1.1"],
    "queue revive": ["queue revive shop/queues/orders dead"],
    "queue list": ["queue list"],
    "counter get": ["counter get"],
    "counter add": ["counter add shop/counters/hits"],
    "locks list": ["locks list"],
    "locks run": ["locks run shop/locks/deploy -- env"],
    "locks break": ["locks break shop/locks/deploy 1"],
    "sla show": ["sla show"],
    "sla check": ["sla check"],
    "sla report": ["sla report", "sla report --format html"],
    "alert list": ["alert list"],
    "alert show": ["alert show none"],
    "alert why": ["alert why none"],
    "alert ack": ["alert ack none"],
    "alert unack": ["alert unack none"],
    "alert resolve": ["alert resolve none"],
    "alert silence": ["alert silence a=b --for 1h"],
    "alert simulate": ["alert simulate 'on call'"],
    "alert silences": ["alert silences"],
    "alert unsilence": ["alert unsilence 1"],
    "oncall now": ["oncall now"],
    "oncall schedule": ["oncall schedule"],
    "oncall prove": ["oncall prove"],
    "oncall ical": ["oncall ical"],
    "oncall override": ["oncall override 'on call' bo --until 8h --why because"],
    "oncall swap": ["oncall swap 'on call' bo bo"],
    "oncall overrides": ["oncall overrides"],
    "oncall withdraw": ["oncall withdraw 1"],
    "procedure start": ["procedure start shop/procedures/ops/tell", "procedure start shop/procedures/ops/fail"],
    "procedure list": ["procedure list"],
    "procedure show": ["procedure show 1"],
    "procedure follow": ["procedure follow 1"],
    "procedure approve": ["procedure approve 1 --yes"],
    "procedure signal": ["procedure signal 1 built"],
    "procedure cancel": ["procedure cancel 1"],
    "procedure redrive": ["procedure redrive 1"],
    "procedure test": ["procedure test"],
    "procedure replay": ["procedure replay"],
    "replicate push": ["replicate push web01 --timeout 10s"],
    "replicate pull": ["replicate pull web01 --timeout 10s"],
    "replicate status": ["replicate status web01 --timeout 10s"],
    "collect": ["collect", "collect --print-cron"],
    "collector list": ["collector list"],
    "collector show": ["collector show ping"],
    "collector test": ["collector test ping"],
    "graph": [f"graph {JOB} --last 10s"],
    "series list": ["series list"],
    "series show": [f"series show {JOB}"],
    "series export": [f"series export {JOB} --last 3s"],
    "serve": ["serve --bind 0.0.0.0:0"],
    "user add": ["user add bo --role king"],
    "user list": ["user list"],
    "user remove": ["user remove nobody"],
    "series query": ["series query '**' --from 3s"],
    "series check": ["series check"],
    "series repair": ["series repair"],
    "series resize": ["series resize"],
    "series send": ["series send"],
    "series listen": ["series listen --statsd 127.0.0.1:0 --for 10ms"],
    "plugins": ["plugins"],
    "doctor": ["doctor"],
    "version": ["version"],
    "completion": ["completion zsh"],
    "demo": ["demo"],
    "lsp": ["lsp"],
}  # fmt: skip
WITHOUT_JSON = {"completion", "demo", "lsp"}
COMMANDS = {" ".join(command.path) for command in walk() if command.path and not command.subcommands}


@pytest.fixture(scope="module")
def full(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a repository, its operator, and runs that printed all secrets: one went well and one failed."""
    folder = tmp_path_factory.mktemp("leaks")
    checkout = Checkout(folder / "shop")
    operator = Operator.make(folder / "operator")
    checkout.commit({"packages/shop/package.yaml": "package: shop\n", ".gitignore": ".rem/\n"})
    leaks.commit(checkout, operator, fleet)
    (folder / "temp").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in operator.environment(fleet, folder / "temp").items():
            patch.setenv(name, value)
        assert main(["-C", str(checkout.root), "apply"]) == 0
        for status in ("0", "raise"):
            main(["-C", str(checkout.root), "job", "run", JOB, "--param", f"status={status}"])
        main(["-C", str(checkout.root), "procedure", "start", "shop/procedures/ops/tell"])
    yield folder


@pytest.fixture
def shop(
    full: Path, fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Repository:
    """A copy of it, with the operator's environment."""
    shutil.copytree(full / "shop", tmp_path / "shop", symlinks=True)
    (tmp_path / "temp").mkdir()
    for name, value in Operator(full / "operator").environment(fleet, tmp_path / "temp").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.chdir(tmp_path / "shop")
    return Repository(tmp_path / "shop", capsys)


def typed(shop: Repository, *words: str) -> Done:
    """A command in this process, which knows no secret and has the operator's variable when it begins."""
    known.forget()
    os.environ[leaks.VARIABLE] = leaks.ENV
    return shop.rem(*words)


def kept(shop: Repository, fleet: Fleet) -> list[str]:
    """Files with a secret: in the repository and its state, at home, among temporary files, on the hosts."""
    homes = [fleet.home(host) for host in fleet.hosts]
    return leaks.leaking_files([shop.root, shop.root.parent / "temp", Path.home(), *homes])


def test_every_command_is_here() -> None:
    assert {*LINES} == COMMANDS


@pytest.mark.parametrize("command", sorted(LINES))
def test_no_command_lets_a_secret_out(
    command: str, shop: Repository, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise P6, attacks 49 and 50."""
    monkeypatch.setattr(wire, "clock", Impatient)
    forms = [[]] if command in WITHOUT_JSON else [[], ["--format", "json"]]
    done: list[tuple[str, Done]] = []
    for line in LINES[command]:
        words = [str(shop.root) if word == "." else word for word in shlex.split(line)]
        ways = [form for form in forms if not ("--format" in words and form)]
        if command != "lsp":  # which would read what the tests are given
            done += [(line, typed(shop, *debug, *words, *form)) for form in ways for debug in ([], ["--debug"])]
        if command != "demo":  # which would really wait
            done += [(line, shop.program("--debug", *words, *form)) for form in ways[-1:]]
    assert [
        (line, leaks.leaks(one.out), leaks.leaks(one.err)) for line, one in done if leaks.leaks(one.out + one.err)
    ] == []
    assert [one.err for _, one in done if one.status == 70] == []
    assert kept(shop, fleet) == []


def test_what_was_printed_was_there_and_is_hidden(shop: Repository) -> None:
    """The suite would see nothing if the programs had printed nothing."""
    hosts = typed(shop, "job", "show", "2", "--format", "json").document["hosts"]
    assert [(one["host"], one["outcome"], one["exit"]) for one in hosts] == [
        ("here", "failed", 1),
        ("web01", "failed", 1),
    ]
    for one in hosts:
        for stream in ("stdout", "stderr"):
            for name in ("FROM_ENV", "FROM_FILE", "FROM_AGE", "AS_FILE"):
                assert one[stream].count(f"[secret {name}]") > 20
        assert "ValueError: ['[secret FROM_ENV]', '[secret FROM_FILE]'" in one["stderr"]
        assert one["data"]["[secret FROM_ENV]"] == {"value": 4, "unit": "[secret FROM_FILE]"}
        assert one["measures"]["[secret FROM_ENV]"] == {"value": 4.0, "unit": "[secret FROM_FILE]"}
        assert one["data"]["said"] == ["[secret FROM_AGE]", {"[secret AS_FILE]": None}]


@pytest.mark.parametrize("host", ["here", "web01"])
def test_50_no_process_but_the_program_has_a_secret(host: str, shop: Repository) -> None:
    """The job looks at every process while it runs: here, or on the host, which is this machine as well."""
    canary = shop.root.parent / "canary-"
    running = shop.started("job", "run", JOB, "--hosts", host, "--param", f"canary={canary}", "--quiet")
    out, _ = running.communicate(timeout=60)
    assert (running.returncode, "1 ok" in out) == (0, True)
    seen = json.loads(Path(f"{canary}{host}").read_text())
    assert any("rem_head" in text for _, what, text in seen if what == "cmdline")  # the wrapper is among them
    found = list(leaks.leaking_processes(Path(f"{canary}{host}")))
    # The operator's shell put its variable there; see docs/secrets.md.
    assert [one for one in found if one != (running.pid, "environ")] == []


def test_50_a_job_on_this_machine_inherits_no_secret_of_another(shop: Repository) -> None:
    done = shop.program("job", "run", "shop/jobs/try/others", "--format", "json")
    (host,) = done.document["hosts"]
    assert "TMPDIR=" in host["stdout"]
    assert leaks.VARIABLE not in host["stdout"]


def test_50_a_bug_is_reported_without_a_secret(shop: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash in the middle of a run: the report, the traceback, the message."""

    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError(f"could not log in with {leaks.ENV!r}, {leaks.FILE} and {leaks.AGE[::-1]}")

    monkeypatch.setattr(documents, "whole", breaks)
    done = typed(shop, "--debug", "job", "run", JOB, "--format", "json")
    (report,) = (shop.root.parent / "temp").glob("rem-bug-*.txt")
    hidden = "could not log in with '[secret FROM_ENV]', [secret FROM_FILE] and [secret FROM_AGE]"
    assert (done.status, done.document["error"]["message"]) == (70, f"a bug in rem: RuntimeError: {hidden}")
    assert hidden in report.read_text() and hidden in done.err
    assert leaks.leaks(done.out + done.err + report.read_text()) == []


def test_the_search_would_find_every_form(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"".join(b"> %s\n" % needle for needle in leaks.needles()))
    assert leaks.leaking_files([tmp_path]) == [f"{tmp_path}/file: ['age', 'file', 'key', 'variable']"]
    assert [needle for needle in leaks.needles() if not leaks.leaks(needle)] == []


def test_runs_tell_that_they_were_given_the_same_secrets(shop: Repository, full: Path) -> None:
    """The third one was of a procedure."""
    runs = (typed(shop, "job", "show", number, "--format", "json").document["secrets"] for number in "123")
    one, two, three = runs
    assert one == two == three
    assert {name: told["from"].partition(":")[0] for name, told in one.items()} == {
        "FROM_ENV": "env", "FROM_FILE": "file", "FROM_AGE": "age", "AS_FILE": "file",
    }  # fmt: skip
    assert len({told["fingerprint"] for told in one.values()}) == 4
    key = shop.state / "secrets.key"
    assert (key.stat().st_mode & 0o777, len(key.read_bytes())) == (0o600, 32)
