"""Answers on disk, so that nothing is asked, and paid for, twice."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from stance.errors import ModelError

__all__ = ["AnswerCache"]

#: Seconds that one process waits for another that is writing.
_WAIT = 60.0


class AnswerCache:
    """Answers by a digest of what was asked; may be used by several threads and processes.

    Each answer is stored when it comes, so that a killed run loses none. What was asked is not stored.

    Parameters
    ----------
    path : Path
        A file of SQLite; made with its folder where it does not exist.

    Raises
    ------
    ModelError
        If the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._store = sqlite3.connect(path, timeout=_WAIT, isolation_level=None, check_same_thread=False)
            self._store.execute("pragma journal_mode=wal")
            self._store.execute("create table if not exists answers (asked text primary key, answer text not null)")
        except (OSError, sqlite3.Error) as error:
            raise self._told(error) from None

    def _told(self, error: Exception) -> ModelError:
        return ModelError(
            f"{self._path}: cannot be used to keep answers: {error}; remove it, or name another (classifier.cache)"
        )

    def get(self, asked: str) -> dict[str, Any] | None:
        """Return the answer that was kept under a digest; None where there is none."""
        try:
            with self._lock:
                row = self._store.execute("select answer from answers where asked = ?", (asked,)).fetchone()
            return None if row is None else dict(json.loads(row[0]))
        except (sqlite3.Error, ValueError) as error:
            raise self._told(error) from None

    def has(self, asked: Iterable[str]) -> int:
        """Return how many of the digests have an answer."""
        return sum(self.get(key) is not None for key in asked)

    def put(self, asked: str, answer: dict[str, Any]) -> None:
        """Keep an answer; it is on disk when this returns."""
        try:
            with self._lock:
                self._store.execute(
                    "insert or replace into answers values (?, ?)", (asked, json.dumps(answer, ensure_ascii=False))
                )
        except sqlite3.Error as error:
            raise self._told(error) from None

    def close(self) -> None:
        """Close the file."""
        self._store.close()
