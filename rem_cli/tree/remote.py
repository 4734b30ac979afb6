"""Packages from elsewhere: tags of other people's git repositories, one commit deep, in a cache of bare repositories.

This is the only place where git may reach the network, and only for what `rem package` was told to get. Everything that
`command.py` pins stays pinned; besides, one protocol is allowed for one address, ssh is one fixed command line, nobody
is asked for a password, nothing is redirected, objects are checked as they arrive, and size and time are bounded.

The cache may be lost at any time. What is taken out of it is held against `rem.lock` by whoever takes it.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from rem_cli.errors import UntrustedError
from rem_cli.state.private import own_folder, private_folder
from rem_cli.tree import Commit, Tree, TreeError, child
from rem_cli.tree.child import Answer
from rem_cli.tree.command import FIXED, LIMIT, PINNED, Git, inherited, pins
from rem_cli.tree.commit import CommitTree
from rem_cli.tree.reaching import Reaching, host_of

SECONDS = 300.0  # for one fetch
LARGEST = 256 << 20  # bytes of one pack: one commit of one repository of packages
MOST_TAGS = 20_000  # of one repository

_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_TAG = re.compile(r"v[0-9][0-9A-Za-z.-]{0,99}", re.ASCII)
_PINNED = (
    "core.protectHFS=true",
    "core.protectNTFS=true",
    "fetch.fsckObjects=true",
    "fetch.recurseSubmodules=false",
    "fetch.unpackLimit=1",  # one pack, so that the bound on a file is the bound on a fetch
    "fetch.writeCommitGraph=false",
    "gc.auto=0",
    "http.followRedirects=false",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=30",
    "http.sslVerify=true",
    "maintenance.auto=false",
    "transfer.credentialsInUrl=die",
)
_PROXY = ("https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY")
# Lines of git that say nothing to somebody who did not type git.
_NOISE = re.compile(
    r"fatal: (Could not read from remote|the remote end hung up)|Please make sure|and the repository|\s*$"
)
_UNTRUSTED = re.compile(
    "host key verification failed|remote host identification has changed|certificate|transport '.*' not allowed", re.I
)


class Remotes:
    """Repositories by address. An address was checked by `language.giturl` before it comes here."""

    def __init__(self, cache: Path, reaching: Reaching) -> None:
        self.cache = cache
        self._reaching = reaching
        self._kept: dict[str, Mapping[str, str]] = {}

    def tags(self, url: str) -> Mapping[str, str]:
        """The tags `v…` that the repository has now, each with its commit's full id. TreeError, UntrustedError."""
        answer = self._ask(url, "ls-remote", "--quiet", "--tags", "--", url, "refs/tags/v*")
        found: dict[str, str] = {}
        for line in answer.out.decode("ascii", "replace").splitlines():
            id, _, ref = line.partition("\t")
            tag = ref.removeprefix("refs/tags/").removesuffix("^{}")  # the second form is what the tag points at
            if _ID.fullmatch(id) and _TAG.fullmatch(tag) and (tag not in found or ref.endswith("^{}")):
                found[tag] = id
        if len(found) > MOST_TAGS:
            raise TreeError(f"{url} has more than {MOST_TAGS:,} tags", where=url)
        return found

    def kept(self, url: str) -> Mapping[str, str]:
        """The tags of a repository that are in the cache, each with its commit's full id."""
        if url not in self._kept:
            self._kept[url] = self._listed(url) if self._is_there(url) else {}
        return self._kept[url]

    def fetch(self, url: str, tag: str) -> str:
        """Get a tag's commit with its files; the commit's full id. TreeError, UntrustedError."""
        assert _TAG.fullmatch(tag), tag
        ref = f"refs/tags/{tag}"
        words = ("--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")
        self._ask(url, "fetch", *words, "--", url, f"+{ref}:{ref}")
        self._kept.pop(url, None)
        if tag not in self.kept(url):
            raise TreeError(f"{tag} of {url} names no commit", hint="tell its owners, or require another version")
        return self.kept(url)[tag]

    def at(self, url: str, commit: str) -> Tree:
        """The files of a commit that is in the cache."""
        return CommitTree(self._git(url), Commit(commit, (), "", 0.0, ""))

    def folder(self, url: str) -> Path:
        """Where a repository's commits are kept."""
        return self.cache / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.git"

    def _is_there(self, url: str) -> bool:
        if not (self.folder(url) / "HEAD").is_file():
            return False
        own_folder(self.cache)
        return True

    def _listed(self, url: str) -> Mapping[str, str]:
        form = "%(refname:strip=2)%00%(objectname)%00%(*objectname)%00%(objecttype)%00%(*objecttype)"
        answer = self._git(url).run("for-each-ref", f"--format={form}", "refs/tags/v*")
        found = {}
        for line in answer.out.decode(errors="replace").splitlines():
            tag, id, peeled, kind, below = line.split("\0")
            if (below or kind) == "commit":
                found[tag] = peeled or id
        return found

    def _git(self, url: str, *settings: str, environment: Mapping[str, str] | None = None) -> _Bare:
        return _Bare(self.folder(url), settings, environment or {})

    def _ask(self, url: str, *words: str) -> Answer:
        """Run a command that reaches the repository; the cache has a place for it afterwards."""
        protocol = url.partition("://")[0] if "://" in url else "ssh"
        if protocol not in ("https", "ssh", *(["file"] if self._reaching.files else [])):
            hint = "allow_file_urls = true in your own configuration" if protocol == "file" else None
            raise UntrustedError(f"{url} is no address to get packages from", hint=hint or "use https or ssh")
        self._make(url)
        settings = [*_PINNED, f"protocol.{protocol}.allow=always"]
        if self._reaching.certificates:
            settings.append(f"http.sslCAInfo={self._reaching.certificates}")
        environment = {**inherited(*_PROXY), "GIT_ALLOW_PROTOCOL": protocol, "GIT_SSH_VARIANT": "ssh"}
        if protocol == "ssh":
            self._reaching.allow(host_of(url))
            environment |= {**inherited("SSH_AUTH_SOCK"), "GIT_SSH_COMMAND": shlex.join(self._reaching.ssh())}
        answer = self._git(url, *settings, environment=environment).get(words)
        if answer.status != 0:
            raise _refused(url, answer)
        return answer

    def _make(self, url: str) -> None:
        try:
            private_folder(self.cache)
            folder = self.folder(url)
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            words = (error.strerror or "").lower()
            raise TreeError(
                f"could not make {self.cache}: {words}", hint="REM_CACHE=DIR names another place"
            ) from error
        if not (folder / "HEAD").is_file():
            self._git(url).run("init", "--quiet", "--bare", "--template=", "--", str(folder))


