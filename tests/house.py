"""The rules of the house: which room may import what, and how big a thing may grow.

Every rule is a function from one module's text to complaints that name the file, the line and what is wrong there.
`RULES` lists them, `test_house.py` holds the product to them, `docs/architecture.md` says why.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

# A room imports only rooms that stand above it here.
ROOMS = (
    *(
        "errors",
        "clock",
        "words",
        "secrets",
        "reach",
        "state",
        "series",
        "tree",
        "language",
        "check",
        "importers",
        "plan",
    ),
    *("jobs", "collect", "procedures", "sla", "alerts", "daemon", "world", "settings", "shipped", "plugins", "wire"),
    "web",
    *("tui", "lsp", "demo", "cli", "main"),
)
FACES = {"web", "tui", "lsp", "demo", "cli", "main"}
TERMINAL = {"tui", "cli", "main"}

# Only wire names these, and their own room; the demo shows them at work.
ENGINES = {
    *("reach.ssh", "reach.local", "state.memory", "state.sqlite", "state.nats"),
    *(
        "reach.icmp",
        "reach.fping",
        "reach.tcp",
        "reach.http",
        "reach.dns",
        "reach.tls",
        "reach.snmp.wire",
        "reach.snmp.foreign",
        "reach.threads",
    ),
    *("series.whisper", "tree.git", "alerts.notify"),
}

# Functions of their arguments, time included.
PURE = {
    *("secrets.forms", "secrets.redact", "language", "importers", "plan.diff", "plan.steps", "plan.catalog"),
    *("jobs.schedule", "jobs.select", "jobs.job", "jobs.results"),
    *("jobs.fields", "jobs.nagios", "jobs.prometheus"),
    *("collect.due", "collect.rates", "collect.measured", "procedures.machine", "procedures.proofs", "sla"),
    *("alerts.episode", "alerts.decide", "alerts.silence", "alerts.oncall", "alerts.escalate"),
}
NOT_PURE = {"language.budget", "language.source", "language.syntax", "language.layout"}  # they hold the YAML libraries
NOT_PURE |= {"jobs.schedule.holidays"}  # what a library knows of a year, the same on every machine
NOT_PURE |= {"importers.files"}  # reads the files that were named
IMPURE = {"os", "socket", "subprocess", "sqlite3", "time", "asyncio"}

# Slow to load: at the top of a module only in the room that owns it, and never in that room's __init__.
HEAVY = {
    "paramiko": "reach",
    "pycurl": "reach",
    "sqlite3": "state",
    "numpy": "series",
    "whisper": "series",
    "PIL": "series",
    "git": "tree",
    "yaml": "language",
    "ruamel": "language",
    "rich": "cli",
    "textual": "tui",
    "pygls": "lsp",
    "lsprotocol": "lsp",
    "cel": "plugins",
    "jinja2": "plan",
    "holidays": "jobs",
    "starlette": "web",
    "uvicorn": "web",
    "orjson": "web",
}

FILE_LINES = 400
MEDIAN_LINES = 120
FUNCTION_LINES = 50


@dataclass(frozen=True)
class Import:
    line: int
    name: str  # "rem_cli.reach.ssh", "yaml"
    at_load: bool  # outside of functions and of `if TYPE_CHECKING`
    typing_only: bool

    @property
    def ours(self) -> str | None:
        """The name below rem_cli, "" for rem_cli itself; None for others' modules."""
        top, _, rest = self.name.partition(".")
        return rest if top == "rem_cli" else None

    @property
    def top(self) -> str:
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class Module:
    path: str  # "rem_cli/reach/ssh.py"
    text: str

    @property
    def name(self) -> str:
        """Below rem_cli: "reach.ssh"; "reach" for the room's own __init__; "" for rem_cli's."""
        parts = self.path.removesuffix(".py").split("/")[1:]
        return ".".join(parts[:-1] if parts[-1] in ("__init__", "__main__") else parts)

    @property
    def room(self) -> str:
        return "main" if self.path.endswith("rem_cli/__main__.py") else self.name.partition(".")[0]

    @property
    def is_init(self) -> bool:
        return self.path.endswith("__init__.py")

    @property
    def is_product(self) -> bool:
        return self.path.startswith("rem_cli/")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def imports(self) -> list[Import]:
        return list(_imports(self.tree))

    def says(self, line: int, what: str) -> str:
        return f"{self.path}:{line}: {what}"


def _imports(node: ast.AST, at_load: bool = True, typing_only: bool = False) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(node.lineno, alias.name, at_load, typing_only) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert not node.level, f"line {node.lineno}: a relative import hides its room"
        names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        yield from (Import(node.lineno, name, at_load, typing_only) for name in names)
    else:
        function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        typing_only = typing_only or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
        for child in ast.iter_child_nodes(node):
            yield from _imports(child, at_load and not function and not typing_only, typing_only)


def within(name: str, names: set[str]) -> bool:
    """Is `name` one of `names`, or something in one of them?"""
    parts = name.split(".")
    return any(".".join(parts[:count]) in names for count in range(1, len(parts) + 1))


Rule = Callable[[Module], Iterator[str]]


def rooms_in_order(module: Module) -> Iterator[str]:
    if module.name and module.room not in ROOMS:
        yield module.says(1, f"'{module.room}' is no room of the house: {' '.join(ROOMS)}")
        return
    for found in module.imports:
        room = (found.ours or "").partition(".")[0]
        if not module.name or room == module.room or room not in ROOMS:
            continue  # rem_cli itself holds the version, which anyone may ask for
        if ROOMS.index(room) > ROOMS.index(module.room):
            yield module.says(found.line, f"{module.room} imports {found.name}, which stands below it")


