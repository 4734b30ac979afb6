"""The operator's ssh_config is honoured, and runs nothing unless they allow it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rem_cli.reach import ReachError, Target
from rem_cli.reach.ssh.config import HostSettings, SshConfig

WEB = Target("web01", "web01")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh").mkdir()
    return tmp_path


def look_up(home: Path, text: str, target: Target = WEB, **allowed: bool) -> HostSettings:
    file = home / ".ssh/config"
    file.write_text(text)
    return SshConfig([file], **allowed).lookup(target)


def test_without_a_file_the_usual_holds(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ana")
    settings = SshConfig([home / "none"]).lookup(WEB)
    assert (settings.host, settings.port, settings.user, settings.key_name) == ("web01", 22, "ana", "web01")
    assert settings.known_hosts[0] == home / ".ssh/known_hosts"


def test_what_stands_in_the_file_holds(home: Path) -> None:
    settings = look_up(
        home,
        """
        Host web*
          HostName %h.example.org
          User deploy
          Port 2222
          IdentityFile ~/.ssh/one
          IdentityFile %d/.ssh/two
          IdentitiesOnly yes
          HostKeyAlias webs
          ConnectTimeout 3
          UserKnownHostsFile ~/a ~/b
          GlobalKnownHostsFile /dev/null
        Host *
          User somebody-else
        """,
    )
    assert settings == HostSettings(
        name="web01",
        host="web01.example.org",
        port=2222,
        user="deploy",
        key_name="webs",
        identities=(home / ".ssh/one", home / ".ssh/two"),
        identities_only=True,
        known_hosts=(home / "a", home / "b"),
        connect_timeout=3.0,
    )


def test_what_the_inventory_says_wins(home: Path) -> None:
    settings = look_up(home, "Host *\n User a\n Port 1\n", Target("web01", "192.0.2.1", port=2200, user="bo"))
    assert (settings.host, settings.port, settings.user) == ("192.0.2.1", 2200, "bo")


def test_the_first_file_wins(home: Path) -> None:
    (home / "one").write_text("Host web*\n User a\n")
    (home / "two").write_text("User b\nPort 7\n")
    settings = SshConfig([home / "one", home / "two"]).lookup(WEB)
    assert (settings.user, settings.port) == ("a", 7)


def test_included_files_are_read(home: Path) -> None:
    (home / ".ssh/more").mkdir()
    (home / ".ssh/more/a.conf").write_text("Host web01\n User included\n")
    assert look_up(home, "Include more/*.conf\nHost *\n User other\n").user == "included"


def test_files_that_include_each_other_for_ever_are_an_error(home: Path) -> None:
    with pytest.raises(ReachError, match="include each other"):
        look_up(home, "Include config\n")


@pytest.mark.parametrize(
    ("jump", "jumps"),
    [
        ("none", ()),
        ("gate", (Target("gate", "gate"),)),
        ("ana@gate:2222", (Target("gate", "gate", 2222, "ana"),)),
        ("ssh://ana@gate:2222/", (Target("gate", "gate", 2222, "ana"),)),
        ("a, [2001:db8::1]:22", (Target("a", "a"), Target("2001:db8::1", "2001:db8::1", 22))),
    ],
)
def test_jump_hosts_are_understood(home: Path, jump: str, jumps: tuple[Target, ...]) -> None:
    assert look_up(home, f"ProxyJump {jump}\n").jumps == jumps


@pytest.mark.parametrize("jump", ["@gate", "gate:port", "a:b:c", "gate:22/../"])
def test_a_jump_host_that_is_none_is_an_error(home: Path, jump: str) -> None:
    with pytest.raises(ReachError, match="is not a ProxyJump"):
        look_up(home, f"ProxyJump {jump}\n")


MATCHES = ['Match exec "touch {}"', 'match host * !exec "touch {}"', 'Match originalhost web01 exec "touch {}"']


@pytest.mark.parametrize("line", MATCHES)
def test_39_match_exec_does_not_run(home: Path, line: str) -> None:
    canary = home / "canary"
    with pytest.raises(ReachError, match=r"config:1: Match exec would run a program"):
        look_up(home, line.format(canary) + "\n User x\n")
    assert not canary.exists()


def test_39_an_included_match_exec_does_not_run_either(home: Path) -> None:
    (home / ".ssh/more").write_text("Match exec true\n")
    with pytest.raises(ReachError, match=r"more:1: Match exec"):
        look_up(home, "Include more\n")


def test_match_exec_runs_when_allowed(home: Path) -> None:
    assert look_up(home, "Match exec true\n User yes\n", allow_match_exec=True).user == "yes"


def test_39_a_proxy_command_is_refused(home: Path) -> None:
    with pytest.raises(ReachError, match="ProxyCommand for web01, which is not allowed"):
        look_up(home, "ProxyCommand nc %h %p\n")


def test_a_proxy_command_is_told_when_allowed(home: Path) -> None:
    assert look_up(home, "ProxyCommand nc %h %p\n", allow_proxy_command=True).proxy_command == "nc web01 22"


def test_a_proxy_command_of_none_is_none(home: Path) -> None:
    assert look_up(home, "ProxyCommand none\n").proxy_command is None


@pytest.mark.parametrize("text", ["Port many\n", "ConnectTimeout soon\n"])
def test_a_number_that_is_none_is_an_error(home: Path, text: str) -> None:
    with pytest.raises(ReachError, match="which is not a number"):
        look_up(home, text)


@pytest.mark.parametrize("text", ["Host\n", 'Host "a\n', "Match\n", "Match host\n"])
def test_a_file_that_makes_no_sense_is_an_error(home: Path, text: str) -> None:
    with pytest.raises(ReachError, match="ssh_config could not be read"):
        look_up(home, text)
