"""Which addresses of git repositories a package may name.

git obeys much in an address: `ext::` runs a program, a host or path that begins with `-` is an option of ssh, and what
stands before `@` is sent to whoever answers. So an address is one of three plain forms, or it is refused.
"""

from __future__ import annotations

import re

LONGEST = 500
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\]"
_USER = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}"
_PATH = r"(?:[A-Za-z0-9._~+@=-]+/)*[A-Za-z0-9._~+@=-]+/?"
_FORMS = {
    "https": re.compile(rf"https://(?:{_HOST})(?::[0-9]{{1,5}})?/{_PATH}", re.ASCII),
    "ssh": re.compile(rf"ssh://(?:{_USER}@)?(?:{_HOST})(?::[0-9]{{1,5}})?/{_PATH}", re.ASCII),
    "scp": re.compile(rf"{_USER}@(?:{_HOST}):/?{_PATH}", re.ASCII),
    "file": re.compile(rf"file:///{_PATH}", re.ASCII),
}
_LIKE = "https://host/path.git, ssh://user@host/path.git or user@host:path.git"


def protocol(url: str) -> str:
    """`https`, `ssh` or `file`, of an address that has no problem."""
    return url.partition("://")[0] if "://" in url else "ssh"


def url_problem(url: str, *, files: bool) -> str | None:
    """Why an address is refused; None when it is not. `files`: also `file://`, which only an operator can allow."""
    if len(url) > LONGEST:
        return f"an address of git has at most {LONGEST} characters"
    if any(not letter.isprintable() or letter.isspace() for letter in url):
        return "an address of git has no blank, line end or control character"
    if "::" in url and "[" not in url:
        return "an address of git names no program to run"
    if re.match(r"[a-z]+://[^/]*:[^/]*@", url) or re.match(r"https://[^/]*@", url):
        return "an address of git holds no user and password; everybody who reads the package would have them"
    found = next((name for name, form in _FORMS.items() if form.fullmatch(url)), None)
    path = url.partition("://")[2].partition("/")[2] if "://" in url else url.partition(":")[2]
    if found is None or any(name in (".", "..") or name.startswith("-") for name in path.split("/")):
        return f"an address of git is {_LIKE}"
    if found == "file" and not files:
        return "a package from a folder of this machine is not the same elsewhere"
    return None
