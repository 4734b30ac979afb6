"""Trees of packages that have much to do with each other, and edits of them; in memory, each write with a stamp."""

from __future__ import annotations

import hashlib
import itertools
import stat
from collections.abc import Iterable, Mapping

from hypothesis import strategies as some

from rem_cli.tree import Entry, Kind
from rem_cli.tree.commit import blob_id
from rem_cli.tree.listing import Listing

HEADS = [
    "version: 1.2\nqueues: {q: {bound: 5}}\n",
    'version: "3"\nrequire: {d: ">=1"}\n',
    "version: 1\nsections:\n  rooms:\n    grouped indexes: [{index: null, key field: name}]\n"
    "    fields: {name: {type: label}}\nrooms: {hall: }\n",
    "version: 2\nrequire: {b: '>=1'}\nrooms: {hall: }\n",
    "# nothing\n",
    'version: "2"\nrequire: {b: ">=1"}\nrooms: {berlin: {r1: {size: 3}}}\n',
    "sections:\n  rooms:\n    grouped indexes: [{index: site, type: label}, {index: null, key field: name}]\n"
    "    fields: {name: {type: label}, size: {type: count, required: true}, of: {type: ref to jobs}}\n",
    "sections: {rooms: {fields: {}}}\n",
    "rooms: {berlin: {r1: {size: three}}}\nrequire: {b: '>=1,<2', missing: '1'}\n",
    "specification: true\nparams: {slow: {type: duration, default: 5m}, who: {type: label, required: true}}\n"
    'jobs: {web: {probe: {command: [probe, "${who}"], timeout: "${slow}"}}}\n',
    "of: c\nwith: {who: ana}\njobs: {web: {probe: {timeout: 9s}, more: {command: [w]}}}\n",
    "of: c\nwith: {slow: 5}\n",
    "jobs:\n\tweb: {}\n",
    "jobs: {web: {a: {command: [w]}}}\njobs: {web: {b: {command: [w]}}}\n",
    "nmae: 1\nmonitor: {}\n",
    "fall back: [b]\ntypes: {size: {base: count, range: [1, 5]}}\n"
    "sections: {halls: {grouped indexes: [{index: null}], fields: {n: {type: size}}}}\nhalls: {h: {n: 3}}\n",
    "fall back: [a]\nof: a\n"
    "sections: {s: {grouped indexes: [{index: null}], fields: {n: {type: size}}}}\ns: {h: {n: 9}}\n",
    "links: {jobs/web/b: {merge: ../b/files/more.yaml}, jobs/web/a/info: {embed: scripts/s.sh}}\n",
    "fall back: [d]\nlinks: {jobs: {merge: [../b/jobs.yaml, files/more.yaml]}, queues/q: {embed: templates/t.yaml}}\n",
]
JOBS = [
    "web: {a: {command: [w]}}\n",
    "web:\n  a: {command: [w], timeout: 5m, graph: [x, y]}\n  b: {script: scripts/s.sh, batch: 5}\n",
    "",
    "web: {a: {script: scripts/s.sh, hosts: '@web', retention: 60s:7d}, A: {command: [w]}}\n",
    "web: {a: {command: w, timeuot: 5m}, b: {}, c: {command: [w], shell: w}}\n",
    'web: {a: {command: [w, "${group}"], title: "$${x}", env: {B: "${nothing}"}, stdin: params}}\n',
    "web: &w {a: {command: [w]}}\ndb: *w\n",
    "a: {command: [w]}\nweb: {x: {a: {command: [w]}}}\n",
    "web: {-0: {command: [w], workers: 1.0}, 007: {command: [1, 2.50, true], max_fail: +3}}\n",
    "web: [a]\n",
    "web: {a: {command: [w], hosts: '@web', every: 7s}, b: {command: [w], hosts: h, cron: '1 2 * * *'}}\n",
]
MONITORS = [
    "web: {m: {kind: job, job: jobs/web/a}}\n",
    "",
    "web: {m: {kind: ping, hosts: '@web'}}\n",
    "web: {m: {kind: job, job: d/jobs/web/a}}\n",
    "web: {m: {kind: job, job: b/jobs/web/a, every: 30s}, n: {kind: ping, port: 80}}\n",
    "web: {m: {kind: job, job: c/jobs/web/probe}, n: {kind: pign}}\n",
    "web: {m: {kind: job, job: hosts/web/h}}\nlong: {m: {kind: job, job: d/jobs/web/more}}\n",
]
HOSTS = [
    "",
    "web: {h: {}}\n",
    "db: {k: {port: 22, user: root}}\n",
    "web: {h: {address: 192.0.2.1, port: 22, tags: [a]}, i: }\n",
    "web: {h: {address: 'x y', port: -0}, i: {user: a;b, group: db, name: j}}\n",
    "web: {h: {runs locally: true}, i: {runs locally: true, scheduler: systemd, time zone: Asia/Tokyo}}\n",
]
ENSURE = [
    "x: {a: {hosts: '*', check: [c], apply: [c], after: [b/ensure/x/a]}}\n",
    "x: {a: {hosts: '*', check: [c], apply: [c], after: [ensure/x/b]}, b: {hosts: '*', check: [c], apply: [c]}}\n",
    "x:\n  a: {hosts: '*', check: [c], apply: [c], after: [ensure/x/b]}\n"
    "  b: {hosts: '*', check: [c], apply: [c], after: [a/ensure/x/a]}\n",
]
SCRIPTS = ["#!/bin/sh\n"]
NAMES = ["a", "b", "c", "d", "A", "base"]
TEXTS = {
    "package.yaml": HEADS,
    "jobs.yaml": JOBS,
    "jobs/more.yaml": JOBS,
    "monitors.yaml": MONITORS,
    "hosts.yaml": HOSTS,
    "ensure.yaml": ENSURE,
    "scripts/s.sh": [*SCRIPTS, "\0", "#!/bin/bash\n"],
    "templates/t.yaml": ["bound: 7\n", "bound: seven\n"],
    "files/more.yaml": ["a: {timeout: 3m}\n", "timeout: 3m\n", "- a\n"],
}
SOUND = {  # what there is before the first edit: it has no finding
    "packages/a/package.yaml": HEADS[0],
    "packages/a/jobs.yaml": JOBS[1],
    "packages/a/monitors.yaml": MONITORS[0],
    "packages/a/scripts/s.sh": SCRIPTS[0],
    "packages/b/package.yaml": HEADS[2],
    "packages/b/jobs.yaml": JOBS[0],
    "packages/c/package.yaml": HEADS[3],
    "packages/c/monitors.yaml": "web: {m: {kind: job, job: b/jobs/web/a, every: 30s}}\n",
    "packages/d/package.yaml": HEADS[0],
    "packages/d/hosts.yaml": HOSTS[3],
    "packages/d/scripts/s.sh": SCRIPTS[0],
}


