"""Repositories, environments and revisions made to hurt. Numbers are those of the attack cases.

A canary is a program that leaves a mark when anything runs it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rem_cli.errors import UntrustedError
from rem_cli.tree import Kind, TreeError
from rem_cli.tree import commit as commit_tree
from rem_cli.tree.command import Git
from rem_cli.tree.git import GitRepository
from tests.fakes.checkout import Checkout


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "mark"


@pytest.fixture
def canary(tmp_path: Path, mark: Path) -> str:
    program = tmp_path / "canary"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> {mark}\ncat\n')
    program.chmod(0o755)
    return str(program)


def use_everything(root: Path) -> None:
    """Every operation of a repository, one after the other."""
    repository = GitRepository(root)
    commit = repository.resolve("HEAD")
    for tree in (repository.at(commit), repository.worktree()):
        tree.read_many([path for path, entry in tree.entries().items() if entry.kind is Kind.FILE])
    repository.log(10)
    repository.changed(commit)
    repository.is_ancestor(commit.id, commit.id)
    with pytest.raises(TreeError):
        repository.resolve("missing")


SETTINGS = [
    "core.fsmonitor",
    "core.sshCommand",
    "core.pager",
    "core.editor",
    "core.askPass",
    "core.gitProxy",
    "core.alternateRefsCommand",
    "pager.log",
    "pager.rev-list",
    "gpg.program",
    "diff.external",
    "credential.helper",
    "interactive.diffFilter",
    "uploadpack.packObjectsHook",
    "filter.planted.clean",
    "filter.planted.smudge",
    "filter.planted.process",
    "diff.planted.textconv",
    "diff.planted.command",
    "merge.planted.driver",
    "alias.rev-parse",
]


@pytest.mark.parametrize("through_include", [False, True])
def test_21_22_no_program_named_by_the_repository_runs(
    checkout: Checkout, canary: str, mark: Path, tmp_path: Path, through_include: bool
) -> None:
    checkout.commit(
        {"packages/a.yaml": "a", "packages/.gitattributes": "* filter=planted diff=planted merge=planted\n"}
    )
    checkout.write({"packages/a.yaml": "b", "packages/new.yaml": "n"})
    hooks = checkout.root / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "pre-auto-gc", "fsmonitor-watchman", "reference-transaction", "post-checkout"):
        (hooks / name).symlink_to(canary)
    target = str(tmp_path / "included") if through_include else str(checkout.root / ".git/config")
    for setting in SETTINGS:
        checkout.git("config", "--file", target, setting, f"!{canary}" if setting.startswith("alias") else canary)
    checkout.git("config", "--file", target, "core.hooksPath", str(hooks))
    checkout.git("config", "--file", target, "log.showSignature", "true")
    if through_include:
        checkout.git("config", "include.path", target)

    use_everything(checkout.root)

    assert not mark.exists()


def test_21_the_canary_would_sing(checkout: Checkout, canary: str, mark: Path) -> None:
    checkout.commit({"packages/a.yaml": "a"})
    checkout.git("config", "core.fsmonitor", canary)
    checkout.git("status")
    assert mark.exists()


def test_21_another_work_tree_named_by_the_repository_is_not_looked_at(checkout: Checkout, tmp_path: Path) -> None:
    commit = checkout.commit({"packages/a.yaml": "a"})
    (tmp_path / "elsewhere").mkdir()
    checkout.git("config", "core.worktree", str(tmp_path / "elsewhere"))
    repository = GitRepository(checkout.root)
    assert repository.changed(repository.resolve(commit)) == []


def test_21_a_missing_object_is_never_fetched(checkout: Checkout, canary: str, mark: Path) -> None:
    commit = checkout.commit({"packages/a.yaml": "a"})
    blob = checkout.git("rev-parse", "HEAD:packages/a.yaml")
    (checkout.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    for setting, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.partialCloneFilter": "blob:none",
        "remote.origin.uploadpack": canary,
        "remote.origin.url": str(checkout.root),
        "protocol.file.allow": "always",
    }.items():
        checkout.git("config", setting, value)
    repository = GitRepository(checkout.root)
    with pytest.raises(TreeError):
        repository.at(repository.resolve(commit)).read("packages/a.yaml")
    assert not mark.exists()


def test_24_what_is_no_plain_name_of_a_commit_is_refused(checkout: Checkout) -> None:
    checkout.commit({"packages/a.yaml": "a"}, "text")
    checkout.git("checkout", "--quiet", "-b", "other")
    checkout.git("checkout", "--quiet", "main")
    repository = GitRepository(checkout.root)
    output = checkout.root / "F"
    for rev in (f"--output={output}", "-x", "--all", "@{-1}", ":/text", "HEAD^{/text}", "HEAD:packages", "", "a b"):
        with pytest.raises(TreeError, match="does not name one commit"):
            repository.resolve(rev)
    for rev in ("HEAD\n", "HEAD\0", "HEAD\x1b[31m", "ma*n", "main@{1}"):
        with pytest.raises(TreeError):
            repository.resolve(rev)
    assert not output.exists()


def test_24_a_name_that_is_tag_and_branch_is_refused(checkout: Checkout) -> None:
    checkout.commit({"packages/a.yaml": "a"})
    checkout.git("tag", "v1")
    checkout.commit({"packages/a.yaml": "b"})
    checkout.git("branch", "v1")
    checkout.git("config", "core.warnAmbiguousRefs", "false")
    with pytest.raises(TreeError, match="names more than one thing") as refused:
        GitRepository(checkout.root).resolve("v1")
    assert "refs/heads/v1" in (refused.value.hint or "")


def test_24_a_branch_named_like_a_full_id_does_not_stand_for_it(checkout: Checkout) -> None:
    honest = checkout.commit({"packages/a.yaml": "a"})
    forged = checkout.commit({"packages/a.yaml": "b"})
    (checkout.root / ".git/refs/heads" / honest).write_text(f"{forged}\n")
    assert GitRepository(checkout.root).resolve(honest).id == honest


def test_24_a_branch_named_like_a_short_id_is_refused(checkout: Checkout) -> None:
    honest = checkout.commit({"packages/a.yaml": "a"})
    checkout.commit({"packages/a.yaml": "b"})
    checkout.git("branch", honest[:8])
    with pytest.raises(TreeError, match="names more than one thing"):
        GitRepository(checkout.root).resolve(honest[:8])


def test_24_replaced_and_grafted_commits_are_the_original_ones(checkout: Checkout) -> None:
    first = checkout.commit({"packages/a.yaml": "a"})
    second = checkout.commit({"packages/a.yaml": "b"})
    checkout.git("replace", second, first)
    (checkout.root / ".git/info").mkdir(exist_ok=True)
    (checkout.root / ".git/info/grafts").write_text(f"{second}\n")
    repository = GitRepository(checkout.root)
    commit = repository.resolve(second)
    assert (commit.parents, repository.at(commit).read("packages/a.yaml")) == ((first,), b"b")


def test_27_git_variables_of_the_environment_have_no_effect(
    checkout: Checkout, canary: str, mark: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = checkout.commit({"packages/a.yaml": "a"})
    other = Checkout(tmp_path / "other")
    other.commit({"packages/evil.yaml": "evil"})
    hostile = {
        "GIT_DIR": str(other.root / ".git"),
        "GIT_WORK_TREE": str(other.root),
        "GIT_OBJECT_DIRECTORY": str(other.root / ".git/objects"),
        "GIT_INDEX_FILE": str(other.root / ".git/index"),
        "GIT_EXEC_PATH": str(tmp_path),
        "GIT_SSH_COMMAND": canary,
        "GIT_EXTERNAL_DIFF": canary,
        "GIT_PAGER": canary,
        "PAGER": canary,
        "GIT_TRACE": str(tmp_path / "trace"),
        "GIT_TRACE2_EVENT": str(tmp_path / "trace2"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": canary,
        "GIT_CONFIG_PARAMETERS": f"'core.fsmonitor'='{canary}'",
    }
    for name, value in hostile.items():
        monkeypatch.setenv(name, value)

    use_everything(checkout.root)

    assert GitRepository(checkout.root).resolve().id == commit
    assert not mark.exists()
    assert not (tmp_path / "trace").exists()
    assert not (tmp_path / "trace2").exists()


def test_27_a_git_in_the_current_folder_is_not_run(
    checkout: Checkout, canary: str, mark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout.commit({"packages/a.yaml": "a"})
    shutil.copy(canary, checkout.root / "git")
    monkeypatch.chdir(checkout.root)
    monkeypatch.setenv("PATH", f".::{os.environ['PATH']}")
    use_everything(checkout.root)
    assert not mark.exists()


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes git take every repository for another user's; the argument is the operator's own configuration."""
    real = shutil.which("git")
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "git").write_text(f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {real} "$@"\n')
    (folder / "git").chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()

    def configure(text: str) -> None:
        (home / ".gitconfig").write_text(text)
        monkeypatch.setenv("HOME", str(home))
        monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    return configure


def test_28_a_foreign_repository_is_refused_with_what_to_type(
    checkout: Checkout, foreign: Callable[[str], None]
) -> None:
    checkout.commit({"packages/a.yaml": "a"})
    foreign("[safe]\n directory = /somewhere/else\n")
    with pytest.raises(UntrustedError, match="belongs to another user") as refused:
        GitRepository(checkout.root).resolve()
    assert refused.value.hint == f"if you trust it: git config --global --add safe.directory {checkout.root}"


@pytest.mark.parametrize("approved", ["*", "{root}"])
def test_28_a_foreign_repository_that_the_operator_approved_is_read(
    checkout: Checkout, foreign: Callable[[str], None], approved: str
) -> None:
    commit = checkout.commit({"packages/a.yaml": "a"})
    foreign(f"[safe]\n directory = {approved.format(root=checkout.root)}\n")
    assert GitRepository(checkout.root).resolve().id == commit


def test_29_a_shallow_clone_says_that_history_is_missing(checkout: Checkout, tmp_path: Path) -> None:
    old = checkout.commit({"packages/a.yaml": "a"})
    new = checkout.commit({"packages/a.yaml": "b"})
    checkout.git("clone", "--quiet", "--depth=1", f"file://{checkout.root}", str(tmp_path / "shallow"))
    repository = GitRepository(tmp_path / "shallow")
    for ask in (lambda: repository.is_ancestor(old, new), lambda: repository.resolve(old)):
        with pytest.raises(TreeError, match="shallow clone") as refused:
            ask()
        assert refused.value.hint == "git fetch --unshallow"


def test_17_submodules_and_embedded_repositories_are_listed_and_not_entered(
    checkout: Checkout, canary: str, mark: Path
) -> None:
    checkout.commit({"packages/a.yaml": "a"})
    inner = Checkout(checkout.root / "packages/inner")
    inner.commit({"secret.yaml": "s"})
    inner.git("config", "core.fsmonitor", canary)
    bare = checkout.root / "packages/bare"
    checkout.git("init", "--quiet", "--bare", str(bare))
    checkout.git("config", "--file", str(bare / "config"), "core.fsmonitor", canary)
    subprocess.run(["git", "add", "--all"], cwd=checkout.root, capture_output=True, check=True)
    checkout.commit(message="embed")
    mark.unlink(missing_ok=True)
    repository = GitRepository(checkout.root)

    for tree in (repository.at(repository.resolve()), repository.worktree()):
        entries = tree.entries()
        assert entries["packages/inner"].kind is Kind.MODULE
        assert not [path for path in entries if path.startswith("packages/inner/")]
        assert entries["packages/bare/config"].kind is Kind.FILE
        with pytest.raises(TreeError):
            tree.read("packages/inner")

    use_everything(checkout.root)
    assert not mark.exists()


def test_17_rem_run_inside_an_embedded_bare_repository_uses_the_outer_one(checkout: Checkout) -> None:
    checkout.commit({"packages/a.yaml": "a"})
    checkout.git("init", "--quiet", "--bare", "packages/bare")
    with pytest.raises(TreeError):
        Git(checkout.root / "packages/bare").run("rev-parse", "--git-dir")


def test_a_tree_with_a_path_that_no_checkout_allows_is_refused(checkout: Checkout) -> None:
    checkout.commit({"packages/a.yaml": "a"})
    blob = checkout.git("rev-parse", "HEAD:packages/a.yaml")
    checkout.write({"raw": b"100644 ..\0" + bytes.fromhex(blob)})
    below = checkout.git("hash-object", "-t", "tree", "-w", "--literally", "raw")
    checkout.write({"raw": b"40000 packages\0" + bytes.fromhex(below)})
    top = checkout.git("hash-object", "-t", "tree", "-w", "raw")
    commit = checkout.git("commit-tree", "-m", "crafted", top)
    repository = GitRepository(checkout.root)
    with pytest.raises(TreeError, match="is not a path inside the repository"):
        repository.at(repository.resolve(commit)).entries()


def test_a_tree_that_unfolds_without_end_is_stopped(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each level names the one below ten times: 10^9 paths from nine objects."""
    checkout.write({"raw": "x"})
    content, mode = checkout.git("hash-object", "-w", "raw"), b"100644"
    for _ in range(9):
        lines = [b"%b d%d\0%b" % (mode, number, bytes.fromhex(content)) for number in range(10)]
        checkout.write({"raw": b"".join(lines)})
        content, mode = checkout.git("hash-object", "-t", "tree", "-w", "raw"), b"40000"
    checkout.write({"raw": b"40000 packages\0" + bytes.fromhex(content)})
    top = checkout.git("hash-object", "-t", "tree", "-w", "raw")
    commit = checkout.git("commit-tree", "-m", "bomb", top)
    monkeypatch.setattr(commit_tree, "LISTING_LIMIT", 1 << 20)
    repository = GitRepository(checkout.root)
    with pytest.raises(TreeError, match="more than"):
        repository.at(repository.resolve(commit)).entries()


def test_a_git_that_hangs_is_ended_with_all_it_started(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An `include.path` that is a FIFO holds git for ever."""
    checkout.commit({"packages/a.yaml": "a"})
    os.mkfifo(tmp_path / "fifo")
    checkout.git("config", "include.path", str(tmp_path / "fifo"))
    with pytest.raises(TreeError, match=r"did not answer in 0\.3 s"):
        Git(checkout.root, seconds=0.3).run("rev-parse", "HEAD")


def test_without_git_the_error_says_what_to_install(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TreeError, match="git is not installed") as refused:
        Git(checkout.root)
    assert refused.value.hint == "apt-get install git"
