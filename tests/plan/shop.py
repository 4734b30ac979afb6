"""A repository whose packages are given as resolved items, and everything that applying them needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rem_cli.clock import Clock
from rem_cli.errors import Place
from rem_cli.language import Finding, Item, Resolution, Value
from rem_cli.plan.apply import Applied, apply
from rem_cli.plan.audit import Audit
from rem_cli.plan.catalog import Catalog, compile_catalog
from rem_cli.plan.generations import Generations
from rem_cli.tree.git import GitRepository
from tests.fakes.checkout import Checkout


def item(path: str, *, section: str = "jobs", process: str = "builtin jobs", **fields: Value) -> Item:
    package, *_, key = path.split("/")
    layers = {"group": path.split("/")[2]}
    return Item(path, package, section, process, key, layers, {"name": key, **fields})


def resolution(*items: Item, scripts: Sequence[str] = (), findings: Sequence[Finding] = ()) -> Resolution:
    return Resolution({item.path: item for item in items}, findings, scripts=frozenset(scripts))


WRONG = Finding("REM1000", "something is wrong", Place("packages/shop.yaml", 1, 1))
RESTART = item("shop/jobs/web/restart", workers=1)
CLEAN = item("shop/jobs/web/clean up", workers=2)


class Shop:
    """`apply` commits the files, as a person would, and applies what the items say."""

    def __init__(self, checkout: Checkout, clock: Clock) -> None:
        self.checkout = checkout
        self.repository = GitRepository(checkout.root)
        self.root = checkout.root / ".rem"
        self.clock = clock
        self.generations = Generations(self.root)
        self.audit = Audit(self.root, clock)
        checkout.write({".gitignore": ".rem/\n", "packages/shop/package.yaml": "package: shop\n"})

    def apply(
        self, resolved: Resolution, files: Mapping[str, str] | None = None, *, who: str = "ana", why: str = ""
    ) -> Applied:
        self.checkout.commit(files)
        return self.apply_head(resolved, who=who, why=why)

    def apply_head(self, resolved: Resolution, *, who: str = "ana", why: str = "") -> Applied:
        commit = self.repository.resolve()
        tree = self.repository.at(commit)
        return apply(resolved, tree, commit, self.generations, self.audit, self.clock, who=who, why=why)

    def compile(self, resolved: Resolution, files: Mapping[str, str] | None = None) -> Catalog:
        self.checkout.commit(files)
        return compile_catalog(resolved, self.repository.at(self.repository.resolve()))[0]
