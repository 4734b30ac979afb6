"""A store in a folder of its own, and retentions to write into it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rem_cli.series import Archive, Retention
from rem_cli.series.whisper import WhisperStore

NOW = 1_700_000_000
MINUTES = Retention((Archive(60, 3600), Archive(300, 86400)))  # an hour of minutes, a day of five minutes


@pytest.fixture
def store(tmp_path: Path) -> WhisperStore:
    return WhisperStore(tmp_path / "series", patience=0.2)