def only_wire_names_engines(module: Module) -> Iterator[str]:
    for found in module.imports:
        ours = found.ours or ""
        if within(ours, ENGINES) and module.room not in ("wire", "demo", ours.partition(".")[0]):
            yield module.says(found.line, f"{found.name} is an engine; only wire names it")


def pure_rooms_touch_nothing(module: Module) -> Iterator[str]:
    if not within(module.name, PURE) or within(module.name, NOT_PURE):
        return
    for found in module.imports:
        foreign = found.ours is None and found.top not in sys.stdlib_module_names
        if foreign or found.top in IMPURE:
            yield module.says(
                found.line, f"{module.name} is a function of its arguments and may not import {found.name}"
            )


def terminal_libraries_stay_in_faces(module: Module) -> Iterator[str]:
    for found in module.imports:
        if found.top == "click":
            yield module.says(found.line, "nobody imports click: typer carries its own")
        if found.top in ("typer", "rich", "textual") and module.room not in TERMINAL:
            yield module.says(found.line, f"{found.name} is for {', '.join(sorted(TERMINAL))} only")


def faces_keep_apart(module: Module) -> Iterator[str]:
    for found in module.imports:
        room = (found.ours or "").partition(".")[0]
        if room in ("web", "tui") and room != module.room:
            if module.room in ("web", "tui"):
                yield module.says(
                    found.line, f"{module.room} imports {found.name}: these two know nothing of each other"
                )
            elif found.at_load:
                yield module.says(found.line, f"{found.name} is loaded only inside of the command that shows it")


def heavy_imports_stay_home(module: Module) -> Iterator[str]:
    for found in module.imports:
        if found.top not in HEAVY or not found.at_load:
            continue
        if module.room != HEAVY[found.top]:
            yield module.says(found.line, f"{found.top} is slow to load; at the top only in {HEAVY[found.top]}/")
        elif module.is_init and module.name == module.room:
            yield module.says(found.line, f"{found.top} is slow to load; not in a room's __init__")


def nothing_prints_below_the_faces(module: Module) -> Iterator[str]:
    if module.room in FACES:
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield module.says(node.lineno, "print below the faces; tell a listener")
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("sys.stdout", "sys.stderr"):
            yield module.says(node.lineno, f"{ast.unparse(node)} below the faces; tell a listener")


def statuses_are_raised(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Raise) and node.exc and ast.unparse(node.exc).startswith("SystemExit"):
            yield module.says(node.lineno, "raise an error with a status; main.py turns it into an exit")
        if isinstance(node, ast.Return) and node.value and ast.unparse(node.value).startswith("typer.Exit"):
            yield module.says(node.lineno, "a returned typer.Exit exits with 0; raise it")


def names_say_what_a_thing_is(module: Module) -> Iterator[str]:
    if re.search(r"/(utils?|helpers?|common|misc)(\.py|/)", module.path):
        yield module.says(1, "this name says nothing; name it by what is in it")
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef) and re.search(r"(Manager|Helper|Util|Utils)$", node.name):
            yield module.says(node.lineno, f"{node.name} says nothing; name it by what it does")


def files_stay_small(module: Module) -> Iterator[str]:
    lines = module.text.count("\n")
    if lines > FILE_LINES:
        yield module.says(lines, f"{lines} lines; more than {FILE_LINES}: cut the room differently")


def functions_stay_small(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield module.says(node.lineno, f"{node.name} has {lines} lines; more than {FUNCTION_LINES}")


def collectors_know_two_rooms(module: Module) -> Iterator[str]:
    """A collector that REM ships with is written as anybody's would be."""
    for found in module.imports:
        ours = found.ours
        known = (
            found.top in sys.stdlib_module_names if ours is None else within(ours, {"collect", "reach", "errors", ""})
        )
        if not known or within(ours or "", ENGINES):
            yield module.says(found.line, f"a collector knows rem_cli.collect and rem_cli.reach, not {found.name}")


RULES: list[Rule] = [
    rooms_in_order,
    only_wire_names_engines,
    pure_rooms_touch_nothing,
    terminal_libraries_stay_in_faces,
    faces_keep_apart,
    heavy_imports_stay_home,
    nothing_prints_below_the_faces,
    statuses_are_raised,
    names_say_what_a_thing_is,
    files_stay_small,
    functions_stay_small,
]


def cycles(modules: Mapping[str, Module]) -> Iterator[str]:
    """Import cycles, each as the names along it; an import inside of a function counts too."""
    done: set[str] = set()

    def walk(name: str, way: list[str]) -> Iterator[str]:
        if name in way:
            yield " -> ".join([*way[way.index(name) :], name])
        elif name not in done:
            for found in modules[name].imports:
                ours = found.ours or ""
                if ours in modules and ours != name and not found.typing_only:
                    yield from walk(ours, [*way, name])
            done.add(name)

    for name in modules:
        yield from walk(name, [])


def loaded_at_start(modules: Mapping[str, Module], start: str) -> Iterator[str]:
    """Slow libraries that importing `start` loads, each with the way it came in."""
    seen: dict[str, str] = {start: start}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        for found in modules[name].imports:
            if not found.at_load:
                continue
            if found.top in HEAVY:
                yield f"{seen[name]} -> {found.name} (line {found.line})"
            parts = (found.ours or "").split(".")
            for part in (".".join(parts[:count]) for count in range(1, len(parts) + 1)):
                if part in modules and part not in seen:
                    seen[part] = f"{seen[name]} -> {part}"
                    waiting.append(part)
