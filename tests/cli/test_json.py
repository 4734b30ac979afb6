"""`--format json`: exactly one document on standard output, from every command, also when it fails."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from uvicorn import Server

from rem_cli.cli import user
from rem_cli.cli.commands import walk
from rem_cli.clock import SystemClock
from rem_cli.state import Message, Terms
from rem_cli.state.sqlite import SqliteState
from tests.cli.conftest import PACKAGE, PROCEDURES, Done, Repository
from tests.cli.test_replicate import install
from tests.cli.test_shared import SHARED

CRONTAB = Path(__file__).parents[1] / "cases/importers/crontab/of-a-user/given/ana"
# What each command is asked, and the schema of its answer.
ASKED = {
    "init": ("init .", "init"),
    "new": ("new host shop/web/web03 reach=local", "new"),
    "edit": ("edit shop/hosts/web/web01 port=2222", "edit"),
    "fmt": ("fmt --check", "fmt"),
    "section add": ("section add shop/machines port=port", "section-added"),
    "item new": ("item new host shop/web/web03 reach=local", "new"),
    "item copy": ("item copy shop/hosts/web/web01 shop/hosts/db/db01", "item-copied"),
    "item move": ("item move shop/hosts/web/web01 shop/hosts/db/web01", "item-moved"),
    "item remove": ("item remove shop/hosts/web/web01", "item-removed"),
    "import": (f"import crontab {CRONTAB}", "import"),
    "validate": ("validate", "validate"),
    "explain": ("explain REM1203", "finding"),
    "show": ("show shop/jobs/try/good --origin", "item"),
    "schema show": ("schema show jobs", "section"),
    "diff": ("diff", "diff"),
    "schema export": ("schema export", "schema-export"),
    "package list": ("package list", "packages"),
    "package lock": ("package lock", "package-lock"),
    "package fetch": ("package fetch", "package-fetch"),
    "package vendor": ("package vendor", "package-vendor"),
    "apply": ("apply", "apply"),
    "adopt": ("adopt web01 MOTD", "adopt"),
    "rollback": ("rollback 1", "rollback"),
    "release": ("release", "release"),
    "status": ("status", "status"),
    "log": ("log --verify", "log"),
    "host list": ("host list", "hosts"),
    "host check": ("host check", "run"),
    "host trust": ("host trust web01", "trust"),
    "job run": ("job run shop/jobs/try/good", "run"),
    "job list": ("job list --jobs", "jobs"),
    "job next": ("job next", "job-next"),
    "job work": ("job work release/jobs/ops/handle --once", "job-work"),
    "job run-due": ("job run-due", "run-due"),
    "job collect": ("job collect", "collected"),
    "job freeze": ("job freeze --for 2h --reason x", "freeze"),
    "job thaw": ("job thaw", "thaw"),
    "daemon": ("daemon --print-unit", "unit"),
    "job show": ("job show 1", "run"),
    "job follow": ("job follow 1", "run"),
    "job cancel": ("job cancel 1", "run"),
    "job retry": ("job retry 1", "run"),
    "procedure start": ("procedure start release/procedures/ops/short", "procedure-run"),
    "procedure list": ("procedure list", "procedure-runs"),
    "procedure show": ("procedure show 1", "procedure-run"),
    "procedure follow": ("procedure follow 1", "procedure-run"),
    "procedure approve": ("procedure approve 1 --yes", "procedure-run"),
    "procedure signal": ("procedure signal 2 built", "procedure-run"),
    "procedure cancel": ("procedure cancel 2", "procedure-run"),
    "procedure redrive": ("procedure redrive 3", "procedure-run"),
    "procedure test": ("procedure test", "procedure-tests"),
    "procedure replay": ("procedure replay", "procedure-replay"),
    "collect": ("collect", "collect"),
    "sla show": ("sla show", "sla"),
    "sla check": ("sla check", "sla-check"),
    "sla report": ("sla report", "sla-report"),
    "alert list": ("alert list", "alerts"),
    "alert show": ("alert show EPISODE", "alert"),
    "alert why": ("alert why EPISODE", "alert-why"),
    "alert ack": ("alert ack EPISODE", "alert"),
    "alert unack": ("alert unack ACKED", "alert"),
    "alert resolve": ("alert resolve EPISODE", "alert"),
    "alert simulate": ("alert simulate ops", "alert-simulated"),
    "alert silence": ("alert silence host=web01 --for 2h", "silences"),
    "alert silences": ("alert silences", "silences"),
    "alert unsilence": ("alert unsilence 1", "silences"),
    "oncall now": ("oncall now", "oncall-now"),
    "oncall schedule": ("oncall schedule ops", "oncall-schedule"),
    "oncall prove": ("oncall prove", "oncall-proof"),
    "oncall override": ("oncall override ops bo --until 8h", "oncall-overrides"),
    "oncall swap": ("oncall swap ops ana bo", "oncall-overrides"),
    "oncall overrides": ("oncall overrides", "oncall-overrides"),
    "oncall withdraw": ("oncall withdraw 1", "oncall-overrides"),
    "collector list": ("collector list", "collectors"),
    "collector show": ("collector show ping", "collector"),
    "collector test": ("collector test ping", "collector-tests"),
    "graph": ("graph numbers", "graph"),
    "series list": ("series list", "series"),
    "series show": ("series show numbers", "series-info"),
    "series export": ("series export numbers --last 5s", "series-values"),
    "series check": ("series check", "series-check"),
    "series repair": ("series repair", "series-repair"),
    "series resize": ("series resize", "series-resize"),
    "series send": ("series send", "series-send"),
    "series listen": ("series listen --graphite 127.0.0.1:0 --for 10ms", "series-listen"),
    "series query": ("series query sumSeries(**/numbers/**) --from 5s", "series-query"),
    "state get": ("state get shop/state/facts owner", "state-value"),
    "state set": ("state set shop/state/facts owner ben", "state-set"),
    "state delete": ("state delete shop/state/facts owner", "state-deleted"),
    "state list": ("state list", "state"),
    "state archive": ("state archive shop/state/gone", "state-archived"),
    "queue put": ("queue put shop/queues/orders one", "queue-put"),
    "queue peek": ("queue peek shop/queues/orders", "queue-messages"),
    "queue take": ("queue take shop/queues/orders", "queue-taken"),
    "queue ack": ("queue ack shop/queues/orders 1.1", "queue-acked"),
    "queue nack": ("queue nack shop/queues/orders 1.1", "queue-nacked"),
    "queue revive": ("queue revive shop/queues/orders dead", "queue-revived"),
    "queue list": ("queue list", "queues"),
    "counter get": ("counter get", "counters"),
    "counter add": ("counter add shop/counters/hits", "counter"),
    "locks list": ("locks list", "locks"),
    "locks break": ("locks break shop/locks/deploy FENCE", "lock-broken"),
    "replicate push": ("replicate push web01 --at FAR", "replicate-push"),
    "replicate pull": ("replicate pull web01 --at FAR", "replicate-pull"),
    "replicate status": ("replicate status web01 --at FAR", "replicate-status"),
    "serve": ("serve --bind 127.0.0.1:0", "serve"),
    "user add": ("user add ana", "user"),
    "user list": ("user list", "users"),
    "user remove": ("user remove bo", "user"),
    "plugins": ("plugins", "plugins"),
    "doctor": ("doctor", "doctor"),
    "version": ("version", "version"),
}
# The same, of what is there in other forms of the same commands.
MORE = {
    "show of a group": ("show shop/jobs", "items"),
    "show of the active": ("show shop/jobs/try/good --active", "item"),
    "schema show of all": ("schema show", "sections"),
    "explain of all": ("explain", "findings"),
    "schema show of types": ("schema show types", "types"),
    "state list of values": ("state list shop/state/facts", "state-values"),
    "job list of runs": ("job list", "runs"),
    "procedure show of a procedure": ("procedure show release/procedures/ops/ask", "procedure"),
    "procedure list of procedures": ("procedure list --procedures", "procedures"),
    "validate of a commit": ("validate --rev HEAD --base HEAD", "validate"),
}
FAILING = {
    "job next": ("job next shop/jobs/try/good", "usage"),
    "job work": ("job work shop/jobs/try/good --once", "usage"),
    "job run-due": ("-E staging job run-due", "failed"),
    "job collect": ("job collect nowhere", "no-target"),
    "job freeze": ("job freeze shop/nothing", "no-target"),
    "job thaw": ("job thaw shop/nothing", "no-target"),
    "daemon": ("daemon --drain soon", "usage"),
    "new": ("new host shop/web/web01 reach=local", "cannot-edit"),
    "edit": ("edit shop/hosts/web/web01", "usage"),
    "fmt": ("fmt nowhere", "no-target"),
    "section add": ("section add shop/machines port=prt", "findings"),
    "item new": ("item new host shop/web/web01 reach=local", "cannot-edit"),
    "item copy": ("item copy shop/hosts/web/web01 shop/hosts/web/web02", "cannot-edit"),
    "item move": ("item move shop/hosts/web/web01 shop/jobs/try/web01", "usage"),
    "item remove": ("item remove shop/hosts/web/web09", "no-target"),
    "import": ("import crontab nowhere", "refused-source"),
    "show": ("show shop/jobs/try/god", "no-target"),
    "explain": ("explain REM9999", "no-target"),
    "schema show": ("schema show jbs", "no-target"),
    "diff": ("diff nowhere", "tree"),
    "schema export": ("schema export --out /dev/null/x", "failed"),
    "package lock": ("package lock --upgrade nothing", "usage"),
    "apply": ("apply nowhere", "tree"),
    "adopt": ("adopt web09 /etc/motd", "no-target"),
    "rollback": ("rollback 7", "no-target"),
    "validate": ("validate --rev nowhere", "tree"),
    "host list": ("host list db*", "no-target"),
    "host check": ("host check db*", "no-target"),
    "host trust": ("host trust db*", "no-target"),
    "job run": ("job run shop/jobs/try/good --hosts db*", "no-target"),
    "job list": ("job list --limit 0", "usage"),
    "job show": ("job show 99", "no-target"),
    "job follow": ("job follow 99", "no-target"),
    "job cancel": ("job cancel 99", "no-target"),
    "job retry": ("job retry 99", "no-target"),
    "procedure start": ("procedure start release/procedures/ops/shrt", "no-target"),
    "procedure list": ("procedure list --limit 0", "usage"),
    "procedure show": ("procedure show 99", "no-target"),
    "procedure follow": ("procedure follow 99", "no-target"),
    "procedure approve": ("procedure approve 2 --yes", "refused"),
    "procedure signal": ("procedure signal 2 bilt", "refused"),
    "procedure cancel": ("procedure cancel 3", "refused"),
    "procedure redrive": ("procedure redrive 1", "refused"),
    "procedure test": ("procedure test release/procedures/ops/ask", "no-target"),
    "procedure replay": ("procedure replay 99", "no-target"),
    "collect": ("collect --explain nowhere", "no-target"),
    "sla show": ("sla show shop/jobs/try/good", "no-target"),
    "sla check": ("-E staging sla check", "failed"),
    "sla report": ("sla report shop/slas/try/good", "no-target"),
    "alert list": ("-E staging alert list", "failed"),
    "alert show": ("alert show nothing", "no-target"),
    "alert why": ("alert why nothing", "no-target"),
    "alert ack": ("alert ack nothing", "no-target"),
    "alert unack": ("alert unack EPISODE", "guarded"),
    "alert resolve": ("alert resolve nothing", "no-target"),
    "alert simulate": ("alert simulate nobody", "no-target"),
    "alert silence": ("alert silence host=web01", "usage"),
    "alert silences": ("-E staging alert silences", "failed"),
    "alert unsilence": ("alert unsilence 9", "no-target"),
    "oncall now": ("oncall now ops --at soon", "usage"),
    "oncall schedule": ("oncall schedule nobody", "no-target"),
    "oncall prove": ("oncall prove nobody", "no-target"),
    "oncall override": ("oncall override ops bo", "usage"),
    "oncall swap": ("oncall swap ops bo bo", "usage"),
    "oncall overrides": ("-E staging oncall overrides", "failed"),
    "oncall withdraw": ("oncall withdraw 9", "no-target"),
    "collector show": ("collector show pong", "no-target"),
    "collector test": ("collector test pong", "no-target"),
    "graph": ("graph memory", "no-target"),
    "series list": ("series list memory", "no-target"),
    "series show": ("series show memory", "no-target"),
    "series export": ("series export numbers --last soon", "usage"),
    "series query": ("series query sumSeries(", "query"),
    "series check": ("series check memory", "no-target"),
    "series repair": ("series repair memory", "no-target"),
    "series resize": ("series resize memory", "no-target"),
    "series listen": ("series listen --graphite nowhere", "usage"),
    "state get": ("state get shop/state/facts nobody", "no-target"),
    "state set": ("state set shop/state/facts owner ben --if-revision 0", "stale"),
    "state delete": ("state delete shop/state/facts nobody", "no-target"),
    "state list": ("state list shop/state/nothing", "no-target"),
    "state archive": ("state archive shop/state/facts", "guarded"),
    "queue put": ("queue put shop/queues/nothing one", "no-target"),
    "queue peek": ("queue peek shop/state/facts", "no-target"),
    "queue take": ("queue take shop/queues/orders --lease soon", "usage"),
    "queue ack": ("queue ack shop/queues/orders 9.9", "lapsed"),
    "queue nack": ("queue nack shop/queues/orders 9.9", "lapsed"),
    "queue revive": ("queue revive shop/queues/orders one", "missing"),
    "counter get": ("counter get shop/counters/nothing", "no-target"),
    "counter add": ("counter add shop/counters/hits many", "usage"),
    "locks break": ("locks break shop/locks/deploy 99999", "no-target"),
    "replicate push": ("replicate push nobody", "no-target"),
    "replicate pull": ("replicate pull web01 shop/state/nothing", "no-target"),
    "replicate status": ("replicate status web01 --timeout soon", "usage"),
    "serve": ("serve --bind here", "usage"),
    "user add": ("user add ana --role king", "usage"),
    "user remove": ("user remove nobody", "no-target"),
}
# Scripts for a shell, a show for people, a protocol of its own, and another program's output: nobody reads these with a
# program.
WITHOUT = {"completion", "demo", "lsp", "locks run", "oncall ical"}
# These fail only with the command line itself, which one other test covers for all.
NEVER = {
    *("package list", "package fetch", "package vendor", "plugins", "collector list", "init", "release", "status"),
    *("queue list", "series send", "locks list", "user list", "log", "doctor", "version"),
}
COMMANDS = [" ".join(command.path) for command in walk() if command.path and not command.subcommands]


@pytest.fixture
def measured(active: Repository, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """What is active, with a run, and with something in everything that is shared."""
    monkeypatch.setattr(Server, "run", lambda self, sockets: [one.close() for one in sockets])  # else it serves
    monkeypatch.setattr(user, "_password", lambda: "a long password")
    assert active.rem("user", "add", "bo").status == 0
    active.package.write_text(PACKAGE + SHARED)
    active.applied()
    assert active.rem("job", "run", "shop/jobs/try/numbers").status == 0
    active.applied({"packages/release.yaml": PROCEDURES})
    for name, status in (("ask", 0), ("wait", 0), ("bad", 1)):  # runs 1 to 3
        assert active.rem("procedure", "start", f"release/procedures/ops/{name}").status == status
    assert active.rem("oncall", "override", "ops", "ana", "--until", "8h").status == 0
    assert active.rem("sla", "check").status == 0
    assert active.rem("alert", "silence", "host=web09", "--until-cleared").status == 0
    state = SqliteState(active.state, "vm", SystemClock())
    for bucket in ("shop/state/facts", "shop/state/gone"):
        state.bucket(bucket).put("owner", b"ana")
    orders = state.queue("shop/queues/orders", Terms(deliveries=1))
    orders.put(*[Message(b"", id=id) for id in ("taken", "dead", "waiting")])
    orders.give_back(orders.claim(2, lease=60)[1].token)
    with state.bucket("shop/locks/deploy").acquire("0", 600):
        yield active
    state.close()


def asked(repository: Repository, line: str) -> Done:
    said = {
        ".": str(repository.root),
        "MOTD": str(repository.root / "motd"),
        "FAR": str(repository.root.parent / "far"),
    }
    words = [said.get(word, word) for word in line.split()]
    if "FAR" in line.split():
        Path(said["FAR"], ".git").mkdir(parents=True)
        install(Path.home())
    if "MOTD" in line.split() and (repository.root / ".git").exists():  # one that is there and that a commit wants
        wants = f"files: {{motd: {{hosts: web01, path: '{said['MOTD']}', content: hello}}}}\n"
        repository.commit({"packages/more.yaml": f"package: more\n{wants}", "motd": "mine\n"})
    for word in {"EPISODE", "ACKED"} & {*words}:
        there = repository.rem("alert", "list", "--format", "json").document.get("episodes", [])
        words[words.index(word)] = there[0]["episode"] if there else "none"
        if word == "ACKED" and there:
            assert repository.rem("alert", "ack", there[0]["episode"]).status == 0
    if "FENCE" in words:
        held = repository.rem("locks", "list", "--format", "json").document.get("locks", [])
        words[words.index("FENCE")] = str(held[0]["fence"]) if held else "1"
    return repository.rem(*words, "--format", "json")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_case_and_a_format(command: str) -> None:
    options = next(one.options for one in walk() if " ".join(one.path) == command)
    has_format = any("json" in option.choices for option in options)
    assert has_format == (command not in WITHOUT)
    assert command in ({*ASKED} & {*FAILING, *NEVER}) | WITHOUT


@pytest.mark.parametrize("case", [*ASKED, *MORE])
def test_the_answer_is_one_document(case: str, measured: Repository) -> None:
    line, schema = {**ASKED, **MORE}[case]
    told = asked(measured, line)
    assert told.document["schema"] == f"rem.{schema}/1"
    assert told.err == ""


@pytest.mark.parametrize("case", FAILING)
def test_a_failure_is_one_document(case: str, measured: Repository) -> None:
    line, code = FAILING[case]
    told = asked(measured, line)
    assert told.document["schema"] == "rem.error/1"
    assert {"code", "message", "hint", "where"} <= told.document["error"].keys()
    assert told.document["error"]["code"] == code
    assert (told.err, told.status > 0) == ("", True)


ANYWHERE = {
    *("init", "doctor", "version", "schema show", "explain", "plugins"),
    *("collector list", "collector show", "collector test"),
}


@pytest.mark.parametrize("case", sorted({*ASKED} - ANYWHERE))
def test_a_folder_that_is_no_repository_is_one_document(case: str, measured: Repository) -> None:
    shutil.rmtree(measured.root / ".git")
    told = asked(measured, ASKED[case][0])
    assert (told.document["error"]["code"], told.err) == ("tree", "")


@pytest.mark.parametrize("case", ASKED)
def test_a_wrong_option_is_one_document(case: str, empty: Repository) -> None:
    told = empty.rem(*case.split(), "--no-such-thing", "--format=json")
    assert (told.document["error"]["code"], told.status, told.err) == ("usage", 2, "")


def test_findings_come_with_the_error(active: Repository) -> None:
    active.commit({"packages/shop/package.yaml": "hosts: {web: {web01: {reech: local}}}"})
    told = asked(active, "apply")
    (finding,) = told.document["error"]["findings"]
    assert (told.status, finding["file"], finding["line"]) == (4, "packages/shop/package.yaml", 1)


def test_times_are_rfc_3339_in_utc(measured: Repository) -> None:
    told = asked(measured, "job show 1").out + asked(measured, "log").out + asked(measured, "status").out
    times = re.findall(r'"(?:at|began|ended|started)": "(.*?)"', told)
    assert len(times) >= 5
    assert [time for time in times if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", time)] == []


def test_what_is_no_utf_8_is_base64(active: Repository) -> None:
    active.applied({"packages/more.yaml": "jobs: {try: {raw: {shell: 'printf \"\\\\377\"', hosts: web01}}}"})
    (host,) = asked(active, "job run more/jobs/try/raw").document["hosts"]
    assert (host["stdout"], host["encoding"]) == ("/w==", "base64")
