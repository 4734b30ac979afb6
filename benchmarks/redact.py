"""What it costs to keep secrets out of output: CPU milliseconds a megabyte, by how many secrets a run was given.

python -m benchmarks.redact
python -m benchmarks.redact --write     and put the table into docs/performance.md
"""

from __future__ import annotations

import argparse
import base64
import random
import statistics
import time

from benchmarks.measure import machine, publish
from rem_cli.secrets import Secret
from rem_cli.secrets.redact import Redactor

SECRETS = (1, 3, 10, 50)
PIECE = 1 << 16  # bytes that a transport reads at once
TIMES = 5
MEGABYTE = 1_000_000


def outputs() -> dict[str, bytes]:
    """A megabyte each of what programs print."""
    chance = random.Random(1)
    line = "2026-11-25 20:11:{:02} web{:02} INFO request /api/items/{} took {} ms user=ana status=200\n"
    log = "".join(line.format(*(chance.randrange(n) for n in (60, 99, 99_999, 999))) for _ in range(12_000))
    colored = log.replace("INFO", "\x1b[32mINFO\x1b[0m")
    return {
        "log lines": log.encode()[:MEGABYTE],
        "coloured log lines": colored.encode()[:MEGABYTE],
        "base64": base64.encodebytes(chance.randbytes(MEGABYTE))[:MEGABYTE],
        "one line of zeros": b"0" * MEGABYTE,
    }


def seconds(redactor: Redactor, data: bytes) -> float:
    """Of the processor; the search is one thread and waits for nothing."""
    begun = time.process_time()
    stream = redactor.stream()
    for at in range(0, len(data), PIECE):
        stream.feed(data[at : at + PIECE])
    stream.close()
    return time.process_time() - begun


def main() -> None:
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("--write", action="store_true", help="into docs/performance.md")
    given = parse.parse_args()
    chance = random.Random(2)
    texts = outputs()
    lines = [f"Measured on {machine()}; median of {TIMES} rounds.", ""]
    lines += [f"| secrets | {' | '.join(texts)} |", f"| ---: {'| ---: ' * len(texts)}|"]
    for count in SECRETS:
        redactor = Redactor(Secret(f"S{n}", base64.b64encode(chance.randbytes(18))) for n in range(count))
        told = [statistics.median(seconds(redactor, data) for _ in range(TIMES)) * 1000 for data in texts.values()]
        lines.append(f"| {count} | {' | '.join(f'{one:.0f}' for one in told)} |")
    publish("redact", [*lines, "", "Again: `python -m benchmarks.redact --write`"], write=given.write)


if __name__ == "__main__":
    main()
