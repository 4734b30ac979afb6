"""Whatever stands in a file, an import ends, says something of every line, and makes what the engine accepts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rem_cli.errors import RemError
from rem_cli.importers import FORMATS
from rem_cli.importers.ledger import HIDDEN
from rem_cli.importers.page import read_seal
from rem_cli.importers.result import Imported, make
from rem_cli.importers.sources import Refused, Sources
from rem_cli.language import Severity
from tests.importers.cases import CASES, PACKAGE
from tests.language.tree import BASE, resolve, told

# The file that a format is likely to have, so that its reader gets beyond the name.
NAMES = {
    "ansible-inventory": ["hosts", "hosts.yml"],
    "crontab": ["ana", "cron.d/x"],
    "systemd-timers": ["a.timer", "a.service"],
    "nagios": ["nagios.cfg", "objects.cfg"],
    "prometheus-rules": ["rules.yml"],
    "ssh-config": ["config"],
}
# Real sources by format, each with its name.
TEXTS = {
    format: [
        (file.name, file.read_bytes().decode(errors="ignore").replace("\0", ""))
        for case in CASES if case.format == format
        for file in sorted(case.folder.glob("given/**/*")) if file.is_file()
    ]
    for format in FORMATS
}  # fmt: skip
SIGNS = st.text("\"'\\#;%$@[]{}()|&:=-*/,~!? \tab0159\n\r<>\u00e9\u2028\x1b\ufeff", max_size=30)


def imported(format: str, files: dict[str, str]) -> Imported:
    paths = {posixpath.join("/src", name): text for name, text in files.items()}

    def fetch(path: str) -> bytes:
        if path not in paths:
            raise Refused("it is not there")
        return paths[path].encode(errors="surrogatepass")

    def listing(folder: str) -> Sequence[str]:
        return [path for path in paths if path.startswith(folder.rstrip("/") + "/")]

    return make(format, Sources([(path, path.removeprefix("/src/")) for path in paths], fetch, listing), PACKAGE, BASE)


def check(format: str, files: dict[str, str]) -> None:
    try:
        made = imported(format, files)
    except RemError as error:
        assert error.message
        return
    package, page = made.files.values()
    found = resolve({f"packages/{PACKAGE}/package.yaml": package}).findings
    assert [told(one) for one in found if one.severity is Severity.ERROR] == []
    lines = sum(bool(line.strip()) for text in files.values() for line in text.removeprefix("\ufeff").split("\n"))
    assert sum(made.counts.values()) == lines
    assert len(re.findall(r"^\| \d+ \|", page, re.MULTILINE)) == lines
    assert imported(format, files).files == made.files
    seal = read_seal(package, page)
    assert seal is not None and seal.intact


@st.composite
def mixed(draw: st.DrawFn, format: str, name: str) -> str:
    """A real source of this kind with some lines taken out, doubled, moved or changed; or lines of any of them."""
    ending = name.rpartition(".")[2]
    alike = [text for file, text in TEXTS[format] if file.endswith(ending)] or [text for _, text in TEXTS[format]]
    lines = draw(st.sampled_from(alike)).split("\n")
    if draw(st.integers(0, 3)) == 0:
        lines = draw(st.lists(st.sampled_from(lines), max_size=14))
    for _ in range(draw(st.integers(0, 5))):
        at = draw(st.integers(0, len(lines)))
        what = draw(st.sampled_from(["out", "again", "signs", "other"]))
        if what == "out":
            del lines[at : at + 1]
        elif what == "again":
            lines[at:at] = lines[at // 2 : at // 2 + 3]
        elif what == "other":
            lines.insert(at, draw(st.sampled_from(draw(st.sampled_from(alike)).split("\n"))))
        elif at < len(lines):
            cut = draw(st.integers(0, len(lines[at])))
            lines[at] = lines[at][:cut] + draw(SIGNS) + lines[at][cut:]
    return "\n".join(lines)


@pytest.mark.parametrize("format", FORMATS)
def test_any_lines_are_imported_or_refused(format: str) -> None:
    first, second = (*NAMES[format], "")[:2]

    @settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
    @given(mixed(format, first), mixed(format, second), SIGNS)
    def holds(one: str, other: str, more: str) -> None:
        check(format, {name: text for name, text in ((first, one), (second, f"{other}\n{more}")) if name})

    holds()


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff", "#", "\\", "}", "define host {", "a: &a [*a]", "[" * 20_000])
def test_what_is_hardly_a_file_is_imported_or_refused(format: str, text: str) -> None:
    check(format, {NAMES[format][0]: text})


SECRETS = {
    "ansible-inventory": "web1 ansible_password={0}\nweb2 db_token={0}\n",
    "crontab": "DB_PASSWORD={0}\n* * * * * true\n* * * * * x --token={0}\n",
    "systemd-timers": "[Service]\nEnvironment=DB_PASSWORD={0}\nExecStart=/bin/true\n[Timer]\nOnCalendar=daily\n",
    "nagios": "$USER3$={0}\ndefine host {{\n host_name a\n _password {0}\n}}\n",
    "ssh-config": "Host a\n HostName b\n# password: {0}\n",
}


@pytest.mark.parametrize("format", SECRETS)
def test_no_secret_of_any_form_is_written(format: str) -> None:
    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(st.text("abcdXYZ019_.+", min_size=6, max_size=20).map(lambda text: "Q7" + text))
    @example("Q7" + "x" * 200)
    def holds(secret: str) -> None:
        name = NAMES[format][0]
        files = {name: SECRETS[format].format(secret)}
        if format == "systemd-timers":
            files["a.service"] = files[name]
        made = imported(format, files)
        assert [name for name, text in made.files.items() if secret in text] == []
        assert HIDDEN in made.files[f"packages/{PACKAGE}/IMPORT.md"]

    holds()
