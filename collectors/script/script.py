"""Whatever a program finds out: one of the repository, one that is installed, a collector of a package, or a job.

It prints JSON, the text of a Nagios plug-in, what Prometheus scrapes, or lines of Graphite. It is told what it looks
at by REM_HOST and REM_ADDRESS, and what the check says under `with` by REM_PARAM_<NAME>.
"""

from __future__ import annotations

from rem_cli.collect import Conversation, Target, program
from rem_cli.collect.outputs import environment, reading
from rem_cli.reach import Task

RESULTS = {"file": "json", "none": "nagios"}  # of jobs: here there is no file, and an exit status says enough


def collect(target: Target) -> Conversation:
    fields = target.fields
    takes, given = fields.get("takes"), fields.get("with")
    env = environment(
        target.name,
        target.address,
        takes if isinstance(takes, dict) else {},
        given if isinstance(given, dict) else {},
    )
    script = target.programs.get(target.text("script"))
    shell = target.text("shell") or None
    argv = tuple(target.words("arguments") if script is not None or shell else target.words("command"))
    secrets = {"REM_CREDENTIALS": target.secret} if target.secret else {}
    task = Task(argv=argv, script=script, shell=shell, env=env, secrets=secrets)
    ran = yield program(target, task, there=target.text("where") == "host")
    kind = target.text("result", "json")
    return reading(RESULTS.get(kind, kind), ran, fields.get("measures of collector"))
