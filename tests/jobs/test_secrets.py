"""Jobs with secrets: they reach the program, and nothing that is heard or kept holds them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.errors import UsageError
from rem_cli.jobs import Lent, Origin, Run, Used
from rem_cli.jobs.events import Line
from rem_cli.jobs.job import HERE, Job, environment
from rem_cli.jobs.runner import Engines, run
from rem_cli.language import Value
from rem_cli.reach.local import LocalTransport
from rem_cli.secrets import Secret
from rem_cli.secrets.fingerprint import fingerprint
from rem_cli.secrets.resolve import Sources, resolve_all
from rem_cli.wire.conditions import evaluate
from tests.jobs.bench import Bench
from tests.jobs.items import job

VALUE = "tr0ub4dor-and-3"


@pytest.fixture
def reference(tmp_path: Path) -> str:
    path = tmp_path / "db"
    path.write_text(f"{VALUE}\n")
    path.chmod(0o600)
    return f"file:{path}"


def _run(bench: Bench, params: Mapping[str, str] | None = None, /, **fields: Value) -> Run:
    it = Job.read(job(**{name.replace("_", " "): value for name, value in fields.items()}))
    transport = LocalTransport(SystemClock())
    secrets = resolve_all({**it.secrets, **it.secret_files}, Sources(lambda path: b""))
    try:
        engines = Engines({"local": transport}, bench.records, bench.intake, bench.clock, evaluate, bench.state.queue)
        return run(
            it, [HERE], engines=engines,
            stop=bench.stop, listen=bench.hear, params=params or {}, lent=Lent(secrets), origin=Origin(),
        )  # fmt: skip
    finally:
        transport.close()


def _printed(bench: Bench, made: Run) -> bytes:
    [output] = bench.records.gather(made.id)
    return output.out + output.err


def test_a_secret_is_a_variable_of_the_program(bench: Bench, reference: str) -> None:
    made = _run(bench, shell=f'test "$PW" = {VALUE}; echo "$?, ${{#PW}}"', secrets={"PW": reference})
    assert _printed(bench, made) == b"0, 15\n"


def test_a_secret_is_a_file_that_is_gone_afterwards(bench: Bench, reference: str) -> None:
    shell = 'stat -c %a "$PW"; wc -c <"$PW"; echo "$PW" >&2'
    made = _run(bench, shell=shell, secret_files={"PW": reference})
    *said, path = _printed(bench, made).decode().split()
    assert (said, Path(path).exists(), Path(path).parent.is_dir()) == (["600", "16"], False, True)


def test_49_what_is_heard_and_kept_does_not_hold_it(bench: Bench, reference: str) -> None:
    shell = (
        'printf %s "$PW" | cut -c 1-6; printf %s "$PW" | cut -c 7-; echo "$PW" >&2; printf %s "$PW" | base64; exit 3'
    )
    made = _run(bench, shell=shell, secrets={"PW": reference})
    lines = [event.text for event in bench.events if isinstance(event, Line)]
    assert sorted(lines) == ["[secret PW]", "[secret PW]", "[secret PW]"]
    assert _printed(bench, made).count(b"[secret PW]") == 3


def test_49_a_result_does_not_hold_it(bench: Bench, reference: str) -> None:
    escaped = "".join(f"\\\\u{ord(sign):04x}" for sign in VALUE)
    shell = f"""printf '{{"%s": 1, "say": ["it is %s", "{escaped}"], "more": 2}}' "$PW" "$PW" >"$REM_RESULT" """
    made = _run(bench, shell=shell, secrets={"PW": reference}, result="file")
    result = made.hosts[0].result
    assert result.data == {"[secret PW]": 1, "say": ["it is [secret PW]", "[secret PW]"], "more": 2}
    assert {*result.measures} == {"[secret PW]", "more"}


def test_49_what_is_wrong_with_a_result_does_not_hold_it(bench: Bench, reference: str) -> None:
    made = _run(bench, shell='echo "{$PW}"', secrets={"PW": reference}, result="json")
    end = made.hosts[0].end
    assert end is not None
    assert VALUE not in json.dumps([end.why, end.hint])
    assert "the result is not JSON" in end.why


def test_a_parameter_that_is_a_secret_is_not_remembered(bench: Bench, reference: str) -> None:
    fields: dict[str, Value] = {"shell": 'echo "$REM_PARAM_AS"', "params": {"as": None}, "secrets": {"PW": reference}}
    made = _run(bench, {"as": f"ana:{VALUE}"}, **fields)
    assert bench.records.show(made.id).params == {"as": "ana:[secret PW]"}


TAKEN = "the secret A of shop/jobs/web/load would take the place of another variable"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"secrets": {"A B": "env:X"}}, "'A B' of shop/jobs/web/load is no name of an environment variable"),
        ({"secrets": {"REM_RUN": "env:X"}}, TAKEN.replace(" A ", " REM_RUN ")),
        ({"secrets": {"A": "env:X"}, "env": {"A": "1"}}, TAKEN),
        ({"secrets": {"A": "env:X"}, "secret files": {"A": "env:X"}}, TAKEN),
    ],
)
def test_a_variable_has_one_value(bench: Bench, fields: dict[str, Value], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        environment(Job.read(job(command=["w"], **fields)), {})
    assert caught.value.message == message


def test_a_run_remembers_where_its_secrets_were_and_not_what_they_were(bench: Bench, reference: str) -> None:
    used = {"PW": Used(reference, fingerprint(Secret("PW", VALUE.encode()), b"k" * 32))}
    record = bench.records.begin("shop/jobs/web/load", ["a"], origin=Origin(), params={}, parallel=1, secrets=used)
    assert bench.records.show(record.run.id).secrets == used


def test_a_fingerprint_is_the_same_for_the_same_value_and_key_alone() -> None:
    made = [
        fingerprint(Secret("A", value), key)
        for value, key in ((b"v1", b"k1"), (b"v1", b"k1"), (b"v2", b"k1"), (b"v1", b"k2"))
    ]
    assert (made[0] == made[1], len({*made})) == (True, 3)
