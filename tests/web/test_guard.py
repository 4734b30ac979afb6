"""Who is let in: attacks 60, 61, 63 and 65 against the real server, and the link, users and sessions."""

from __future__ import annotations

import pytest

from tests.web.conftest import Shop
from tests.web.served import Served

HOSTS = {
    "of a rebinding domain": "evil.example:{port}",
    "without a port": "127.0.0.1",
    "another port": "127.0.0.1:1",
    "with somebody in front": "127.0.0.1:{port}@evil.example",
    "behind somebody": "evil.example@127.0.0.1:{port}",
    "with a dot": "localhost.:{port}",
    "two": "127.0.0.1:{port}, evil.example",
}
ORIGINS = {
    "cross-site": {"sec_fetch_site": "cross-site"},
    "same-site": {"sec_fetch_site": "same-site"},
    "by hand": {"sec_fetch_site": "none"},
    "null": {"origin": "null"},
    "none": {"origin": ""},
    "of a page elsewhere": {"origin": "http://evil.example"},
    "of another port": {"origin": "http://127.0.0.1:1"},
    "over TLS": {"origin": "https://{host}"},
}


@pytest.mark.parametrize("case", HOSTS)
def test_60_another_name_is_not_answered(served: Served, cookie: str, case: str) -> None:
    answer = served.ask("/", cookie=cookie, host=HOSTS[case].format(port=served.port))
    assert answer.status == 421
    assert "shop" not in answer.text


def test_60_no_name_and_two_names_are_not_answered(served: Served) -> None:
    assert served.raw(b"GET / HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    host = served.host.encode()
    both = b"GET / HTTP/1.1\r\nHost: " + host + b"\r\nHost: " + host + b"\r\n\r\n"
    assert served.raw(both).startswith(b"HTTP/1.1 400 ")


def test_60_its_own_names_are_answered(served: Served, cookie: str) -> None:
    for name in ("127.0.0.1", "localhost", "LOCALHOST", "[::1]"):
        assert served.ask("/", cookie=cookie, host=f"{name}:{served.port}").status == 200


@pytest.mark.parametrize("case", ORIGINS)
def test_61_a_page_of_somebody_else_changes_nothing(served: Served, cookie: str, case: str) -> None:
    headers = {name: value.format(host=served.host) for name, value in ORIGINS[case].items()}
    answer = served.post("/sign-out", {}, cookie=cookie, **headers)
    assert answer.status == 403
    assert served.ask("/", cookie=cookie).status == 200


def test_61_no_other_method_and_no_socket(served: Served, cookie: str) -> None:
    assert served.ask("/", method="PUT", cookie=cookie).status == 405
    upgrade = served.ask(
        "/stream",
        connection="Upgrade",
        upgrade="websocket",
        sec_websocket_key="x" * 22 + "==",
        sec_websocket_version="13",
    )
    assert upgrade.status == 401


def test_61_a_form_without_its_token_does_not_end_a_session(served: Served) -> None:
    session = served.enter()
    assert served.post("/sign-out", {"form": "0" * 64}, cookie=session).status == 303
    assert served.ask("/", cookie=session).status == 200
    text = served.ask("/", cookie=session).text
    token = text.partition('name="form" value="')[2].partition('"')[0]
    assert served.post("/sign-out", {"form": token}, cookie=session).status == 303
    assert served.ask("/", cookie=session).status == 303


def test_63_without_a_session_there_is_only_the_door(served: Served) -> None:
    page = served.ask("/runs/2?x=1")
    assert (page.status, page.headers["location"]) == (303, "/sign-in?next=/runs/2%3Fx%3D1")
    assert served.ask("/", accept="application/json").status == 401
    assert served.ask("/stream").status == 401
    assert served.ask("/health").text == "ok\n"


def test_63_a_session_is_a_new_one_and_no_script_reads_it(served: Served) -> None:
    answer = served.post("/sign-in", {"token": served.token}, cookie="chosen")
    cookie = answer.headers["set-cookie"]
    assert "rem=chosen" not in cookie
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= {part.strip() for part in cookie.split(";")}
    assert served.token not in str(answer.headers)


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", ""])
def test_63_nobody_is_sent_elsewhere(served: Served, where: str) -> None:
    answer = served.post("/sign-in", {"token": served.token, "next": where})
    assert answer.headers["location"] == "/"


def test_a_user_signs_in_and_a_wrong_password_is_tried_five_times_a_minute(served: Served) -> None:
    assert served.ask("/", cookie=served.enter(name="bo", password="a long password")).status == 200
    told = [served.post("/sign-in", {"name": "eve", "password": "guess"}) for _ in range(6)]
    assert [one.status for one in told] == [403] * 6
    assert "do not belong together" in told[4].words
    assert "5 tries a minute" in told[5].words


def test_65_what_is_too_large_is_refused_in_bounded_memory(served: Served, cookie: str) -> None:
    form = {"token": "x" * 200_000}
    assert served.post("/sign-in", form).status == 413
    assert served.ask("/search?" + "&".join(f"q{n}=1" for n in range(5_000)), cookie=cookie).status in (200, 400, 414)
    assert served.ask("/", cookie=cookie).status == 200


def test_answers_say_what_a_browser_may_do_with_them(served: Served, cookie: str) -> None:
    for path in ("/", "/static/rem.css", "/nothing", "/health"):
        headers = served.ask(path, cookie=cookie).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert headers["x-content-type-options"] == "nosniff"


def test_other_machines_need_users_and_tls(shop: Shop) -> None:
    done = shop.status("serve", "--bind", "0.0.0.0:0")
    assert done.returncode == 2
    assert "passwords would go there in the clear" in done.stderr
    shop.rem("user", "remove", "bo")
    assert "there is no user yet" in shop.status("serve", "--bind", "0.0.0.0:0").stderr
    shop.rem("user", "add", "bo", given="a long password\n")