def _contents(texts: list[str]) -> some.SearchStrategy[str | None]:
    """What is written, or None to remove it; the first ones, which have nothing wrong in them, more often."""
    return some.one_of(some.sampled_from(texts[:4]), some.sampled_from([*texts, None]))


EDITS = some.one_of(
    *(
        some.tuples(some.just(f"packages/{name}/{file}"), _contents(texts))
        for name in [*NAMES[:4], *NAMES[:4], *NAMES]
        for file, texts in TEXTS.items()
    ),
    *(some.tuples(some.just(f"packages/{name}.yaml"), _contents(HEADS)) for name in NAMES[:2]),
    some.tuples(some.just("packages/a/link"), some.sampled_from([Kind.LINK, None])),
    some.tuples(some.just("packages/a/scripts"), some.sampled_from(["a file where a folder was", None])),
)


class Memory:
    """A tree in memory that can be written to."""

    commit: str | None = None
    label = "a tree in memory"

    def __init__(self) -> None:
        self.files: dict[str, tuple[bytes | Kind, int]] = {}
        self.reads = 0
        self._stamps = itertools.count(1)
        for path, text in SOUND.items():
            self.write(path, text)

    def write(self, path: str, content: str | Kind | None) -> None:
        if content is None:
            self.files.pop(path, None)
        elif not any(other.startswith(f"{path}/") or path.startswith(f"{other}/") for other in self.files):
            # where a folder is there can be no file
            held = content if isinstance(content, Kind) else content.encode()
            self.files[path] = held, next(self._stamps)

    def committed(self) -> Committed:
        """The tree as it stands, as a commit."""
        return Committed(self.files)

    def entries(self, under: str = "packages") -> Mapping[str, Entry]:
        return {path: self._entry(path) for path in sorted(self.files)}

    def listing(self, before: Listing | None = None) -> Listing:
        stamps = {}
        for path in sorted(self.files):
            content, stamp = self.files[path]
            mode, size = (stat.S_IFLNK, 0) if isinstance(content, Kind) else (stat.S_IFREG, len(content))
            stamps[path] = mode, size, stamp, stamp, stamp
        return Listing({}, stamps)

    def _entry(self, path: str) -> Entry:
        content, stamp = self.files[path]
        if isinstance(content, Kind):
            return Entry(path, content, "", 0)
        return Entry(path, Kind.FILE, "", len(content), False, (stamp, stamp, stamp))

    def read(self, path: str) -> bytes:
        return self.read_many([path])[path]

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        found = {}
        for path in paths:
            content = self.files[path][0]
            assert isinstance(content, bytes)
            found[path] = content
        self.reads += len(found)
        return found


class Committed(Memory):
    """A commit of such a tree: what git calls each file is told, and two of the same files are one commit."""

    def __init__(self, files: Mapping[str, tuple[bytes | Kind, int]]) -> None:
        self.files, self.reads = dict(files), 0
        self.commit = hashlib.sha1(repr(sorted((path, one[0]) for path, one in files.items())).encode()).hexdigest()
        self.label = self.commit[:7]

    def _entry(self, path: str) -> Entry:
        content, _ = self.files[path]
        if isinstance(content, Kind):
            return Entry(path, content, "", 0)
        return Entry(path, Kind.FILE, blob_id(content, 40), len(content), path.endswith(".sh"))
