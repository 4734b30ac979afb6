"""SVG and PNG: one drawing, two files."""

from __future__ import annotations

import io
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest
from PIL import Image

from rem_cli.series.chart import Chart, Limit, Mark, png, svg
from rem_cli.series.chart.drawing import COLOURS
from tests.series.chart.conftest import HARD, START, chart, line

RISING = [200.0] * 400 + [200.0 + 3 * at for at in range(200)]
SPIKY = [1.0] * 3000 + [90.0] + [1.0] * 2999
WHOLE = chart(
    RISING,
    step=6,
    title="front duration",
    unit="ms",
    limit=Limit(500, "> 500 ms"),
    marks=[Mark(START + 900, "a3f9c2e")],
)


def elements(text: str, name: str) -> list[ET.Element]:
    return list(ET.fromstring(text).iter("{http://www.w3.org/2000/svg}" + name))


def words(text: str) -> list[str]:
    return [element.text or "" for element in elements(text, "text")]


def classes(text: str) -> set[str]:
    return {each for element in ET.fromstring(text).iter() for each in element.get("class", "").split()}


def picture(it: Chart, **more: float) -> Image.Image:
    return Image.open(io.BytesIO(png(it, **more)))


def has(image: Image.Image, role: str) -> bool:
    """Is there a dot of exactly the colour of this role?"""
    wanted = tuple(bytes.fromhex(COLOURS[role][0][1:]))
    return wanted in {colour for _, colour in image.convert("RGB").getcolors(1 << 24) or []}


def test_the_svg_has_heading_numbers_times_limit_and_mark() -> None:
    assert words(svg(WHOLE)) == [
        "0",
        "200",
        "400",
        "600",
        "800",
        "01:30",
        "01:40",
        "01:50",
        "02:00",
        "02:10",
        "02:20",
        "> 500 ms",
        "a3f9c2e",
        "797 ms",
        "highest 797",
        "front duration",
    ]


def test_the_svg_says_the_same_in_a_sentence() -> None:
    assert ET.fromstring(svg(WHOLE)).get("aria-label") == (
        "front duration: now 797 ms, lowest 200, highest 797; Thu 6 Mar 2025 01:26 to Thu 6 Mar 2025 02:26;"
        " limit > 500 ms; changes a3f9c2e"
    )


def test_the_svg_needs_no_other_file() -> None:
    text = svg(WHOLE)
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "<script" not in text


def test_a_page_may_bring_its_own_colours() -> None:
    assert "<style" not in svg(WHOLE, styled=False)


def test_a_spike_is_in_the_band_of_the_svg() -> None:
    assert "rem-pale" in classes(svg(chart(SPIKY))) and "rem-pale" not in classes(svg(chart([1.0] * 6000)))


def test_a_gap_is_hatched_and_breaks_the_line() -> None:
    text = svg(chart([1.0] * 10 + [None] * 10 + [1.0] * 10))
    assert [rect.get("fill") for rect in elements(text, "rect")][1:] == ["url(#rem-nothing)"]
    assert len([path for path in elements(text, "path") if path.get("class") == "rem-line"]) == 2


def test_where_one_of_two_lines_knows_something_nothing_is_hatched() -> None:
    it = Chart("load", [line([1.0] * 9 + [None] * 9), line([None] * 9 + [1.0] * 9)])
    assert len(elements(svg(it), "rect")) == 1


def test_several_lines_have_a_legend() -> None:
    text = svg(Chart("load", [line([1.0] * 9, name="web01"), line([2.0] * 9, name="web02")]))
    assert {"web01", "web02"} <= set(words(text))
    assert {"rem-line1", "rem-line2"} <= classes(text)


def test_without_heading_only_the_plot_is_drawn() -> None:
    assert "front duration" not in words(svg(WHOLE, heading=False))


@pytest.mark.parametrize("text", ["</svg><script>x</script>", '"><b>', "a\x00\x1b[1m\ud800b", "&amp;", "]]>"])
def test_text_stays_text(text: str) -> None:  # attacks 46 and 62
    it = Chart(
        text,
        [line([1.0] * 9, name=text), line([1.0] * 9, name=text)],
        unit=text,
        limit=Limit(2, text),
        marks=[Mark(START + 400, text)],
    )
    root = ET.fromstring(svg(it).encode())  # not even well-formed if a letter got through
    known = {"svg", "title", "style", "defs", "pattern", "path", "rect", "polygon", "text"}
    assert {element.tag.split("}")[1] for element in root.iter()} <= known
    assert png(it).startswith(b"\x89PNG")


@pytest.mark.parametrize("kind", HARD)
def test_hard_values_give_sound_files(kind: str) -> None:
    it = chart(HARD[kind], limit=Limit(3.0, "> 3"))
    text = svg(it)
    assert "nan" not in text and "inf " not in " ".join(path.get("d", "") for path in elements(text, "path"))
    assert picture(it, scale=1).size == (800, 210)


@pytest.mark.parametrize(("width", "height"), [(10, 10), (312, 104), (4000, 1000)])
def test_any_size_is_drawn(width: float, height: float) -> None:
    assert svg(WHOLE, width=width, height=height)
    assert picture(WHOLE, width=width, height=height, scale=0.5).width == width * 0.5


def test_a_million_values_are_one_value_a_pixel() -> None:
    it = chart([float(at % 1000) for at in range(1_000_000)], step=1)
    assert len(svg(it)) < 60_000
    assert picture(it, scale=1).size == (800, 210)


def test_a_title_of_200_letters_leaves_room_for_the_value() -> None:
    title = words(svg(chart(RISING, title="x" * 200)))[-1]
    assert title.endswith("…") and len(title) < 100


def test_the_png_has_line_band_limit_mark_and_hatch() -> None:
    it = chart([*SPIKY, *[None] * 900], step=60, limit=Limit(50, "> 50"), marks=[Mark(START + 90_000, "a3f9c2e")])
    image = picture(it)
    assert [role for role in ("line", "limit", "mark", "hatch", "dim", "title") if not has(image, role)] == []


def test_the_png_of_the_same_chart_is_the_same() -> None:
    assert png(WHOLE) == png(WHOLE)


def test_text_and_svg_load_neither_pillow_nor_numpy() -> None:
    code = (
        "import sys; from rem_cli.series import Range, chart, whisper, export; c = chart.Chart('a', [chart.Line('a',"
        " Range(0, 60, 60, [1.0]))]); chart.text(c); chart.svg(c);"
        " print([name for name in ('PIL', 'numpy', 'whisper') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=30)
    assert told.stdout == "[]\n"
