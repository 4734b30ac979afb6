"""`rem collect` on hosts of a real sshd, and with secrets."""

from __future__ import annotations

import pytest
from pysnmp.proto import rfc1902

from rem_cli.reach.loopback import Fleet
from tests.cli.conftest import Repository
from tests.fakes.agent import Agent

PACKAGE = """\
package: shop
version: 0.1.0
params: {{kept: {{type: retention, default: "60s:1d"}}}}
hosts:
  web: {{web01: {{address: {0}}}, web02: {{address: {1}}}, gone: {{address: 127.0.0.1, port: 1}}}}
monitors:
  far:
    system: {{kind: local, hosts: "*", measures: [load 1], timeout: 20s, retention: "${{kept}}"}}
    there:
      kind: script
      command: [sh, -c, 'echo "{{\\"home\\": $${{#HOME}}}}"']
      hosts: web01
      where: host
      timeout: 20s
      retention: "${{kept}}"
    told:
      kind: script
      command: [sh, -c, 'echo "{{\\"length\\": $${{#REM_CREDENTIALS}}}}"; env >&2']
      credentials: "env:TOKEN"
      retention: "${{kept}}"
    none: {{kind: snmp, address: 127.0.0.1, credentials: "env:NOBODY_SET_IT"}}
    agent:
      kind: snmp
      address: 127.0.0.1
      port: {2}
      oid: 1.3.6.1.4.1.99999.1
      credentials: "env:WORD"
      retention: "${{kept}}"
"""


@pytest.fixture
def agent() -> Agent:
    one = Agent(community="s3cret-w0rd")
    one.set("1.3.6.1.4.1.99999.1", rfc1902.Gauge32(42))
    return one


def test_hosts_are_read_over_ssh_and_secrets_stay_where_they_belong(
    empty: Repository, fleet: Fleet, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REM_SSH_CONFIG", str(fleet.ssh_config))
    monkeypatch.setenv("TOKEN", "t0ken-t0ken")
    monkeypatch.setenv("WORD", "s3cret-w0rd")
    package = PACKAGE.format(*fleet.hosts[:2], agent.port)
    empty.commit({"packages/shop/package.yaml": package}, message="far")
    assert empty.rem("apply").status == 0
    with agent:
        done = empty.rem("collect")
    lines = done.out.splitlines()
    assert lines[0].startswith("down shop/monitors/far/system/gone: ")
    assert (done.status, len(lines)) == (5, 2)
    assert "shop/monitors/far/none is not checked: " in done.err and "NOBODY_SET_IT" in done.err
    rows = empty.rem("series", "list", "--format", "json").document["series"]
    found = {row["series"].removeprefix("shop/monitors/far/"): row["value"] for row in rows}
    assert [found[f"system/{name}/up"] for name in ("web01", "web02", "gone")] == [1, 1, 0]
    assert "system/gone/load 1" not in found and found["system/web01/load 1"] >= 0
    assert found["there/web01/home"] == len(str(fleet.home(fleet.hosts[0])))
    assert (found["told/localhost/length"], found["agent/127.0.0.1/value"]) == (len("t0ken-t0ken"), 42)
    kept = b"".join(path.read_bytes() for path in empty.state.rglob("*") if path.is_file())
    assert b"s3cret-w0rd" not in kept and b"t0ken-t0ken" not in kept
