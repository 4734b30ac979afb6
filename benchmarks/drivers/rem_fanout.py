"""The work of the benchmark on REM's own transport: MODE PORT USER KEY KNOWN_HOSTS AT_ONCE PAYLOAD SENT HOST…

Key and known_hosts come from the home directory's ssh_config, as they do for a person. A file goes as scripts go:
stored by its sha256, checked and then run. It begins with two lines that move it to where the benchmark looks for it,
and each host gets one of its own, because these hosts share a home, where the second of a sha256 would not be sent.
"""

import sys
from pathlib import Path

from rem_cli import wire
from rem_cli.reach import End, Outcome, Stop, Stream, Target, Task

mode, port, user, _key, _known_hosts, at_once, payload, sent, *hosts = sys.argv[1:]


class Ear:
    """Prints what comes, and counts who did not manage."""

    failed = 0

    def started(self, target: Target) -> None:
        pass

    def output(self, target: Target, stream: Stream, data: bytes) -> None:
        print(target.name, data.decode().strip())

    def ended(self, target: Target, end: End) -> None:
        if end.outcome is not Outcome.OK:
            self.failed += 1
            print(target.name, end.outcome, end.why)


def task(host: str) -> Task:
    if mode != "push":
        return Task(argv=("uname", "-r"))
    content = Path(payload).read_bytes()
    head = f'#!/bin/sh\nexec mv "$0" {sent}/rem.{host}\n'.encode()
    return Task(script=head + content[len(head) :])


ear = Ear()
work = [(Target(host, host, int(port), user), task(host)) for host in hosts]
with wire.open() as rem:
    for _ in range(10 if mode == "ten" else 1):
        rem.transports["ssh"].run(work, ear, parallel=int(at_once), stop=Stop())
sys.exit(1 if ear.failed else 0)
