"""A real browser on every page: nothing is said on its console, it fits a phone, and parts change as things happen."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.web.conftest import Shop
from tests.web.served import PATIENCE, Served
from tests.web.test_pages import PAGES

# Without a sandbox, for whoever is root; nothing of its own is asked of the network.
ALONE = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    assert program, "scripts/test installs chromium"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=ALONE)
        yield started
        started.close()


def entered(browser: Browser, served: Served, **how: object) -> tuple[Page, list[str]]:
    """A page after the printed link was opened, and what its console says."""
    context = browser.new_context(**how)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE * 1_000)
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(served.link)
    page.wait_for_selector("h1:not(:has(img))")
    return page, said


def test_every_page_fits_a_phone_and_says_nothing_on_the_console(browser: Browser, served: Served) -> None:
    page, said = entered(browser, served, viewport={"width": 390, "height": 800}, color_scheme="dark")
    for address in PAGES:
        page.goto(f"http://{served.host}{address}", wait_until="load")
        assert page.evaluate("document.documentElement.scrollWidth") == 390, address
    assert said == []
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_for_everybody(browser: Browser, served: Served, scheme: str) -> None:
    """WCAG 2 A and AA and good practice, as far as a program can tell (axe-core)."""
    page, _ = entered(browser, served, color_scheme=scheme)
    found = {}
    for address in [*PAGES, "/nothing"]:
        page.goto(f"http://{served.host}{address}", wait_until="load")
        broken = Axe().run(page).response["violations"]
        if broken:
            found[address] = [(one["id"], one["nodes"][0]["target"], one["nodes"][0]["html"]) for one in broken]
    assert found == {}
    page.context.close()


def test_every_page_reads_the_same_without_scripts(browser: Browser, served: Served, cookie: str) -> None:
    plain = browser.new_context(java_script_enabled=False)
    plain.add_cookies([{"name": "rem", "value": cookie, "url": f"http://{served.host}"}])
    page = plain.new_page()
    for address in PAGES:
        page.goto(f"http://{served.host}{address}")
        told = served.ask(address, cookie=cookie).words.lower()
        assert " ".join(page.inner_text("h1").lower().split()) in told, address
    plain.close()


def test_a_part_changes_when_something_happens(browser: Browser, served: Served, shop: Shop) -> None:
    page, said = entered(browser, served)
    page.goto(f"http://{served.host}/jobs", wait_until="load")
    before = page.locator("section[data-part=runs] tbody tr").count()
    page.wait_for_selector("#live:not([hidden])")
    shop.rem("job", "run", "shop/jobs/ops/odd")
    page.wait_for_selector(f"section[data-part=runs] tbody tr:nth-child({before + 1})")
    assert said == []
    page.context.close()


def test_keys_lead_to_the_search_and_from_row_to_row(browser: Browser, served: Served) -> None:
    page, _ = entered(browser, served)
    page.goto(f"http://{served.host}/hosts", wait_until="load")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "web01"
    page.keyboard.press("/")
    page.keyboard.type("load")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=load")
    page.context.close()


def test_somebody_signs_out(browser: Browser, served: Served) -> None:
    page, _ = entered(browser, served)
    page.click("text=Sign out")
    page.wait_for_url("**/sign-in")
    page.goto(f"http://{served.host}/jobs")
    assert "/sign-in?next=/jobs" in page.url
    page.context.close()
