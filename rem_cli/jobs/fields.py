"""An item's fields as Python's own kinds. The language has checked them; what is still off is told with its path."""

from __future__ import annotations

from collections.abc import Iterable

from rem_cli.errors import UsageError
from rem_cli.language import Item, Value


class Fields:
    def __init__(self, item: Item) -> None:
        self._item = item

    def text(self, name: str) -> str | None:
        value = self._item.fields.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | None):
            raise self._wrong(name, "text")
        return str(value) if value is not None else None

    def count(self, name: str) -> int | None:
        value = self._item.fields.get(name)
        if isinstance(value, bool) or not isinstance(value, int | None):
            raise self._wrong(name, "a whole number")
        return value

    def seconds(self, name: str) -> float | None:
        value = self._item.fields.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float | None):
            raise self._wrong(name, "a duration")
        return float(value) if value is not None else None

    def words(self, name: str) -> list[str]:
        return [self._word(name, one) for one in self._list(name)]

    def pairs(self, name: str) -> Iterable[tuple[int, int]]:
        for one in self._list(name):
            match one:
                case [int(left) | float(left), int(right) | float(right)]:
                    yield int(left), int(right)
                case _:
                    raise self._wrong(name, "a list of pairs of numbers")

    def table(self, name: str) -> dict[str, str | None]:
        value = self._item.fields.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self._wrong(name, "a map")
        return {key: None if one is None else self._word(name, one) for key, one in value.items()}

    def _list(self, name: str) -> list[Value]:
        value = self._item.fields.get(name)
        if not isinstance(value, list | None):
            raise self._wrong(name, "a list")
        return value or []

    def _word(self, name: str, value: Value) -> str:
        """A number or a boolean among words is meant as it is written."""
        if isinstance(value, bool):
            return "true" if value else "false"
        if not isinstance(value, str | int | float):
            raise self._wrong(name, "text")
        return str(value)

    def _wrong(self, name: str, kind: str) -> UsageError:
        return UsageError(f"'{name}' of {self._item.path} is not {kind}", hint="rem validate")
