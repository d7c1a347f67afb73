"""What a run keeps until it is done, so that an interrupted one goes on where it stopped.

The folder ``.work`` lies inside the output folder. Every file in it is written whole or not at all; a shard or a portion
that is there is not done again. It goes when the results are written.
"""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from stance.attribution import Statement
from stance.encoding import Encoded
from stance.engines.stages import DocumentRecord, Shard
from stance.errors import OutputError
from stance.manifest import write_text

__all__ = ["Work", "pack", "working_folder"]

_STATEMENT = tuple(f.name for f in fields(Statement))
_ENCODED = tuple(f"encoded_{f.name}" for f in fields(Encoded))
_NAME = ".work"


def pack(shard: Shard) -> bytes:
    """Return the file in which a shard is kept, as bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, list[Any]] = {name: [getattr(s, name) for s in shard.statements] for name in _STATEMENT}
    for name in _ENCODED:
        columns[name] = [getattr(e, name.removeprefix("encoded_")) for e in shard.encoded]
    whole, text = pa.int64(), pa.string()
    kinds = {"sentence": whole, "start": whole, "end": whole}
    # In the same file, so that there is no moment at which one is there without the other.
    schema = pa.schema([(name, kinds.get(name, text)) for name in columns], {b"stance": json.dumps(shard.to_json())})
    handle = io.BytesIO()
    pq.write_table(pa.Table.from_pydict(columns, schema=schema), handle)
    return handle.getvalue()


@contextmanager
def working_folder(out: Path, settings: Mapping[str, Any]) -> Iterator[Work]:
    """Give the folder in which a run keeps what it has done; nobody else may write there meanwhile.

    Parameters
    ----------
    out : Path
        The output folder, which exists.
    settings : mapping
        All that the results depend on. What a run with other settings has left is thrown away.

    Raises
    ------
    OutputError
        If another run is writing there.
    """
    place = out / _NAME
    lock = _locked(place)
    try:
        with _told(place):
            work = Work(place, json.dumps(settings, sort_keys=True))
        done = False
        try:
            yield work
            done = True
        finally:
            if done or not work.holds_anything():
                # The lock goes last: until then nobody takes what is left for an interrupted run.
                with suppress(OSError):
                    _empty(place)
                    shutil.rmtree(place)
    finally:
        lock.release()


def _empty(place: Path) -> None:
    """Remove what a working folder holds, but for its lock."""
    for path in place.iterdir():
        if path.name != "lock":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Tell in words that a file of the working folder cannot be written or read."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise OutputError(
            f"{path}: cannot be used: {reason}; make room or remove {_NAME}, and run the same command again"
        ) from None


def _locked(place: Path) -> FileLock:
    """Lock a working folder; the system lets the lock go when the process ends, in whatever way."""
    while True:
        lock = FileLock(place / "lock", timeout=0)
        try:
            place.mkdir(exist_ok=True)
            lock.acquire()
        except Timeout:
            raise OutputError(
                f"{place.parent}: another run is writing there; wait for it, or name another --out"
            ) from None
        except FileNotFoundError:
            continue  # it was taken away between two steps
        except OSError as error:
            raise OutputError(f"{place}: cannot be written: {error.strerror}") from None
        # A run that ended just now took the folder away, and with it the file that is locked here.
        if (place / "lock").exists():
            return lock
        lock.release()


class Work:
    """The working folder of one run.

    Parameters
    ----------
    place : Path
        The folder, which exists and is locked.
    mark : str
        Tells runs with the same settings.

    Attributes
    ----------
    resumed : bool
        Whether an interrupted run with these settings had left something.
    """

    def __init__(self, place: Path, mark: str) -> None:
        self._place = place
        settings = place / "settings.json"
        self.resumed = settings.is_file() and settings.read_text(encoding="utf-8") == mark
        if not self.resumed:
            _empty(place)
        for name in ("read", "classified"):
            (place / name).mkdir(exist_ok=True)
        write_text(settings, mark)

    def holds_anything(self) -> bool:
        """Tell whether any shard or portion is done."""
        return any(not p.name.endswith(".partial") for n in ("read", "classified") for p in (self._place / n).iterdir())

    def drop(self) -> None:
        """Throw away what is done: a run that ends here is not to be gone on with."""
        for name in ("read", "classified"):
            for path in (self._place / name).iterdir():
                path.unlink()

    def _shard(self, number: int) -> Path:
        return self._place / "read" / f"{number:06d}.parquet"

    def _portion(self, number: int) -> Path:
        return self._place / "classified" / f"{number:06d}.npy"

    def has_shard(self, number: int) -> bool:
        """Tell whether a shard was read."""
        return self._shard(number).is_file()

    def has_portion(self, number: int) -> bool:
        """Tell whether a portion was classified."""
        return self._portion(number).is_file()

    def keep_shard(self, number: int, shard: Shard | bytes) -> None:
        """Store a shard that was read, packed already or not."""
        stored = shard if isinstance(shard, bytes) else pack(shard)
        self._keep(self._shard(number), lambda handle: handle.write(stored))

    def note(self, name: str) -> dict[str, Any] | None:
        """Return what was kept under a name; None where nothing was."""
        path = self._place / f"{name}.json"
        with _told(path):
            found: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
        return found

    def keep_note(self, name: str, value: Mapping[str, Any]) -> None:
        """Store something small that is settled once a run."""
        content = json.dumps(value).encode()
        self._keep(self._place / f"{name}.json", lambda handle: handle.write(content))

    def _keep(self, path: Path, write: Callable[[BinaryIO], object]) -> None:
        """Write a file whole or not at all, also when the power fails."""
        partial = path.with_name(path.name + ".partial")
        with _told(path):
            with partial.open("wb") as handle:
                write(handle)
                handle.flush()
                os.fsync(handle.fileno())
            partial.replace(path)

    def count(self, number: int) -> int:
        """Return the number of statements of a shard."""
        import pyarrow.parquet as pq

        path = self._shard(number)
        with _told(path), path.open("rb") as handle:
            return int(pq.read_metadata(handle).num_rows)

    def encoded(self, number: int) -> list[Encoded]:
        """Return what a classifier reads of a shard's statements."""
        rows = self._table(number, _ENCODED).to_pydict()
        return [Encoded(*values) for values in zip(*(rows[name] for name in _ENCODED), strict=True)]

    def shard(self, number: int) -> Shard:
        """Return a shard as it was read, without what a classifier reads of it."""
        table = self._table(number, _STATEMENT)
        rows, record = table.to_pydict(), json.loads(table.schema.metadata[b"stance"])
        return Shard(
            [Statement(*values) for values in zip(*(rows[name] for name in _STATEMENT), strict=True)],
            [],
            [
                DocumentRecord(**{**d, "listed": tuple((code, name, kind) for code, name, kind in d["listed"])})
                for d in record["documents"]
            ],
            [(source, message) for source, message in record["failures"]],
        )

    def _table(self, number: int, columns: Sequence[str]) -> Any:
        import pyarrow.parquet as pq

        path = self._shard(number)
        with _told(path), path.open("rb") as handle:
            return pq.read_table(handle, columns=list(columns))

    def keep_portion(self, number: int, proba: NDArray[np.float64]) -> None:
        """Store the probabilities of a portion, shape (n, 3)."""
        self._keep(self._portion(number), lambda handle: np.save(handle, proba, allow_pickle=False))

    def portion(self, number: int) -> NDArray[np.float64]:
        """Return the probabilities of a portion, shape (n, 3)."""
        path = self._portion(number)
        with _told(path):
            return np.asarray(np.load(path, allow_pickle=False))
