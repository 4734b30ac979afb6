"""One suite for every transport: this machine, SSH on one thread, SSH with threads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from rem_cli.reach import Deadlines, Later, Outcome, Stop, Stream, Target, Task, Transport
from tests.fakes.listener import Recorder, processes_with, run_all, run_one

SOON = Deadlines(run=0.4, grace=0.3)
WAIT = "sleep 60"


def test_a_program_that_ends_well_is_ok(transport: Transport, targets: list[Target]) -> None:
    heard = run_one(transport, targets[0], Task(argv=("echo", "hello")))
    assert (heard.started, heard.out, heard.end.outcome, heard.end.exit) == (1, b"hello\n", Outcome.OK, 0)


def test_an_exit_status_is_a_failure_that_names_it(transport: Transport, targets: list[Target]) -> None:
    end = run_one(transport, targets[0], Task(shell="exit 3")).end
    assert (end.outcome, end.exit, end.why) == (Outcome.FAILED, 3, "exit status 3")


@pytest.mark.parametrize("name", ["TERM", "KILL", "SEGV"])
def test_a_signal_is_a_failure_that_names_it(transport: Transport, targets: list[Target], name: str) -> None:
    end = run_one(transport, targets[0], Task(shell=f"kill -{name} $$")).end
    assert (end.outcome, end.exit, end.signal, end.why) == (Outcome.FAILED, None, name, f"ended by signal {name}")


def test_a_program_that_ends_its_whole_group_is_not_taken_for_ok(transport: Transport, targets: list[Target]) -> None:
    end = run_one(transport, targets[0], Task(shell="kill -KILL 0")).end
    assert (end.outcome, end.signal) == (Outcome.FAILED, "KILL")


def test_both_streams_come_apart_and_whole(transport: Transport, targets: list[Target]) -> None:
    heard = run_one(transport, targets[0], Task(shell="echo out; echo err >&2; printf end; printf err >&2"))
    assert (heard.out, heard.err) == (b"out\nend", b"err\nerr")


def test_output_without_a_line_end_is_told_while_the_program_runs(transport: Transport, targets: list[Target]) -> None:
    stop = Stop()
    listen = Recorder(on_output=lambda *_: stop.ask())
    transport.run([(targets[0], Task(shell=f"printf 'Continue? '; {WAIT}"))], listen, parallel=1, stop=stop)
    assert (listen["host0"].out, listen["host0"].end.outcome) == (b"Continue? ", Outcome.CANCELLED)


def test_35_binary_output_comes_through_unchanged(transport: Transport, targets: list[Target]) -> None:
    everything = bytes(range(256)) * 8
    assert run_one(transport, targets[0], Task(argv=("cat",), stdin=everything)).out == everything


def test_35_a_hundred_megabytes_are_counted_and_not_kept(transport: Transport, targets: list[Target]) -> None:
    task = Task(argv=("head", "-c", "100000000", "/dev/zero"), output_limit=1000)
    heard = run_one(transport, targets[0], task)
    assert (len(heard.out), heard.end.dropped, heard.end.outcome) == (1000, {Stream.OUT: 99_999_000}, Outcome.OK)


def test_35_output_after_the_exit_is_not_waited_for(transport: Transport, targets: list[Target], unique: str) -> None:
    shell = f"(sh -c 'sleep 3; echo late' {unique}) & echo now"
    heard = run_one(transport, targets[0], Task(shell=shell))
    assert (heard.out, heard.end.outcome) == (b"now\n", Outcome.OK)


def test_megabytes_of_input_arrive(transport: Transport, targets: list[Target]) -> None:
    heard = run_one(transport, targets[0], Task(argv=("wc", "-c"), stdin=b"x" * 5_000_000))
    assert heard.out.split() == [b"5000000"]


def test_input_that_the_program_does_not_want_is_no_failure(transport: Transport, targets: list[Target]) -> None:
    assert run_one(transport, targets[0], Task(argv=("true",), stdin=b"x" * 5_000_000)).end.outcome is Outcome.OK


def test_30_parameters_arrive_as_they_are(transport: Transport, targets: list[Target]) -> None:
    nasty = ("; id", "$(id)", "`id`", "a\nb", "-rf", "*", "%", "'\"\\", "{{x}}", "", "\udcff")
    script = b'#!/bin/sh\nprintf "%s|" "$@" "$VALUE"\n'
    heard = run_one(transport, targets[0], Task(script=script, argv=nasty, env={"VALUE": "a'\n$b"}))
    assert heard.out == "|".join((*nasty, "a'\n$b", "")).encode("utf-8", "surrogateescape")


def test_31_a_name_that_is_no_variable_fails_before_anything_runs(transport: Transport, targets: list[Target]) -> None:
    heard = run_one(transport, targets[0], Task(argv=("true",), env={"A;id": "x"}))
    why = "'A;id' cannot be the name of an environment variable"
    assert (heard.started, heard.end.outcome, heard.end.why) == (0, Outcome.FAILED, why)


def test_a_result_comes_back(transport: Transport, targets: list[Target]) -> None:
    task = Task(shell='echo log; echo \'{"ms": 3}\' >"$REM_RESULT"', result=True)
    heard = run_one(transport, targets[0], task)
    assert (heard.out, heard.end.result, heard.end.result_cut) == (b"log\n", b'{"ms": 3}\n', False)


def test_a_large_result_comes_back_cut_and_says_so(transport: Transport, targets: list[Target]) -> None:
    task = Task(shell='head -c 300000 /dev/zero >"$REM_RESULT"', result=True, result_limit=200_000)
    end = run_one(transport, targets[0], task).end
    assert (end.result, end.result_cut) == (bytes(200_000), True)


def test_a_failed_program_has_a_result_too(transport: Transport, targets: list[Target]) -> None:
    end = run_one(transport, targets[0], Task(shell='echo no >"$REM_RESULT"; exit 1', result=True)).end
    assert (end.outcome, end.result) == (Outcome.FAILED, b"no\n")


def test_a_script_with_crlf_line_ends_runs_and_the_hint_says_so(transport: Transport, targets: list[Target]) -> None:
    heard = run_one(transport, targets[0], Task(script=b"#!/bin/sh\r\necho ran\r\n"))
    hint = "the script has CRLF line ends and was converted; save it with LF"
    assert (heard.out, heard.end.hint) == (b"ran\n", hint)


def test_34_a_store_that_others_can_enter_is_refused_with_what_to_do(
    transport: Transport, targets: list[Target]
) -> None:
    task = Task(script=b"#!/bin/sh\necho ran\n")
    run_one(transport, targets[1], Task(shell='mkdir -p "$HOME/.cache/rem"; chmod 755 "$HOME/.cache/rem"'))
    heard = run_one(transport, targets[1], task)
    run_one(transport, targets[1], Task(shell='chmod 700 "$HOME/.cache/rem"'))
    assert (heard.started, heard.end.outcome, "chmod 700" in heard.end.why) == (0, Outcome.FAILED, True)


def test_many_targets_run_at_once_and_each_ends_once(transport: Transport, targets: list[Target]) -> None:
    listen = run_all(transport, [(target, Task(argv=("echo", target.name))) for target in targets])
    assert {name: heard.out for name, heard in listen.heard.items()} == {
        target.name: f"{target.name}\n".encode() for target in targets
    }


def test_no_more_run_at_once_than_allowed(transport: Transport, targets: list[Target]) -> None:
    running: set[str] = set()
    most = 0

    def work() -> Iterator[tuple[Target, Task]]:
        nonlocal most
        for target in targets:
            running.add(target.name)
            running.difference_update(listen.order)
            most = max(most, len(running))
            yield target, Task(argv=("true",))

    listen, stop = Recorder(), Stop()
    transport.run(work(), listen, parallel=3, stop=stop)
    assert (len(listen.order), most) == (len(targets), 3)


def test_work_may_come_later(transport: Transport, targets: list[Target]) -> None:
    """A target is given again after it has ended, and another when its time has come."""
    first, second = targets[:2]
    listen, stop = Recorder(), Stop()
    asked: list[str] = []

    def work() -> Iterator[tuple[Target, Task] | Later]:
        yield first, Task(argv=("true",))
        while not listen.order:
            yield Later()  # until a task has ended
        asked.append("ended")
        yield first, Task(argv=("true",))
        while len(listen.order) < 2:
            yield Later()
        yield Later(0.01)  # nothing runs by now
        asked.append("in time")
        yield second, Task(argv=("true",))

    transport.run(work(), listen, parallel=3, stop=stop)
    assert (listen.order, asked) == ([first.name, first.name, second.name], ["ended", "in time"])


def test_one_host_can_run_many_programs_at_once(transport: Transport, targets: list[Target]) -> None:
    work = [(Target(f"w{number}", targets[0].address), Task(argv=("echo", str(number)))) for number in range(30)]
    listen = run_all(transport, work, parallel=30)
    assert {name: heard.out for name, heard in listen.heard.items()} == {f"w{n}": b"%d\n" % n for n in range(30)}


def test_a_transport_runs_again_and_again(transport: Transport, targets: list[Target]) -> None:
    assert [run_one(transport, targets[0], Task(shell="echo $$")).end.outcome for _ in range(3)] == [Outcome.OK] * 3


def test_nothing_to_do_is_done_at_once(transport: Transport) -> None:
    assert run_all(transport, []).order == []


def test_36_a_program_over_its_time_is_ended_with_its_children(
    transport: Transport, targets: list[Target], unique: str
) -> None:
    heard = run_one(transport, targets[0], Task(shell=f"echo so far; sh -c '{WAIT}' {unique} & {WAIT}", deadlines=SOON))
    end = heard.end
    assert (heard.out, end.outcome, end.why, end.phase) == (
        b"so far\n",
        Outcome.TIMED_OUT,
        "still running after 0.4 s",
        "run",
    )
    assert (end.survivors, processes_with(unique)) == (False, [])


def test_36_a_program_that_ignores_term_is_killed(transport: Transport, targets: list[Target], unique: str) -> None:
    shell = f"trap '' TERM; while :; do sleep 0.1; done; : {unique}"
    end = run_one(transport, targets[0], Task(shell=shell, deadlines=SOON)).end
    assert (end.outcome, end.survivors, processes_with(unique)) == (Outcome.TIMED_OUT, False, [])


def test_36_a_process_that_left_the_group_is_reported(transport: Transport, targets: list[Target], unique: str) -> None:
    shell = f"setsid sh -c 'sleep 2' {unique} & {WAIT}"
    end = run_one(transport, targets[0], Task(shell=shell, deadlines=SOON)).end
    assert (end.outcome, end.survivors, "a process left the group and lives: " in end.why) == (
        Outcome.TIMED_OUT,
        True,
        True,
    )


def test_a_program_that_falls_silent_is_ended(transport: Transport, targets: list[Target]) -> None:
    end = run_one(transport, targets[0], Task(shell=f"echo x; {WAIT}", deadlines=replace(SOON, run=60, idle=0.4))).end
    assert (end.outcome, end.why) == (Outcome.TIMED_OUT, "no output for 0.4 s")


def test_35_dripping_output_keeps_a_program_from_being_idle(transport: Transport, targets: list[Target]) -> None:
    shell = "for x in 1 2 3 4 5; do printf .; sleep 0.2; done"
    heard = run_one(transport, targets[0], Task(shell=shell, deadlines=Deadlines(idle=0.8)))
    assert (heard.out, heard.end.outcome) == (b".....", Outcome.OK)


def test_36_a_stop_ends_what_runs_and_begins_nothing_more(
    transport: Transport, targets: list[Target], unique: str
) -> None:
    stop = Stop()
    listen = Recorder(on_start=lambda target: stop.ask() if target.name == "host1" else None)
    task = Task(shell=f"sh -c '{WAIT}' {unique}", deadlines=Deadlines(grace=1))
    transport.run([(target, task) for target in targets], listen, parallel=2, stop=stop)
    ends = {name: heard.end for name, heard in listen.heard.items()}
    assert {end.outcome for end in ends.values()} == {Outcome.CANCELLED}
    assert (len(ends), any(end.survivors for end in ends.values()), processes_with(unique)) == (12, False, [])


def test_36_a_second_stop_does_not_wait_and_says_what_is_not_known(transport: Transport, targets: list[Target]) -> None:
    stop = Stop()

    def ask_twice(_: Target) -> None:
        stop.ask()
        stop.ask()

    task = Task(shell="trap '' TERM; sleep 3", deadlines=Deadlines(grace=60))
    listen = Recorder(on_start=ask_twice)
    transport.run([(targets[0], task)], listen, parallel=1, stop=stop)
    assert (listen["host0"].end.outcome, listen["host0"].end.survivors) == (Outcome.CANCELLED, True)


def test_a_stop_from_before_the_run_begins_nothing(transport: Transport, targets: list[Target]) -> None:
    listen, stop = Recorder(), Stop()
    stop.ask()
    transport.run([(target, Task(argv=("true",))) for target in targets], listen, parallel=2, stop=stop)
    assert [(heard.started, heard.end.outcome) for heard in listen.heard.values()] == [(0, Outcome.CANCELLED)] * 12


def test_a_listener_that_fails_ends_the_run_with_its_own_error(transport: Transport, targets: list[Target]) -> None:
    def fail(_: Target) -> None:
        raise LookupError("a bug")

    with pytest.raises(LookupError, match="a bug"):
        transport.run([(targets[0], Task(argv=("true",)))], Recorder(on_start=fail), parallel=1, stop=Stop())
