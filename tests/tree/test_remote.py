"""Getting other people's commits: over each protocol, and so that nothing of theirs or of the machine's runs.

Numbers are those of the attack cases. A canary is a program that leaves a mark when anything runs it.
"""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rem_cli.errors import RemError, UntrustedError
from rem_cli.reach.loopback import Fleet
from rem_cli.tree import Kind, TreeError
from rem_cli.tree import remote as remote_module
from rem_cli.tree.reaching import Reaching
from rem_cli.tree.remote import Remotes
from tests.fakes.fleet import trust_another_key
from tests.fakes.upstream import Upstream, portal, upstream

TAGS = ["v1.0.0", "v1.1.0", "v2.0.0", "v2.0.0-rc.1"]


@pytest.fixture
def there(tmp_path: Path) -> Upstream:
    return upstream(tmp_path / "there")


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "mark"


@pytest.fixture
def canary(tmp_path: Path, mark: Path) -> str:
    program = tmp_path / "canary"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> {mark}\n')
    program.chmod(0o755)
    return str(program)


def remotes(tmp_path: Path, reaching: Reaching | None = None) -> Remotes:
    return Remotes(tmp_path / "cache", reaching or Reaching(files=True))


def use_everything(ours: Remotes, url: str) -> None:
    """Every operation, one after the other."""
    commit = ours.tags(url)["v1.1.0"]
    assert ours.fetch(url, "v1.1.0") == commit
    assert ours.kept(url) == {"v1.1.0": commit}
    tree = ours.at(url, commit)
    assert tree.read_many([path for path, one in tree.entries().items() if one.kind is Kind.FILE])


def test_a_tag_is_got_with_one_commit_of_files(there: Upstream, tmp_path: Path) -> None:
    ours = remotes(tmp_path)
    assert sorted(ours.tags(there.url)) == TAGS
    assert ours.kept(there.url) == {}
    commit = ours.fetch(there.url, "v1.1.0")
    assert commit == there.git("rev-parse", "v1.1.0^{commit}")
    assert (
        ours.at(there.url, commit).read("packages/portal/package.yaml")
        == portal("1.1.0")["packages/portal/package.yaml"].encode()
    )  # type: ignore[union-attr]
    held = subprocess.run(["git", "rev-list", "--all"], cwd=ours.folder(there.url), capture_output=True, check=True)
    assert held.stdout.decode().split() == [commit]  # no history


def test_a_repository_with_sha256_names_is_refused(tmp_path: Path) -> None:
    there = Upstream(tmp_path / "there", object_format="sha256")
    there.release("1.0.0")
    with pytest.raises(TreeError, match="names its objects by SHA-256"):
        remotes(tmp_path).fetch(there.url, "v1.0.0")


def test_a_tag_that_moved_is_followed_only_by_fetch(there: Upstream, tmp_path: Path) -> None:
    ours = remotes(tmp_path)
    first = ours.fetch(there.url, "v1.0.0")
    second = there.move("v1.0.0", portal("1.0.0", "{x: 1}"))
    assert ours.kept(there.url)["v1.0.0"] == first
    assert ours.tags(there.url)["v1.0.0"] == second
    assert ours.fetch(there.url, "v1.0.0") == second


def test_tags_that_are_no_commit_or_no_version_are_left_out(there: Upstream, tmp_path: Path) -> None:
    blob = there.git("hash-object", "-w", "packages/portal/package.yaml")
    there.git("tag", "v9.0.0", blob)
    there.git("tag", "v1;id")
    ours = remotes(tmp_path)
    assert sorted(ours.tags(there.url)) == [*TAGS, "v9.0.0"]
    with pytest.raises(TreeError, match="names no commit"):
        ours.fetch(there.url, "v9.0.0")


@pytest.mark.parametrize("url", ["git://127.0.0.1/x", "http://127.0.0.1/x", "ext::sh -c true", "fd::7", "ftp://h/x"])
def test_23_no_other_protocol(url: str, tmp_path: Path) -> None:
    """As if an address had come past the check of addresses."""
    with pytest.raises(UntrustedError, match="is no address to get packages from"):
        remotes(tmp_path).tags(url)


def test_23_ext_runs_nothing(canary: str, mark: Path, tmp_path: Path) -> None:
    for url in (f"ext::{canary}", f"ext::sh -c {canary}", f"--upload-pack={canary}", f"-oProxyCommand={canary}"):
        with pytest.raises(RemError):
            remotes(tmp_path).tags(url)
    assert not mark.exists()