class _Bare(Git):
    """A bare repository of the cache. Without an environment of its own it reaches nothing."""

    def __init__(self, root: Path, settings: Sequence[str], environment: Mapping[str, str]) -> None:
        super().__init__(root)
        self._settings = settings
        self._environment = environment

    def get(self, words: tuple[str, ...]) -> Answer:
        """Run a command that may take as long as a network does; its answer, whatever it is."""
        return self._run(words, b"", LIMIT, SECONDS)

    def _try(self, args: tuple[str, ...], stdin: bytes, limit: int) -> Answer:
        return self._run(args, stdin, limit, self._seconds)

    def _run(self, args: tuple[str, ...], stdin: bytes, limit: int, seconds: float) -> Answer:
        argv = [self._program, "--no-pager", *pins(*PINNED, *self._settings), *args]
        environment = {
            **FIXED,
            **inherited("PATH", "HOME"),
            **self._environment,
            "GIT_DIR": str(self.root),
            "GIT_CEILING_DIRECTORIES": str(self.root),
        }
        return child.run(argv, environment, self.root, stdin, limit, seconds, largest=LARGEST)


def _refused(url: str, answer: Answer) -> TreeError | UntrustedError:
    lines = [line.strip() for line in answer.err.splitlines() if not _NOISE.match(line)]
    told = next((line for line in lines if _UNTRUSTED.search(line)), None)
    if told is not None and "transport" in told:
        return UntrustedError(f"{url} is no address to get packages from: {_plain(told)}", hint="use https or ssh")
    if told is not None:
        hint = "compare its key or certificate with the one that its owners tell, and trust that one yourself"
        return UntrustedError(f"{url} is not who it should be: {_plain(told)}", hint=hint)
    why = _plain(lines[0]) if lines else f"git ended with status {answer.status}"
    if "mismatched algorithms" in why:
        return TreeError(f"{url} names its objects by SHA-256, and rem gets only from those that use SHA-1")
    if "redirect" in why:
        return TreeError(f"{url} points elsewhere: {why}", hint="write the address that it points to")
    protocol = url.partition("://")[0]
    return TreeError(f"could not read {url}: {why}", hint=f"git ls-remote {url}" if protocol != "file" else None)


def _plain(line: str) -> str:
    for prefix in ("fatal: ", "error: ", "ssh: "):
        line = line.removeprefix(prefix)
    return line[:300]
