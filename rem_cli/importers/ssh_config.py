"""OpenSSH's ssh_config: `Host` blocks with plain names become hosts.

As in ssh(1) the first value wins. Everything else stays in the operator's own ssh_config, which REM reads as well.
"""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass, field

from rem_cli.importers.draft import Comments, Draft
from rem_cli.importers.keys import as_hostname
from rem_cli.importers.ledger import Spot
from rem_cli.importers.sources import Refused, Sources, Text
from rem_cli.language.telltale import holds_secret

GROUP = "ssh"
MAX_DEPTH = 16  # of Include, as in ssh(1)
MAX_PATTERNS = 200  # blocks of patterns that set what a host is given

_LINE = re.compile(r"\s*([A-Za-z][A-Za-z0-9]*)(?:\s*=\s*|\s+)(.*?)\s*\Z")
_STAYS = "stays in your own ssh_config, which REM reads as well"
_FIELDS = {"hostname": "address", "port": "port", "user": "user"}


@dataclass
class Block:
    """What a `Host` line or a `Match` line begins; also the lines above the first of them."""

    patterns: list[str] = field(default_factory=lambda: ["*"])
    match: bool = False  # decided by ssh when it connects
    set: dict[str, Spot] = field(default_factory=dict)  # keyword -> its line

    @property
    def names(self) -> list[str]:
        """The hosts that it names without a pattern."""
        return [] if self.match else [name for name in self.patterns if not any(sign in name for sign in "*?!")]

    def takes(self, name: str) -> bool:
        """Whether it speaks of a host by a pattern."""
        if any(one.startswith("!") and fnmatch.fnmatchcase(name, one[1:]) for one in self.patterns):
            return False
        return not self.match and any(fnmatch.fnmatchcase(name, one) for one in self.patterns)


@dataclass
class _Reading:
    sources: Sources
    draft: Draft
    comments: Comments
    block: Block
    before: list[Block]  # those with patterns, and the lines above all others
    said: dict[tuple[str, str], Spot] = field(default_factory=dict)  # host and keyword, by its name

    def ends(self) -> None:
        """The block is over; its patterns still speak of hosts below."""
        if self.block.set and not self.block.match and len(self.block.names) < len(self.block.patterns):
            if len(self.before) >= MAX_PATTERNS:
                raise Refused(f"more than {MAX_PATTERNS} blocks of patterns that set something")
            self.before.append(self.block)

    def first(self, host: str, keyword: str) -> Spot | None:
        """The line above that says it for a host."""
        earlier = (one.set[keyword] for one in self.before if keyword in one.set and one.takes(host))
        return next(earlier, None) or self.said.get((host, keyword))


def read(sources: Sources, draft: Draft) -> None:
    """Read every given file; a second one goes on where the first ended, as an Include would."""
    state = _Reading(sources, draft, Comments(draft), Block(), [])
    for text in sources.given:
        _file(text, state, 0)
    draft.notes.append("Hosts are in the group `ssh`. Keys, jump hosts and patterns stay in your own ssh_config.")


def _file(text: Text, state: _Reading, depth: int) -> None:
    state.draft.ledger.open(text)
    state.comments.drop()
    for number, row in enumerate(text.lines, 1):
        spot = Spot(text.name, number)
        if not row.strip():
            state.comments.drop()
        elif row.lstrip().startswith("#"):
            state.comments.add(spot, row)
        else:
            _line(row, spot, text, state, depth)
            if not row.lstrip().lower().startswith("host"):
                state.comments.drop()
    state.comments.drop()


def _line(row: str, spot: Spot, text: Text, state: _Reading, depth: int) -> None:
    ledger = state.draft.ledger
    found = _LINE.match(row)
    words = _words(found[2]) if found else None
    if found is None or not words:
        ledger.lost(spot, "this is no line of ssh_config: a keyword and its value")
        return
    keyword = found[1].lower()
    if keyword in ("host", "match"):
        state.ends()
        state.block = Block(words, keyword == "match")
        _begin(spot, state)
    elif keyword == "include":
        _include(words, spot, text, state, depth)
    elif state.block.match:
        ledger.lost(spot, f"belongs to a Match block, which {_STAYS}")
    else:
        _setting(keyword, words, spot, state)
    if holds_secret(row):
        ledger.hide(spot)


