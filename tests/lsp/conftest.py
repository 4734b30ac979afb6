"""A repository, and an editor in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.checkout import Checkout
from tests.lsp.editor import Editor

FILES: dict[str, str | bytes] = {
    "packages/shop/package.yaml": """\
package: shop
hosts:
  web:
    web01: {address: 192.0.2.11, reach: local}
    web02: {}
jobs:
  try:
    good:
      title: A good one
      script: scripts/a.sh
      hosts: "@web"
      timeout: 10s
    other: {command: [uptime]}
monitors:
  web:
    front: {kind: job, job: jobs/try/good}
""",
    "packages/shop/scripts/a.sh": "#!/bin/sh\n",
    "packages/shop/queues.yaml": "mails: {bound: 5}\n",
    "packages/racks.yaml": """\
package: racks
version: 1.2.0
sections:
  machines:
    info: What stands in our racks.
    grouped indexes:
      - {index: site, type: label}
      - {index: null, key field: name}
    fields:
      name: {type: hostname}
      slot: {type: count, range: [1, 42], info: Counted from below.}
      room: {type: text}
    sections:
      probes:
        grouped indexes: [{index: null, key field: probe}]
        fields:
          probe: {type: label}
          url: {type: url, required: true}
machines:
  berlin:
    db01: {slot: 3, room: A, probes: {alive: {url: "https://${site}.example/${room}"}}}
""",
    "packages/site.yaml": """\
specification: true
params: {url: {type: url, required: true}, slow: {type: duration, default: 5s}}
""",
    "packages/user.yaml": """\
package: user
require: {racks: ">=1"}
machines:
  paris: {}
""",
}


@pytest.fixture
def repository(tmp_path: Path) -> Checkout:
    checkout = Checkout(tmp_path / "ops")
    checkout.write(FILES)
    return checkout


@pytest.fixture
def editor(repository: Checkout) -> Iterator[Editor]:
    with Editor(repository.root) as session:
        yield session
