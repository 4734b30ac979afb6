"""Files from Jinja2 templates: the host's fields go in, nothing else gets out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rem_cli.errors import Status
from rem_cli.plan.footprint.render import Renderer, TemplateError
from tests.plan.footprint.yard import Estate, ends, file, host

PATH = "packages/shop/templates/motd.j2"


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as renderer:
        yield renderer


def test_a_template_is_given_the_fields_of_its_host_and_values(estate: Estate, tmp_path: Path) -> None:
    text = "{{ name }} of {{ group }}: {{ title }}{% if 'db' in tags %} with a database{% endif %}, {{ greeting }}\n"
    motd = file("motd", tmp_path / "motd", template=PATH, values={"greeting": "hello"})
    applied = estate.apply(host("web01", title="the first", tags=["db"]), motd, files={PATH: text})
    assert ends(applied) == {"web01": "ok"}
    assert (tmp_path / "motd").read_text() == "web01 of web: the first with a database, hello\n"


WRONG = {
    "a name that is not there": ("one\n{{ nmae }}\n", "'nmae' is undefined", "2:1"),
    "text that is no template": ("one\ntwo {% if %}\n", "Expected an expression, got 'end of statement block'", "2:1"),
    "another template": ("{% include '/etc/passwd' %}", "a template cannot read another one", "1:1"),
    "what lies behind a value": (
        "{{ name.__class__ }}", "access to attribute '__class__' of 'str' object is unsafe.", "1:1",
    ),
    "a value that is changed": (
        "{{ tags.append(1) }}", "access to attribute 'append' of 'list' object is unsafe.", "1:1",
    ),
    "a text without end": ("{% for a in range(9999) %}{{ 'a' * 9999 }}{% endfor %}", "it writes more than 4 MiB", ""),
    "all of the memory": ("{{ 'a' * 10000000000 }}", "it takes more than 256 MiB of memory", ""),
    "all of the time": (
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "it takes more time or memory than a template may", "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_a_template_may_not_do_is_told_at_its_line(case: str, renderer: Renderer) -> None:
    text, message, place = WRONG[case]
    with pytest.raises(TemplateError) as refused:
        renderer.render(PATH, text, {"name": "web01", "tags": ["db"]})
    assert re.sub("0x[0-9a-f]+", "0x", refused.value.message) == message
    assert str(refused.value.where) == (f"{PATH}:{place}" if place else PATH)
    assert refused.value.status is Status.FINDINGS
    assert renderer.render(PATH, "{{ name }}", {"name": "web02"}) == "web02"


def test_a_template_that_cannot_be_rendered_stops_all_of_it(estate: Estate, tmp_path: Path) -> None:
    with pytest.raises(TemplateError):
        estate.apply(host("web01"), file("motd", tmp_path / "motd", template=PATH), files={PATH: "{{ nmae }}"})
    assert estate.shop.generations.active() is None
