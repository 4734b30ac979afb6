"""Pictures, a page of all graphs of a host, questions, and a graph that is drawn anew."""

from __future__ import annotations

import struct
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import Repository
from tests.cli.terminal import Terminal

JOB = "shop/jobs/try/numbers"


@pytest.fixture
def measured(active: Repository) -> Repository:
    assert active.rem("job", "run", JOB).status == 0
    return active


def size(file: Path) -> tuple[int, int]:
    """Of a PNG picture."""
    data = file.read_bytes()
    assert data.startswith(b"\x89PNG\r\n")
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def test_a_picture_has_the_form_of_its_name(measured: Repository, tmp_path: Path) -> None:
    png, svg = tmp_path / "load.png", tmp_path / "load.svg"
    done = measured.rem("graph", JOB, "--out", str(png), "--out", str(svg))
    assert done.out.splitlines() == [f"wrote {png}", f"wrote {svg}"]
    assert size(png) == (1600, 420)
    assert "load, 2 hosts" in svg.read_text()


def test_all_graphs_of_a_host_are_one_picture(shop: Repository, tmp_path: Path) -> None:
    shop.package.write_text(
        shop.package.read_text().replace("3}", '3, \\"users\\": 4}').replace("[load]", "[load, users]")
    )
    shop.applied().rem("job", "run", JOB)
    png, svg = tmp_path / "all.png", tmp_path / "all.svg"
    done = shop.rem("graph", "web01", "--all", "--out", str(png), "--out", str(svg))
    assert done.status == 0
    assert size(png) == (1600, 2 * 420 + 28)
    words = [
        element.text for element in ElementTree.fromstring(svg.read_text()).iter("{http://www.w3.org/2000/svg}text")
    ]
    assert [word for word in words if word and word.endswith(", web01")] == ["load, web01", "users, web01"]


def test_a_question_is_drawn(measured: Repository) -> None:
    done = measured.rem("graph", "sumSeries(numbers/@web/load)", "--last", "10s")
    assert done.out.startswith("sumSeries(numbers/@web/load)")
    assert "now 6" in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["web1", "--all"], ["rem: there is no series of a host 'web1'", "hint: did you mean 'web01'?"]),
        ([JOB, "--out", "load.gif"], ["rem: --out: load.gif is neither .png nor .svg", "hint: --out load.svg"]),
        (
            [JOB, "--watch"],
            ["rem: --watch draws on a terminal", "hint: leave --watch out, or write a picture with --out"],
        ),
    ],
)
def test_what_cannot_be_drawn_is_said(measured: Repository, words: list[str], said: list[str]) -> None:
    done = measured.rem("graph", *words)
    assert (done.status in (2, 9), done.err.splitlines()) == (True, said)


def test_a_graph_is_drawn_until_ctrl_c(measured: Repository) -> None:
    terminal = Terminal(measured.root, "graph", JOB, "--watch", "--last", "10s")
    terminal.hear("every 5 s; Ctrl-C ends")
    terminal.type("\x03")
    assert terminal.end() == 0
    assert terminal.said.startswith("\x1b[H\x1b[2J\x1b[1mload, 2 hosts")
