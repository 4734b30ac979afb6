"""A repository of packages as a large team has it, the same on every machine: for benchmarks and for tests.

    python -m benchmarks.corpus FOLDER                    2,000 packages, 10,000 files of YAML, 18 MB
    python -m benchmarks.corpus FOLDER --packages 4 --errors 3

Each package is a folder of five: its header with queues, hosts, jobs, monitors, series. About a third of the files have
comments, a fifth anchors and merges, half of the jobs a block of text; every fifth package has a script and requires
another one, every seventh names a host's address as `${address}`. `--errors` puts that many mistakes in, spread evenly.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from random import Random

PACKAGES = 2_000
WORDS = [
    "auth", "backup", "batch", "billing", "build", "cache", "core", "db", "edge", "index",
    "lab", "log", "mail", "media", "mesh", "power", "probe", "proxy", "queue", "radio",
    "relay", "report", "room", "router", "search", "stage", "store", "switch", "web", "gate",
]  # fmt: skip
MISTAKES = (  # a line of jobs.yaml, and what stands there instead
    ("    timeout: 10m\n", "    timeuot: 10m\n"),
    ("    timeout: 10m\n", "    timeout: 10\n"),
    ("    timeout: 10m\n", "    timeout: 10m\n    timeout: 5m\n"),
    ("    timeout: 10m\n", "\ttimeout: 10m\n"),
    ("    timeout: 10m\n", "    script: scripts/missing.sh\n"),
)


def name(number: int) -> str:
    chosen = Random(number * 7919 + 1)
    return f"{chosen.choice(WORDS)} {chosen.choice(WORDS)} {number:04d}"


def _prose(chosen: Random, lines: int, indent: str) -> str:
    return "".join(f"{indent}{' '.join(chosen.choices(WORDS, k=11)).capitalize()}.\n" for _ in range(lines))


def _header(number: int, chosen: Random) -> str:
    text = f"# {name(number)}: see the procedure before you change it\n#\n" if chosen.random() < 0.6 else ""
    text += f"package: {name(number)}\ntitle: {' '.join(chosen.choices(WORDS, k=4)).title()}\n"
    text += f'version: "{1 + number % 4}.{chosen.randrange(20)}.{chosen.randrange(9)}"\n'
    text += f"info: |\n{_prose(chosen, chosen.randrange(4, 14), '  ')}"
    if number % 5 == 4:
        other = number - 1 - chosen.randrange(4)
        text += f'require:\n  {name(other)}: ">={1 + other % 4}"  # its sections\n'
    queues = "".join(
        f"  {word}:\n    bound: {chosen.randrange(1, 90)}000\n    lease: {chosen.randrange(1, 9)}m\n"
        for word in chosen.sample(WORDS, chosen.randrange(4))
    )
    return f"{text}queues:\n{queues}" if queues else text


def _hosts(number: int, chosen: Random) -> str:
    text = f"# Hosts of {name(number)}\n" if chosen.random() < 0.4 else ""
    for group in chosen.sample(WORDS, 2):
        text += f"{group}:\n"
        anchored = chosen.random() < 0.35
        for host in range(chosen.randrange(4, 12)):
            text += f"  {group}{host:02}.{chosen.choice(WORDS)}.example.net:\n"
            if anchored and host:
                text += f"    <<: *{group}\n" if host > 1 else f"    <<: &{group} {{user: deploy, port: 2222}}\n"
            elif chosen.random() < 0.5:
                text += f"    port: {chosen.choice([22, 2222, 22022])}\n    user: svc{chosen.randrange(20)}\n"
            text += f"    address: 10.{number % 250}.{host}.{chosen.randrange(1, 250)}\n"
            text += f"    title: {' '.join(chosen.choices(WORDS, k=5)).capitalize()}\n"
            if chosen.random() < 0.5:
                text += f"    tags: [{', '.join(chosen.sample(WORDS, 3))}]  # rack {chosen.randrange(90)}\n"
    return text


def _job(number: int, job: int, chosen: Random) -> str:
    text = f"  job {job}:\n    title: {' '.join(chosen.choices(WORDS, k=4)).capitalize()}\n"
    if number % 5 == 0 and job == 0:
        text += "    script: scripts/check.sh\n    arguments: [--all, --level=3]\n"
    elif chosen.random() < 0.5:
        lines = "".join(
            f'      /opt/bin/{chosen.choice(WORDS)} --{chosen.choice(WORDS)}={chosen.randrange(999)} "$HOME"\n'
            for _ in range(chosen.randrange(2, 7))
        )
        text += f"    shell: |\n      set -eu\n{lines}"
    else:
        text += (
            f'    command: ["/opt/bin/{chosen.choice(WORDS)}", "--{chosen.choice(WORDS)}", "{chosen.randrange(999)}"]\n'
        )
    text += f'    hosts: "{chosen.choice(WORDS)}*,!{chosen.choice(WORDS)}01.*"\n    timeout: 10m\n'
    text += f"    graph: [duration, {chosen.choice(WORDS)}]\n    batch: {chosen.choice(['10%', '25%', '5'])}\n"
    if chosen.random() < 0.4:
        text += f'    env:\n      MODE: {chosen.choice(WORDS)}\n      LEVEL: "{chosen.randrange(9)}"\n'
    if chosen.random() < 0.3:
        text += f"    info: >\n{_prose(chosen, 2, '      ')}"
    return text


def _jobs(number: int, chosen: Random) -> str:
    return "nightly:\n" + "".join(_job(number, job, chosen) for job in range(chosen.randrange(5, 15)))


def _monitors(number: int, chosen: Random) -> str:
    text = "# Names are kept: series and tickets hang on them\n" if chosen.random() < 0.3 else ""
    for group in chosen.sample(WORDS, 2):
        text += f"{group}:\n"
        for check in range(chosen.randrange(4, 12)):
            kind = chosen.choice(["ping", "http", "snmp", "tcp", "job"])
            text += f"  {kind} {check}:\n    kind: {kind}\n    every: {chosen.choice(['30s', '60s', '5m'])}\n"
            text += f"    timeout: {chosen.randrange(1, 9)}s\n"
            if kind == "http":
                site = f"{chosen.choice(WORDS)}.example.net:{chosen.randrange(1024, 9999)}"
                text += f'    url: "https://{site}/health?x={chosen.randrange(99)}"\n'
            elif kind == "snmp":
                text += f'    oid: 1.3.6.1.2.1.{chosen.randrange(1, 30)}.{check}\n    hosts: "*"\n'
            elif kind == "job":
                text += f"    job: jobs/nightly/job {chosen.randrange(5)}\n"
            else:
                text += f"    hosts: '@{chosen.choice(WORDS)}'\n"
                text += "    port: 443\n" if kind == "tcp" else ""
            if number % 7 == 0 and kind == "http":
                text += '    title: "${group} from outside"\n'
            if chosen.random() < 0.2:
                text += f"    # tuned after incident {chosen.randrange(9999)}\n"
    return text


def _series(number: int, chosen: Random) -> str:
    text = ""
    for series in range(chosen.randrange(4, 11)):
        owner = f"{name(number - 1)}/" if number and series == 0 else ""
        text += f"measure {series}:\n  title: >-\n{_prose(chosen, 2, '    ')}"
        text += f"  of: {owner}jobs/nightly/job {chosen.randrange(5)}\n  field: duration\n"
        text += f"  unit: {chosen.choice(['ms', 'percent', 'users'])}\n"
        text += f"  limit: {chosen.randrange(10, 99)}.{chosen.randrange(9)}\n"
    return text


FILES = {
    "package": _header,
    "hosts": _hosts,
    "jobs": _jobs,
    "monitors": _monitors,
    "series": _series,
}


def texts(packages: int = PACKAGES, *, errors: int = 0, seed: int = 7) -> dict[str, str]:
    """Every file by its path from the repository's root."""
    wrong = {(number * packages) // errors: MISTAKES[number % len(MISTAKES)] for number in range(errors)}
    files: dict[str, str] = {}
    for number in range(packages):
        chosen = Random(seed * 1_000_003 + number)
        folder = f"packages/{name(number)}"
        files |= {f"{folder}/{stem}.yaml": write(number, chosen) for stem, write in FILES.items()}
        if number % 5 == 0:
            files[f"{folder}/scripts/check.sh"] = '#!/bin/sh\necho "{\\"duration\\": 1}" >"$REM_RESULT"\n'
        if number in wrong:
            files[f"{folder}/jobs.yaml"] = files[f"{folder}/jobs.yaml"].replace(*wrong[number], 1)
    return files


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def main() -> None:
    parse = argparse.ArgumentParser(prog="python -m benchmarks.corpus", description=str(__doc__).partition("\n")[0])
    parse.add_argument("folder", type=Path)
    parse.add_argument("--packages", type=int, default=PACKAGES)
    parse.add_argument("--errors", type=int, default=0, help="how many mistakes, at most one a package")
    given = parse.parse_args()
    files = texts(given.packages, errors=given.errors)
    write(given.folder, files)
    yaml = [text for path, text in files.items() if path.endswith(".yaml")]
    print(f"{len(yaml):,} files of YAML, {sum(map(len, yaml)) / 1e6:.1f} MB, and {len(files) - len(yaml)} scripts")


if __name__ == "__main__":
    main()
