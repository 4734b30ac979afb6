"""A fleet of SSH hosts on this machine: one real OpenSSH sshd that answers on many addresses of 127.0.0.0/8.

Every address of 127.0.0.0/8 is this machine, so each one that sshd listens on is a host of its own to whoever
connects: own address, own link, up to sixteen hosts also their own home directory. Nothing outside can reach them.
`rem demo` shows REM on such a fleet, and the tests run against it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from rem_cli.reach import ReachError

OWN_LISTENERS = 16  # sshd accepts no more ListenAddress lines than this (MAX_LISTEN_SOCKS in its sshd.c)
START_SECONDS = 10.0
STOP_SECONDS = 5.0
PR_SET_PDEATHSIG = 1  # prctl(2)
PENALTIES_SINCE = (9, 8)  # from here on sshd bans addresses that fail to log in, and cannot do without re-exec


class Fleet:
    """Loopback hosts, for as long as the `with` block lasts.

    `directory` (created when missing, mode 0700) holds the keys, the configuration, the log and the hosts' homes; it
    is left for the caller to remove. Up to sixteen hosts can be broken and healed one by one.

    Raises ReachError when sshd is not installed or does not start.
    """

    def __init__(self, directory: Path, count: int) -> None:
        self.directory = directory.resolve()
        self.hosts = tuple(f"127.1.{index // 250}.{1 + index % 250}" for index in range(count))
        self.user = pwd.getpwuid(os.getuid()).pw_name
        self.port = 0  # known once started
        self.key = self.directory / "id_ed25519"
        self.known_hosts = self.directory / "known_hosts"
        self.ssh_config = self.directory / "ssh_config"
        self._own_listeners = count <= OWN_LISTENERS
        self._broken: set[str] = set()
        self._sshd = _sshd_path()
        self._version = _sshd_version(self._sshd)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._make_keys()
        for home in {self.home(host) for host in self.hosts}:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(
                mode=0o755, exist_ok=True
            )  # the empty directory that sshd as root confines itself to
        for _ in range(5):  # somebody else may take the free port before sshd does
            self.port = _free_port()
            self._configure()
            self._process = self._start()
            if self._wait_until_answering():
                break
            self._stop()
        else:
            raise ReachError(f"the loopback hosts did not start: {self.log()[-300:].strip()}", hint=f"read {self._log}")
        self._tell_clients()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def home(self, host: str) -> Path:
        """The home directory of whoever logs in to `host`."""
        return self.directory / "homes" / (host if self._own_listeners else "all")

    def log(self) -> str:
        """What sshd has logged so far."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def break_host(self, host: str) -> None:
        """Let `host` refuse connections, and cut those it has; the others go on. Returns when it is so."""
        self._reload(self._broken | {self._known(host)})
        self._cut_links(host)

    def heal_host(self, host: str) -> None:
        """Undo `break_host`."""
        self._reload(self._broken - {self._known(host)})

    def _known(self, host: str) -> str:
        if host not in self.hosts:
            raise ReachError(f"{host} is not a host of this fleet", hint=f"take one of {', '.join(self.hosts[:3])} …")
        if not self._own_listeners:
            raise ReachError(
                f"a fleet of more than {OWN_LISTENERS} hosts cannot break one", hint="make a smaller fleet"
            )
        return host

    def _reload(self, broken: set[str]) -> None:
        assert self._process is not None, "the fleet is not running"
        self._broken = broken
        self._configure()
        self._process.send_signal(signal.SIGHUP)
        wanted = {host: host not in broken for host in self.hosts}
        if not self._wait(lambda: all(self._answers(host) is up for host, up in wanted.items())):
            raise ReachError("sshd did not take over its new configuration", hint=f"read {self._log}")

    def _cut_links(self, host: str) -> None:
        """End the sshd processes that serve connections to `host`."""
        assert self._process is not None
        ours = _links_to(host, self.port)
        for pid in _descendants(self._process.pid):
            if ours & _sockets_of(pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    @property
    def _log(self) -> Path:
        return self.directory / "sshd.log"

    def _make_keys(self) -> None:
        for path in (self.key, self.directory / "host_key"):
            if not path.exists():
                _run_keygen("-q", "-t", "ed25519", "-N", "", "-C", "rem loopback", "-f", str(path))
        shutil.copyfile(f"{self.key}.pub", self.directory / "authorized_keys")

    def _configure(self) -> None:
        path = self.directory / "sshd_config"
        fresh = path.with_suffix(".new")
        fresh.write_text("\n".join(self._sshd_config()) + "\n")
        fresh.replace(path)

    def _sshd_config(self) -> list[str]:
        if self._own_listeners:
            up = [host for host in self.hosts if host not in self._broken]
            listen = [f"ListenAddress {host}" for host in up or ["127.255.255.254"]]
        else:
            # Bound to the loopback device, so that nothing outside gets in.
            listen = ["ListenAddress 0.0.0.0 rdomain lo"]
        lines = [
            f"Port {self.port}",
            *listen,
            f"HostKey {self.directory}/host_key",
            f"AuthorizedKeysFile {self.directory}/authorized_keys",
            "PidFile none",
            "StrictModes no",
            # Without PAM a locked account ("!") is refused even with the right key.
            f"UsePAM {'yes' if _account_is_locked(self.user) else 'no'}",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "PermitRootLogin prohibit-password",
            "UseDNS no",
            "PrintMotd no",
            "PrintLastLog no",
            "X11Forwarding no",
            "AllowAgentForwarding no",
            "MaxStartups 2000",
            "MaxSessions 1000",
            "LoginGraceTime 60",
            "LogLevel ERROR",
            "Subsystem sftp internal-sftp",
            *(["PerSourcePenalties no"] if self._version >= PENALTIES_SINCE else []),
            # SHLVL keeps bash from reading ~/.bashrc, which it otherwise does under sshd for every command.
            f"SetEnv HOME={self.home(self.hosts[0])} SHLVL=9",
        ]
        if self._own_listeners:
            for host in self.hosts:
                lines += [f"Match LocalAddress {host}", f"  SetEnv HOME={self.home(host)} SHLVL=9"]
        return lines

    def _start(self) -> subprocess.Popen[bytes]:
        # -r: fork without re-exec, a third less work for each connection.
        quick = ["-r"] if self._version < PENALTIES_SINCE else []
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [self._sshd, "-D", "-e", *quick, "-f", str(self.directory / "sshd_config")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )

    def _wait_until_answering(self) -> bool:
        return self._wait(lambda: all(self._answers(host) for host in (self.hosts[0], self.hosts[-1])))

    def _wait(self, done: Callable[[], bool]) -> bool:
        assert self._process is not None
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            if done():
                return True
            time.sleep(0.01)
        return False

    def _answers(self, host: str) -> bool:
        try:
            with socket.create_connection((host, self.port), 1.0) as link:
                link.settimeout(2.0)
                return link.recv(4) == b"SSH-"
        except OSError:
            return False

    def _tell_clients(self) -> None:
        kind, key = Path(f"{self.directory}/host_key.pub").read_text().split()[:2]
        self.known_hosts.write_text("".join(f"[{host}]:{self.port} {kind} {key}\n" for host in self.hosts))
        settings = {
            "User": self.user,
            "Port": self.port,
            "IdentityFile": self.key,
            "IdentitiesOnly": "yes",
            "UserKnownHostsFile": self.known_hosts,
            "GlobalKnownHostsFile": "/dev/null",
            "StrictHostKeyChecking": "yes",
            "BatchMode": "yes",
        }
        self.ssh_config.write_text("Host 127.*\n" + "".join(f"  {word} {value}\n" for word, value in settings.items()))

    def _stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()  # only the listener; what it serves ends with its clients
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _sshd_path() -> str:
    path = shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if path is None:
        raise ReachError("sshd is not installed on this machine", hint="apt-get install openssh-server")
    return path


def _sshd_version(sshd: str) -> tuple[int, int]:
    """(major, minor) of OpenSSH. `-V` is an unknown option to older ones, which then print it with their usage."""
    said = subprocess.run([sshd, "-V"], capture_output=True, text=True, check=False)
    found = re.search(r"OpenSSH_(\d+)\.(\d+)", said.stderr + said.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _run_keygen(*words: str) -> None:
    try:
        subprocess.run(["ssh-keygen", *words], check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except FileNotFoundError:
        raise ReachError("ssh-keygen is not installed", hint="apt-get install openssh-client") from None
    except subprocess.CalledProcessError as error:
        raise ReachError(f"ssh-keygen made no key: {error.stderr.strip()}") from None


def _account_is_locked(user: str) -> bool:
    try:
        lines = Path("/etc/shadow").read_text().splitlines()
    except OSError:
        return False  # not root: then sshd cannot tell either
    return any(line.startswith(f"{user}:!") for line in lines)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("", 0))  # free on every address
        port: int = probe.getsockname()[1]
        return port


def _end_with_parent() -> None:
    """In the child: have the kernel end it when its parent dies, however that happens (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _descendants(pid: int) -> list[int]:
    """Process ids below `pid`, from proc(5)."""
    try:
        children = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return [below for child in children for below in (child, *_descendants(child))]


def _links_to(host: str, port: int) -> set[str]:
    """Inode numbers of this machine's TCP sockets whose own end is host:port and which are connected (proc(5))."""
    own = f"{socket.inet_aton(host)[::-1].hex().upper()}:{port:04X}"
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return {row[9] for row in rows if row[1] == own and row[3] == "01"}  # 01: TCP_ESTABLISHED


def _sockets_of(pid: int) -> set[str]:
    """Inode numbers of the sockets that a process holds."""
    found = set()
    with contextlib.suppress(OSError):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                name = str(entry.readlink())
                if name.startswith("socket:["):
                    found.add(name[8:-1])
    return found
