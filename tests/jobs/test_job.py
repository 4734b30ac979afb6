"""Jobs, hosts, parameters, and the tasks they make."""

from __future__ import annotations

import json

import pytest

from rem_cli.errors import UsageError
from rem_cli.jobs import Origin
from rem_cli.jobs.job import HERE, Assignment, Host, Job, assignments, read_params
from rem_cli.language import Item, Value
from rem_cli.language.share import Share
from rem_cli.reach import Deadlines, Target
from rem_cli.series import Aggregate, Archive, Retention
from tests.jobs.items import host, job


def _made(fields: dict[str, Value], given: tuple[str, ...] = (), hosts: tuple[Host, ...] = (HERE,)) -> list[Assignment]:
    it = Job.read(job(**fields))
    return assignments(
        it, hosts, read_params(it, given), b"#!/bin/sh\n", run=7, origin=Origin("c0ffee", due=1_800_000_000)
    )


MORE: dict[str, Value] = {"idle timeout": 20.0, "max fail": "3"}


def test_a_job_is_read_from_its_item() -> None:
    it = Job.read(
        job(
            timeout=90, grace=0.5, batch="10%", aggregate="max", retention=[[60, 3600], [300, 86400]], graph=["users"],
            **MORE,
        )
    )  # fmt: skip
    assert it.deadlines == Deadlines(run=90.0, idle=20.0, grace=0.5)
    assert (it.batch, it.max_fail) == (Share(10, percent=True), Share(3))
    assert it.retention == Retention((Archive(60, 3600), Archive(300, 86400)), Aggregate.MAX)


def test_an_item_of_the_section_series_says_how_one_measure_is_kept() -> None:
    it = Job.read(job(graph=["users", "load"]))
    fields: dict[str, Value] = {"of": it.path, "field": "users", "retention": None, "aggregate": "max"}
    said = Item("shop/series/people", "shop", "series", "builtin series", "people", {}, fields)

    assert it.keeping([said]).kept == {"users": Retention(it.retention.archives, Aggregate.MAX)}


def test_an_item_that_is_no_job_is_refused() -> None:
    with pytest.raises(UsageError, match="shop/hosts/web/web01 is no job"):
        Job.read(host("web01"))


def test_a_host_without_an_address_is_reached_by_its_name() -> None:
    assert Host.read(host("web01", port=2222)) == Host("web01", "shop/hosts/web/web01", "web01", 2222)


@pytest.mark.parametrize("field", [{"address": "-oProxyCommand=reboot"}, {"user": "-l root"}, {"address": "a\nb"}])
def test_an_address_that_looks_like_an_option_is_refused(field: dict[str, Value]) -> None:
    """Attack 32."""
    with pytest.raises(UsageError, match="could be taken for an option or a command"):
        Host.read(host("web01", **field))


