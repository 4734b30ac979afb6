"""Other people's repositories of packages, with tags, on this machine."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.checkout import Checkout

THINGS = "{info: Things., grouped indexes: [{index: null, key field: name}], fields: {name: {type: label}}}"
SCRIPT = "#!/bin/sh\necho hello\n"


def portal(version: str, require: str = "{}") -> dict[str, str | bytes]:
    """The files of a package `portal` that brings a section `things`, a job and its script."""
    text = f"""\
package: portal
version: {version}
require: {require}
sections: {{things: {THINGS}}}
jobs: {{web: {{greet: {{script: scripts/greet.sh}}}}}}
"""
    return {"packages/portal/package.yaml": text, "packages/portal/scripts/greet.sh": SCRIPT}


class Upstream(Checkout):
    """A repository whose commits become releases."""

    @property
    def url(self) -> str:
        return f"file://{self.root}"

    def release(self, version: str, files: dict[str, str | bytes] | None = None, *, annotated: bool = False) -> str:
        """Commit files and tag them; the commit's full id."""
        commit = self.commit(portal(version) if files is None else files, f"release {version}")
        self.git("tag", *(["--annotate", "--message", version] if annotated else []), f"v{version}")
        return commit

    def move(self, tag: str, files: dict[str, str | bytes]) -> str:
        """Put a tag on other files; the commit's full id."""
        commit = self.commit(files, f"move {tag}")
        self.git("tag", "--force", tag)
        return commit


def upstream(folder: Path) -> Upstream:
    """`portal` in the versions 1.0.0, 1.1.0, 2.0.0-rc.1 and 2.0.0."""
    made = Upstream(folder)
    made.release("1.0.0")
    made.release("1.1.0", annotated=True)
    made.release("2.0.0-rc.1")
    made.release("2.0.0")
    return made