def test_23_a_folder_of_this_machine_needs_the_operator(there: Upstream, tmp_path: Path) -> None:
    with pytest.raises(UntrustedError, match="is no address to get packages from") as refused:
        remotes(tmp_path, Reaching()).tags(there.url)
    assert refused.value.hint == "allow_file_urls = true in your own configuration"


def test_21_27_nothing_of_either_side_or_of_the_environment_runs(
    there: Upstream, canary: str, mark: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = remotes(tmp_path)
    elsewhere = Upstream(tmp_path / "elsewhere")
    elsewhere.release("1.1.0", {"packages/portal.yaml": "title: evil"})
    home = tmp_path / "home"
    home.mkdir()
    rewriting = f'[url "{elsewhere.url}"]\n\tinsteadOf = {there.url}\n'
    settings = "".join(
        f"[{section}]\n\t{name} = {canary}\n"
        for section, name in (
            *(("core", "fsmonitor"), ("core", "sshCommand"), ("core", "askPass"), ("core", "gitProxy")),
            *(("credential", "helper"), ("gpg", "program"), ("uploadpack", "packObjectsHook"), ("core", "pager")),
            *(('filter "x"', "smudge"), ('filter "x"', "clean"), ("core", "alternateRefsCommand")),
        )
    )
    (home / ".gitconfig").write_text(rewriting + settings)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("reference-transaction", "post-checkout", "pre-auto-gc", "post-index-change", "pre-receive"):
        (hooks / name).symlink_to(canary)
    with (there.root / ".git/config").open("a") as config:
        config.write(f"{rewriting}{settings}[core]\n\thooksPath = {hooks}\n")
    hostile = {
        "HOME": str(home),
        "GIT_SSH_COMMAND": canary,
        "GIT_SSH": canary,
        "GIT_PROXY_COMMAND": canary,
        "GIT_EXEC_PATH": str(tmp_path),
        "GIT_TEMPLATE_DIR": str(hooks.parent),
        "GIT_DIR": str(elsewhere.root / ".git"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{elsewhere.url}.insteadOf",
        "GIT_CONFIG_VALUE_0": there.url,
        "GIT_CONFIG_PARAMETERS": f"'core.fsmonitor'='{canary}'",
        "GIT_TRACE": str(tmp_path / "trace"),
    }
    for name, value in hostile.items():
        monkeypatch.setenv(name, value)

    use_everything(ours, there.url)

    commit = ours.kept(there.url)["v1.1.0"]
    assert list(ours.at(there.url, commit).entries("packages/portal.yaml")) == []
    assert not mark.exists()
    assert not (tmp_path / "trace").exists()


def test_22_17_15_attributes_submodules_and_links_arrive_as_what_they_are(
    there: Upstream, canary: str, mark: Path, tmp_path: Path
) -> None:
    (there.root / "packages/portal/link").symlink_to("/etc/passwd")
    there.write({".gitattributes": "* filter=x diff=x ident\n", "packages/portal/.gitattributes": "* filter=x\n"})
    inner = Upstream(there.root / "packages/portal/inner")
    inner.commit({"a": "a"})
    there.release("3.0.0", {})
    ours = remotes(tmp_path)
    tree = ours.at(there.url, ours.fetch(there.url, "v3.0.0"))
    kinds = {path.rpartition("/")[2]: str(entry.kind) for path, entry in tree.entries().items()}
    assert (kinds["link"], kinds["inner"]) == ("symbolic link", "submodule")
    assert not mark.exists()


def test_the_cache_belongs_to_us_alone(there: Upstream, tmp_path: Path) -> None:
    ours = remotes(tmp_path)
    ours.fetch(there.url, "v1.0.0")
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700
    (tmp_path / "real").mkdir()
    shutil.rmtree(tmp_path / "cache")
    (tmp_path / "cache").symlink_to(tmp_path / "real")
    with pytest.raises(UntrustedError, match="is no folder"):
        remotes(tmp_path).fetch(there.url, "v1.0.0")


def test_a_repository_that_is_too_large_is_stopped(
    there: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there.release("3.0.0", {"packages/portal/data": os.urandom(3 << 20)})
    monkeypatch.setattr(remote_module, "LARGEST", 1 << 20)
    ours = remotes(tmp_path)
    with pytest.raises(RemError):
        ours.fetch(there.url, "v3.0.0")
    assert "v3.0.0" not in ours.kept(there.url)


def test_a_repository_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TreeError, match="could not read file:///nowhere"):
        remotes(tmp_path).tags("file:///nowhere")


# --- over SSH


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Fleet]:
    with Fleet(tmp_path / "fleet", 1) as fleet:
        yield fleet


def over_ssh(host: Fleet, there: Upstream) -> str:
    return f"ssh://{host.user}@{host.hosts[0]}:{host.port}{there.root}"


def test_over_ssh(host: Fleet, there: Upstream, tmp_path: Path) -> None:
    ours = remotes(tmp_path, Reaching(ssh_config=host.ssh_config))
    use_everything(ours, over_ssh(host, there))
    assert sorted(ours.tags(f"{host.user}@{host.hosts[0]}:{there.root}")) == TAGS


def test_an_unknown_or_changed_host_key_is_refused(host: Fleet, there: Upstream, tmp_path: Path) -> None:
    ours = remotes(tmp_path, Reaching(ssh_config=host.ssh_config))
    known = host.known_hosts.read_text()
    host.known_hosts.write_text("")
    with pytest.raises(UntrustedError, match="is not who it should be: Host key verification failed"):
        ours.tags(over_ssh(host, there))
    host.known_hosts.write_text(known)
    trust_another_key(host.known_hosts, host.hosts[0], tmp_path)
    with pytest.raises(UntrustedError, match="is not who it should be"):
        ours.tags(over_ssh(host, there))


def test_a_key_that_rem_was_told_to_trust_counts(host: Fleet, there: Upstream, tmp_path: Path) -> None:
    mine = tmp_path / "known hosts"
    mine.write_text(host.known_hosts.read_text())
    host.known_hosts.write_text("")
    reaching = Reaching(ssh_config=host.ssh_config, known_hosts=mine)
    assert sorted(remotes(tmp_path, reaching).tags(over_ssh(host, there))) == TAGS


# --- over HTTPS


class GitOverHttp(BaseHTTPRequestHandler):
    """git's own http-backend; below /moved/ it sends clients elsewhere."""

    root: Path

    def _answer(self, body: bytes) -> None:
        if self.path.startswith("/moved/"):
            self.send_response(301)
            self.send_header("Location", self.path.replace("/moved/", "/"))
            self.end_headers()
            return
        path, _, query = self.path.partition("?")
        done = subprocess.run(
            ["git", "-c", "safe.directory=*", "http-backend"], input=body, capture_output=True, check=True,
            env={
                "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": str(self.root), "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""), "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""), "CONTENT_LENGTH": str(len(body)),
            },
        )  # fmt: skip
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        lines = [line.partition(": ") for line in head.decode().split("\r\n")]
        status = next((int(value.split()[0]) for name, _, value in lines if name == "Status"), 200)
        self.send_response(status)
        for name, _, value in lines:
            if name != "Status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Content-Encoding") == "gzip":
            import gzip

            body = gzip.decompress(body)
        self._answer(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(there: Upstream, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """An https address below which the repository lies, and the certificate that it shows."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*words, *names, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    handler = type("Here", (GitOverHttp,), {"root": there.root.parent})
    listening = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listening.socket = context.wrap_socket(listening.socket, server_side=True)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield f"https://127.0.0.1:{listening.server_port}", certificate
    listening.shutdown()
    thread.join()
    listening.server_close()


def test_over_https(server: tuple[str, Path], tmp_path: Path) -> None:
    use_everything(remotes(tmp_path, Reaching(certificates=server[1])), f"{server[0]}/there/.git")


def test_a_certificate_that_nobody_vouches_for_is_refused(server: tuple[str, Path], tmp_path: Path) -> None:
    with pytest.raises(UntrustedError, match="is not who it should be"):
        remotes(tmp_path).tags(f"{server[0]}/there/.git")


def test_nobody_is_sent_elsewhere(server: tuple[str, Path], tmp_path: Path) -> None:
    ours = remotes(tmp_path, Reaching(certificates=server[1]))
    with pytest.raises(TreeError, match=r"could not read|points elsewhere"):
        ours.tags(f"{server[0]}/moved/there/.git")