def _begin(spot: Spot, state: _Reading) -> None:
    ledger = state.draft.ledger
    if state.block.match:
        ledger.lost(spot, f"Match is decided when ssh connects; it {_STAYS}")
        return
    for name in state.block.patterns:
        if name not in state.block.names:
            ledger.lost(spot, f"'{name}' is a pattern; what it says {_STAYS}")
    for name in state.block.names:
        clean = as_hostname(name)
        made = state.draft.item("hosts", (GROUP, clean), spot)
        if clean != name:
            ledger.lost(spot, f"'{name}' is no host name; it is called '{made.keys[-1]}' here")
            made.fields.setdefault("title", name)
        state.comments.give(made)


def _setting(keyword: str, words: list[str], spot: Spot, state: _Reading) -> None:
    ledger, block = state.draft.ledger, state.block
    name = _FIELDS.get(keyword)
    if name is None:
        ledger.lost(spot, f"{_says(keyword)} {_STAYS}")
    elif keyword in block.set:
        ledger.lost(spot, f"line {block.set[keyword].line} says it first, and the first one wins")
    elif not block.names:
        ledger.lost(spot, f"stands under a pattern, and {_STAYS}")
    else:
        for host in block.names:
            _give(host, keyword, name, words[0], spot, state)
    block.set.setdefault(keyword, spot)


def _give(host: str, keyword: str, name: str, word: str, spot: Spot, state: _Reading) -> None:
    ledger = state.draft.ledger
    at = state.first(host, keyword)
    if at is not None:
        ledger.lost(spot, f"{at.file}:{at.line} says it first for '{host}', and the first one wins")
        return
    state.said[host, keyword] = spot
    made = state.draft.item("hosts", (GROUP, as_hostname(host)))
    value: str | int = word
    if name == "port":
        if not (word.isascii() and word.isdecimal() and len(word) < 9):
            ledger.lost(spot, f"'{word}' is no port")
            return
        value = int(word)
    elif name == "address":
        value = re.sub("%[%h]", lambda sign: "%" if sign[0] == "%%" else host, word)
    made.set(name, value, spot)
    ledger.carried(spot, made.path)


def _include(words: list[str], spot: Spot, text: Text, state: _Reading, depth: int) -> None:
    ledger = state.draft.ledger
    if depth >= MAX_DEPTH:
        ledger.lost(spot, f"more than {MAX_DEPTH} files include one another")
        return
    if state.block.match or (state.block.patterns != ["*"] and not state.block.names):
        ledger.lost(spot, f"is included only where a condition holds; it {_STAYS}")
        return
    for word in words:
        try:
            target = _at_home(word, text.folder)
            paths = state.sources.matching(target, text.folder)
            if not paths:
                ledger.lost(spot, f"no file is called '{word}'")
        except Refused as refused:
            ledger.lost(spot, f"'{word}' was not read: {refused.message}")
            continue
        for path in paths:
            try:
                included = state.sources.follow(path, text.folder)
            except Refused as refused:
                ledger.lost(spot, f"'{word}' was not read: {refused.message}")
                continue
            outer = state.block
            _file(included, state, depth + 1)
            state.ends()
            state.block = outer  # an Include ends with its file
            ledger.carried(spot, included.name)


def _at_home(word: str, folder: str) -> str:
    """`~/.ssh/x` in a file of a folder `.ssh` is a file beside it; anybody else's home is not looked for."""
    if not word.startswith("~"):
        return word
    if word.startswith("~/.ssh/") and folder.endswith("/.ssh"):
        return word.removeprefix("~/.ssh/")
    raise Refused("it is in somebody's home; give it as a FILE of its own")


def _words(rest: str) -> list[str] | None:
    """Words with double quotes around those that hold blanks; None when a quote does not close."""
    found = re.findall(r'"([^"]*)"|(#.*)|([^\s"]+)|(")', rest)
    if any(open_quote for *_, open_quote in found):
        return None
    return [quoted or plain for quoted, comment, plain, _ in found if not comment]


def _says(keyword: str) -> str:
    told = {
        "proxyjump": "a jump host",
        "proxycommand": "a command that ssh runs",
        "identityfile": "a key",
        "localforward": "a forwarding",
        "remoteforward": "a forwarding",
    }
    return told.get(keyword, "how ssh connects")