@pytest.mark.parametrize(
    ("share", "total", "so_many"), [("3", 10, 3), ("10%", 100, 10), ("10%", 12, 1), ("10%", 5, 0), ("0", 9, 0)]
)
def test_a_share_is_rounded_down(share: str, total: int, so_many: int) -> None:
    assert Share.read(share, "max fail", least=0).of(total) == so_many


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("some", "batch is a number or a percentage, not 'some'"),
        ("-1", "batch is a number or a percentage, not '-1'"),
        ("0", "batch is 1 or more, not '0'"),
        ("120%", "batch is 1% to 100%, not '120%'"),
        ("", "batch is a number or a percentage, not ''"),
    ],
)
def test_a_share_that_cannot_be_is_refused(text: str, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        Share.read(text, "batch", least=1)
    assert refused.value.message == says


def test_parameters_have_defaults_that_the_command_line_beats() -> None:
    it = Job.read(job(params={"level": "info", "size": None}))
    assert read_params(it, ["size=4", "level=a=b"]) == {"level": "a=b", "size": "4"}


@pytest.mark.parametrize(
    ("given", "says", "hint"),
    [
        (["sizee=4"], "shop/jobs/web/load has no parameter 'sizee'", "did you mean size?"),
        (["x=4"], "shop/jobs/web/load has no parameter 'x'", "its parameters: size, the rest, level"),
        (["size"], "'size' is no parameter", "--param name=value"),
        ([], "shop/jobs/web/load must be given size, the rest", "--param size=… --param 'the rest=…'"),
        (["size=\0", "the rest="], "parameter 'size' holds a NUL byte, which no program can be given", None),
        (["size=\udcff", "the rest="], "parameter 'size' is not UTF-8", "give it encoded, as base64"),
    ],
)
def test_parameters_that_cannot_be_sent_are_refused(given: list[str], says: str, hint: str | None) -> None:
    it = Job.read(job(params={"size": None, "the rest": None, "level": "info"}))
    with pytest.raises(UsageError) as refused:
        read_params(it, given)
    assert (refused.value.message, refused.value.hint) == (says, hint)


@pytest.mark.parametrize("value", ["; id", "$(id)", "`id`", "a\nb", "-rf", "*", "%", "'\"", "{{x}}", "", "x" * 99_000])
def test_a_parameter_reaches_the_program_as_it_is(value: str) -> None:
    """Attack 30: never as text that a shell reads."""
    [one] = _made({"params": {"what": None}, "shell": "echo hello", "stdin": "params"}, (f"what={value}",))
    assert one.task.env["REM_PARAM_WHAT"] == value
    assert json.loads(one.task.stdin) == {"what": value}
    assert (one.task.argv, one.task.shell) == ((), "echo hello")


@pytest.mark.parametrize("name", ["PATH", "LD_PRELOAD", "BASH_ENV", "IFS"])
def test_a_parameter_never_becomes_a_variable_that_programs_heed(name: str) -> None:
    """Attack 31."""
    [one] = _made({"params": {name: "/evil"}})
    assert name not in one.task.env
    assert one.task.env[f"REM_PARAM_{name}"] == "/evil"


def test_a_parameter_over_what_an_environment_takes_goes_by_standard_input_only() -> None:
    """Attack 30, 1 MB."""
    big = "x" * 1_000_000
    [one] = _made({"params": {"what": None}, "stdin": "params"}, (f"what={big}",))
    assert "REM_PARAM_WHAT" not in one.task.env
    assert json.loads(one.task.stdin) == {"what": big}


def test_a_parameter_over_what_an_environment_takes_is_refused_without_standard_input() -> None:
    with pytest.raises(UsageError, match="parameter 'what' is over 128 KiB"):
        _made({"params": {"what": None}}, ("what=" + "x" * 1_000_000,))


def test_parameters_that_would_share_a_variable_are_refused() -> None:
    with pytest.raises(UsageError, match="'a b' and 'a-b' of shop/jobs/web/load are both REM_PARAM_A_B"):
        _made({"params": {"a b": "", "a-b": ""}})


def test_a_script_is_pushed_whole_and_given_its_arguments() -> None:
    [one] = _made({"script": "packages/shop/load.sh", "arguments": ["--fast", "1"], "result": "file"})
    assert (one.task.script, one.task.argv, one.task.result) == (b"#!/bin/sh\n", ("--fast", "1"), True)


def test_a_program_hears_what_it_is_part_of() -> None:
    [one] = _made({"env": {"REM_RUN": "forged", "LANG": "C"}})
    assert one.task.env == {
        "LANG": "C", "REM_JOB": "shop/jobs/web/load", "REM_RUN": "7", "REM_HOST": "localhost", "REM_WORKER": "1",
        "REM_COMMIT": "c0ffee", "REM_TRY": "1",
        "REM_DUE": "2027-01-15T08:00:00Z",
    }  # fmt: skip


def test_a_plug_in_speaks_with_decimal_points_unless_the_job_says_otherwise() -> None:
    assert _made({"result": "nagios"})[0].task.env["LC_ALL"] == "C.UTF-8"
    assert _made({"result": "nagios", "env": {"LC_ALL": "de_DE"}})[0].task.env["LC_ALL"] == "de_DE"


def test_every_worker_of_a_host_has_a_task() -> None:
    web = Host.read(host("web01", address="192.0.2.1", user="ops"))
    made = _made({"workers": 2}, hosts=(web, HERE))
    assert [one.target.name for one in made] == ["web01#1", "web01#2", "localhost#1", "localhost#2"]
    assert made[1].target == Target("web01#2", "192.0.2.1", None, "ops")
    assert (made[1].task.env["REM_HOST"], made[1].task.env["REM_WORKER"]) == ("web01", "2")


def test_two_hosts_of_one_name_do_not_run_together() -> None:
    twins = tuple(Host.read(host("web01", {"site": site})) for site in ("berlin", "paris"))
    with pytest.raises(UsageError, match="shop/hosts/berlin/web01 and shop/hosts/paris/web01 are both called web01"):
        _made({}, hosts=twins)
