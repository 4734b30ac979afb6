"""What lies outside of the repository is neither read nor quoted. Numbers are those of the attack cases."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rem_cli.main import main
from tests.fakes.checkout import Checkout


def test_19_no_message_quotes_a_file_outside_of_the_repository(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("the-secret: [\n")
    checkout = Checkout(tmp_path / "shop")
    checkout.write({"packages/shop/package.yaml": f"jobs: {{w: {{a: {{script: {secret}}}, b: {{script: ../../s}}}}}}"})
    for link in ("packages/link.yaml", "packages/shop/jobs.yaml", "packages/shop/s"):
        (checkout.root / link).symlink_to(secret)
    (checkout.root / "packages/folder").symlink_to(tmp_path)
    os.mkfifo(checkout.root / "packages/pipe.yaml")
    status = main(["-C", str(checkout.root), "validate"])
    told = capsys.readouterr()
    assert "the-secret" not in told.out + told.err
    assert (status, sorted(line.split()[-1] for line in told.out.splitlines() if ": error " in line)) == (
        4,
        ["REM1120"] * 5 + ["REM1320"] * 2,
    )
