"""Files that a package links into its content: a key that is a file, and files that lie under a section.

`links: {PATH: {embed: FILE}}` makes the file the value at that path; `{merge: [FILE, …]}` lays files under it, each
over the one before, and what the package says itself over all of them. A file that is linked is no part of a package
by its name. Linked files hold content and link nothing themselves, so links cannot go round in circles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rem_cli.language import Finding
from rem_cli.language.at import At, Misfit
from rem_cli.language.composed import Followed, Linked
from rem_cli.language.files import ROOT, repository_path
from rem_cli.language.merge import OWN, Shape, lay
from rem_cli.language.names import nearest, vocabulary
from rem_cli.language.schema import Report, Section
from rem_cli.language.source import Source
from rem_cli.language.types import READERS, Type

KINDS = ("embed", "merge")
LARGEST = 256 << 10  # bytes of a text that a key may be
Part = tuple[str, At]  # a section's name as it is written, and its content


def is_head(path: str) -> bool:
    """Whether a text is a package's own file: `packages/NAME.yaml`, or `package.yaml` in its folder."""
    stem, _, kind = path.rpartition(".")
    parts = stem.split("/")
    own = len(parts) == 2 or (len(parts) == 3 and parts[2] == "package")
    return own and parts[0] == ROOT and kind in ("yaml", "yml")


@dataclass(frozen=True)
class Link:
    """One line under `links`."""

    at: At
    keys: tuple[str, ...]  # where to: a section, then keys
    embed: bool
    files: tuple[At, ...]

    def path(self, file: At) -> str:
        """The repository path of one of its files, as it is written; nothing says that it is there."""
        return repository_path(file, str(file.data))


def read_links(words: At, report: Report) -> list[Link]:
    """The links of a package's header."""
    if words.data is not None and not isinstance(words.data, dict):
        text = f"links is a mapping, not {words.kind}"
        report(Finding("REM1201", text, words.place, hint="like {jobs/web/status/info: {embed: notes/status.md}}"))
    read = (_read_link(key, at, report) for key, at in lay(words, None, OWN, report).children())
    return [link for link in read if link]


def _read_link(key: str, at: At, report: Report) -> Link | None:
    keys = tuple(key.strip("/").split("/"))
    said = {vocabulary(word): word for word in at.data} if isinstance(at.data, dict) else {}
    kind = next(iter(said), "")
    if len(said) != 1 or kind not in KINDS:
        near = nearest(kind, KINDS) if kind not in KINDS else None
        hint = f"did you mean '{near}'?" if near else "write {embed: FILE} or {merge: FILE}"
        report(Finding("REM1530", f"'{key}' is not linked: a link says embed or merge", at.key_place, hint=hint))
        return None
    told = at.child(said[kind])
    listed = list(told.elements()) if kind == "merge" and isinstance(told.data, list) else [told]
    for file in listed:
        try:
            READERS["path"](file, Type("path", READERS["path"]))
        except Misfit as misfit:
            report(Finding("REM1320", misfit.message, file.place, hint=misfit.hint))
            return None
    if kind == "embed" and len(keys) < 2:
        hint = f"name a key in it, like {key}/…: {{embed: …}}, or lay the file under it: {{merge: {told.shown}}}"
        report(Finding("REM1530", f"'{key}' is a whole section, which no file can be", at.key_place, hint=hint))
        return None
    return Link(at, keys, kind == "embed", tuple(listed))


@dataclass(frozen=True)
class Linking:
    """What links are read with."""

    sections: Mapping[str, Section]
    sources: Mapping[str, Source]  # of the linked files that are there, by path
    follow: Callable[[At, str], str | None]
    report: Report

    def parts(self, links: list[Link], own: list[Part]) -> list[list[Part]]:
        """What each file brings, in the order in which they are laid over each other."""
        layers: list[list[Part]] = []
        for link in links:
            word, *keys = link.keys
            section = self.sections.get(vocabulary(word))
            if link.embed and (there := _there(own, link, Shape(section))):
                text = f"'{'/'.join(link.keys)}' is embedded here and written in {there.place}"
                self.report(Finding("REM1532", text, link.at.key_place, hint="take one of them out"))
                continue
            for file in link.files:
                source = self._source(link, file)
                if source is not None:
                    layers.append([(word, _under(link.at, [word, *keys], source))])
        return layers

    def _source(self, link: Link, file: At) -> Source | None:
        if is_head(link.path(file)):
            text = f"'{file.shown}' is a package of its own, which no link can be"
            self.report(
                Finding("REM1533", text, file.place, hint="make this package from it: of; or link one of its files")
            )
            return None
        found = self.follow(file, str(file.data))
        source = self.sources.get(found) if found else None
        if source is None or source.data is None:
            return None  # not there, or not readable; that is told
        if link.embed:
            return source
        if source.root is None or not isinstance(source.data, dict):
            text = f"'{file.shown}' is no mapping that could lie under '{'/'.join(link.keys)}'"
            self.report(Finding("REM1531", text, file.place, hint="embed it, or write YAML with the same keys into it"))
            return None
        return source


def _under(at: At, keys: list[str], source: Source) -> At:
    """A file's content at the end of a way of keys, the first of which is the section."""
    way = [At(at.source, (*at.path, key), {}) for key in keys]
    found: At = Linked(way.pop(), At(source, (), source.data), text=source.root is None)
    for depth in range(len(way) - 1, -1, -1):
        found = Followed(way[depth], {keys[depth + 1]: found})
    return found


def _there(own: list[Part], link: Link, shape: Shape) -> At | None:
    """What the package itself says at the path of a link."""
    word, *keys = link.keys
    found: At | None = None
    for name, at in own:
        if vocabulary(name) != vocabulary(word):
            continue
        below, here = shape, at
        for key in keys:
            same = next((child for k, child in here.children() if below.same(k) == below.same(key)), None)
            if same is None:
                break
            below, here = below.below(below.same(key)), same
        else:
            found = here
    return found
