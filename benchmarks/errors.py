"""Puts what REM says of everyday mistakes beside what other tools say of the same ones: docs/errors.md.

REM's side is the data of its own tests (tests/cli/mistakes). The others' side is recorded by running them, which
`python -m benchmarks.errors --write` does anew; without the option only the page is written again, from the records.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.peers import CACHE

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "errors.md"
RECORDS = Path(__file__).parent / "errors.json"
MISTAKES = ROOT / "tests" / "cli" / "mistakes"

TITLES = {
    "wrong-type": "A value of the wrong type",
    "misspelt-key": "A misspelt key",
    "missing-field": "A missing field",
    "duplicate-key": "A key twice",
    "bad-cron": "A schedule that is none",
    "bad-duration": "A time that is none",
    "dangling-reference": "A reference to nothing",
    "indentation": "Indentation",
    "tab": "A tab",
}


@dataclass(frozen=True)
class Peer:
    """A tool that checks files of its own kind."""

    name: str
    what: str  # on which file it is run
    package: str  # how PyPI or Debian calls it
    debian: bool
    words: tuple[str, ...]
    file: str | None  # None: the file that REM reads


PEERS = (
    Peer("yamllint", "on the same file", "yamllint", False, ("yamllint", "-d", "relaxed", "packages"), None),
    Peer(
        *("check-jsonschema", "on a GitHub workflow", "check-jsonschema", False),
        *(("check-jsonschema", "--builtin-schema", "vendor.github-workflows", "workflow.yaml"), "workflow.yaml"),
    ),
    Peer(
        *("ansible-playbook", "on a playbook", "ansible-core", False),
        *(("ansible-playbook", "--syntax-check", "-i", "web,", "playbook.yaml"), "playbook.yaml"),
    ),
    Peer(
        *("promtool", "on alerting rules", "prometheus", True),
        *(("promtool", "check", "rules", "rules.yaml"), "rules.yaml"),
    ),
)

INTRO = """\
# What an everyday mistake looks like

Most of what goes wrong in a package is one of a few mistakes. Below stands what `rem validate` prints for each, word
for word: the files and the texts are those of REM's own tests. Beside it stands what other tools print for the same
mistake in files of their own kind, recorded by running them; yamllint, which looks at the form of YAML and not at what
it means, gets REM's file. `rem explain` tells more about each id.

"""


def mistakes() -> dict[str, dict[str, Any]]:
    """The mistakes that are on the page, in its order: `files`, what REM `prints`, and the files of `peers`."""
    present = {name: MISTAKES / f"{name}.yaml" for name in TITLES}
    return {name: yaml.safe_load(path.read_text()) for name, path in present.items() if path.is_file()}


def page(records: dict[str, Any]) -> str:
    """docs/errors.md from the tests' data and what was recorded of the others."""
    versions = ", ".join(f"{name} {version}" for name, version in records["versions"].items())
    cases = mistakes()
    head = ["| | rem |" + "".join(f" {peer.name} |" for peer in PEERS), "| --- | --- |" + " --- |" * len(PEERS)]
    for name in cases:
        said = [_verdict(records["said"][name][peer.name]) for peer in PEERS]
        told = "refused" if " error " in cases[name]["prints"] else "accepted"
        head.append(f"| [{TITLES[name]}](#{_anchor(TITLES[name])}) | {told} | {' | '.join(said)} |")
    parts = [INTRO, "\n".join(head), f"\n\nWith {versions}. Again: `python -m benchmarks.errors --write`\n"]
    for name, case in cases.items():
        parts.append(_section(name, case, records["said"][name]))
    return "".join(parts)


def _verdict(said: dict[str, Any]) -> str:
    return "refused" if said["status"] else "warned of" if said["warns"] else "accepted"


def _anchor(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _section(name: str, case: dict[str, Any], said: dict[str, Any]) -> str:
    comment = (MISTAKES / f"{name}.yaml").read_text().partition("\n")[0].removeprefix("# ")
    text = f"\n## {TITLES[name]}\n\n{comment}\n"
    for path, content in case["files"].items():
        if path.endswith(".yaml") and content.strip():
            text += f"\n`{path}`\n\n{_fenced(content, 'yaml')}"
    text += f"\n**rem**\n\n{_fenced(case['prints'].replace(', TIME', ''))}"
    for peer in PEERS:
        text += f"\n**{peer.name}**, {peer.what}\n"
        if peer.file:
            text += f"\n{_fenced(case['peers'][peer.name], 'yaml')}"
        printed = said[peer.name]["text"]
        text += f"\n{_fenced(printed)}" if printed else "\nprints nothing.\n"
    return text


def _fenced(text: str, language: str = "") -> str:
    return f"```{language}\n{text.rstrip()}\n```\n"


def record() -> dict[str, Any]:
    """What the others say, each with its version."""
    found = {peer.name: _program(peer) for peer in PEERS}
    versions = {peer.name: _version(found[peer.name]) for peer in PEERS}
    return {
        "versions": versions,
        "said": {name: {p.name: _said(p, found[p.name], case) for p in PEERS} for name, case in mistakes().items()},
    }


def _program(peer: Peer) -> Path:
    """The peer's program, fetched first: a virtual environment of its own, or a Debian package unpacked beside it."""
    folder = CACHE / f"{peer.package}-py{sys.version_info.major}.{sys.version_info.minor}"
    program = folder / ("usr/bin" if peer.debian else "bin") / peer.words[0]
    if program.exists():
        return program
    print(f"fetching {peer.name} …", file=sys.stderr)
    folder.mkdir(parents=True, exist_ok=True)
    if peer.debian:
        subprocess.run(["apt-get", "download", "-qq", peer.package], cwd=folder, check=True)
        (archive,) = folder.glob("*.deb")
        subprocess.run(["dpkg", "-x", str(archive), str(folder)], check=True)
    else:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*pip, peer.package], check=True)
        (folder / "whole").touch()  # see benchmarks/peers.py, which shares it
    return program


def _version(program: Path) -> str:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
    return found[0] if found else "?"


def _said(peer: Peer, program: Path, case: dict[str, Any]) -> dict[str, Any]:
    """What a peer prints for a mistake, and how it ends."""
    with tempfile.TemporaryDirectory() as folder:
        files = {peer.file: case["peers"][peer.name]} if peer.file else case["files"]
        for name, content in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        plain = {"PATH": os.environ["PATH"], "HOME": folder, "LANG": "C.UTF-8", "NO_COLOR": "1", "COLUMNS": "120"}
        done = subprocess.run(
            [program, *peer.words[1:]], cwd=folder, env=plain, capture_output=True, text=True, check=False
        )
        text = (done.stdout + done.stderr).replace(f"{folder}/", "").replace(folder, ".")
    lines = [line.rstrip() for line in text.replace("\t", " ").strip().splitlines()]
    return {"status": done.returncode, "warns": "warning" in text.lower(), "text": "\n".join(lines)}


def main(arguments: list[str]) -> int:
    """Write the page, with --write from a new record."""
    if "--write" in arguments:
        RECORDS.write_text(json.dumps(record(), ensure_ascii=False, indent=1) + "\n")
    PAGE.write_text(page(json.loads(RECORDS.read_text())))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
