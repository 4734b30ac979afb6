"""Other people's repositories against the real commands: a package of theirs is data like one's own, and no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.stage import Command, Stage
from tests.attacks.test_attacks import GIT, READING, WRITING, nothing_else_happened
from tests.fakes.upstream import Upstream, portal, upstream

REACHING = {"init", "ls-remote", "fetch", "for-each-ref"}
LOCK = Command(["package", "lock"], ["shop/rem.lock", "home/.cache"])


@pytest.fixture
def there(stage: Stage) -> Upstream:
    """Releases of `portal`."""
    return upstream(stage.area / "there")


def plant(stage: Stage, there: Upstream) -> None:
    """Make both repositories name programs for everything."""
    for setting in ("core.fsmonitor", "core.sshCommand", "core.pager", "uploadpack.packObjectsHook", "core.askPass",
                    "credential.helper", "core.alternateRefsCommand", "filter.x.smudge", "gpg.program"):  # fmt: skip
        there.git("config", setting, stage.canary)
        stage.checkout.git("config", setting, stage.canary)
    for name in ("post-checkout", "reference-transaction", "pre-receive", "post-update"):
        (there.root / ".git/hooks" / name).symlink_to(stage.canary)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    made = Stage(tmp_path)
    config = made.area / "home/.config/rem/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("allow_file_urls = true\n")
    return made


def requiring(stage: Stage, there: Upstream, range: str) -> None:
    text = f'require: {{portal: {{git: "{there.url}", version: "{range}"}}}}\nthings: {{one: {{}}}}\n'
    stage.checkout.commit({"packages/shop.yaml": text, ".gitattributes": "* filter=x\n"})


def test_21_22_locking_and_reading_run_nothing_of_either_repository(stage: Stage, there: Upstream) -> None:
    there.release(
        "1.2.0",
        portal("1.2.0") | {".gitattributes": "* filter=x diff=x\n", "packages/portal/.gitattributes": "* filter=x\n"},
    )
    requiring(stage, there, ">=1.2,<2")
    plant(stage, there)
    answers = stage.play([LOCK, *READING, *WRITING])
    assert [one["status"] for one in answers[:3]] == [0, 0, 4]  # the lock is not committed yet
    nothing_else_happened_but_reaching(stage, answers)


def test_15_a_link_in_a_release_is_not_locked(stage: Stage, there: Upstream) -> None:
    (there.root / "packages/portal/jobs.yaml").symlink_to(stage.area / "outside/secret.yaml")
    there.release("1.3.0")
    requiring(stage, there, ">=1.3,<2")
    plant(stage, there)
    answers = stage.play([LOCK, Command(["validate"])])
    assert answers[0]["status"] == 4
    assert "'packages/portal/jobs.yaml' is a symbolic link, which REM does not follow" in answers[0]["err"]
    nothing_else_happened_but_reaching(stage, answers)


def nothing_else_happened_but_reaching(stage: Stage, answers: list[dict[str, object]]) -> None:
    assert stage.asked_of_git() <= GIT | REACHING
    stage.log.unlink()
    nothing_else_happened(stage, answers)
