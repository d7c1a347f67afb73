"""INPUT arguments → a list of :class:`Input`, each with a name of its own.

In: files, folders, globs and ``-``, as the user wrote them. Out: one item for every file they reach, in order, and one
that carries its error for whatever cannot be found. Nothing is opened before :meth:`Input.read`.
"""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from stance.documents.model import MAX_BYTES, STDIN, SUFFIXES, Document
from stance.documents.reading import read_document
from stance.documents.wording import clean_name, reason_of, shown_name, stem_of
from stance.errors import InputError


@dataclass(frozen=True)
class Input:
    """One input of a run, readable or not.

    A missing file becomes an item too, so that a run of thousands reports it in its place and goes on.

    Attributes
    ----------
    source
        Path, or ``-`` for standard input.
    name
        Unique among the inputs found together.
    error
        Why it cannot be read, where that is known already; :meth:`read` raises it.
    """

    source: str
    name: str
    error: str | None = None

    def read(self, *, stdin: BinaryIO | None = None, max_bytes: int = MAX_BYTES) -> Document:
        """Read the document.

        Parameters
        ----------
        stdin
            Stream to read for ``-``; the process's standard input by default.
        max_bytes
            Refuse anything larger.

        Returns
        -------
        Document
            Under this input's name.

        Raises
        ------
        InputError
            The input cannot be read; the message names it and says what to do.
        """
        if self.error is not None:
            raise InputError(self.error)
        return read_document(self.source, name=self.name, stdin=stdin, max_bytes=max_bytes)


@dataclass(frozen=True)
class HeldInput(Input):
    """An input that was read already, such as standard input, which is not there a second time.

    Attributes
    ----------
    document
        None where it could not be read.
    """

    document: Document | None = None

    def read(self, *, stdin: BinaryIO | None = None, max_bytes: int = MAX_BYTES) -> Document:
        """Return the document; see :meth:`Input.read`."""
        if self.document is None:
            raise InputError(self.error or "")
        return self.document


def find_inputs(patterns: Iterable[str | os.PathLike[str]]) -> list[Input]:
    """Expand INPUT arguments into named inputs, in the order given.

    A folder is searched in depth for readable endings (hidden files and Word's ``~$`` lock files are passed over); a
    glob gives what a shell would make of it; a file that several arguments reach is taken once.

    Parameters
    ----------
    patterns
        Files, folders, globs (``**`` crosses folders), ``-``.

    Returns
    -------
    list[Input]
        What was found. A missing file, a glob without match and a folder without readable files are items whose
        ``error`` is set.
    """
    found: list[tuple[str, str | None]] = []
    seen: set[str] = set()

    def add(source: str, error: str | None = None) -> None:
        key = source if source == STDIN else os.path.realpath(source)
        if key not in seen:
            seen.add(key)
            found.append((source, error))

    for pattern in patterns:
        given = os.fspath(pattern)
        if given == STDIN:
            add(STDIN)
            continue
        if not given:
            add(given, "(empty name): no such file; name a file, a folder, a glob or -")
            continue
        # A shell that did not expand "~" (quoted, or from a configuration file) is no reason to fail.
        path = given if os.path.lexists(given) else _at_home(given)
        if os.path.lexists(path):
            _add_path(path, add)
        elif glob.has_magic(path):
            matches = sorted(glob.glob(path, recursive=True))
            # "**" yields the folders on the way as well; their files are matched by themselves.
            files = [match for match in matches if not Path(match).is_dir()]
            for match in files if "**" in path else matches:
                _add_path(match, add)
            if not matches or ("**" in path and not files):
                add(
                    given,
                    f"{shown_name(given)}: no file matches this pattern; check the path (or quote it for the shell)",
                )
        else:
            add(given, f"{shown_name(given)}: no such file or folder; check the path")
    names = _unique_names([source for source, _ in found])
    return [Input(source, name, error) for (source, error), name in zip(found, names, strict=True)]


def _at_home(path: str) -> str:
    try:
        return str(Path(path).expanduser()) if path.startswith("~") else path
    except RuntimeError:  # no such user
        return path


def _add_path(path: str, add: Any) -> None:
    if not Path(path).is_dir():
        add(path)
        return
    refused: list[OSError] = []
    files: list[str] = []
    for folder, folders, names in os.walk(path, onerror=refused.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files += [
            str(Path(folder, name))
            for name in names
            if not name.startswith((".", "~$")) and Path(name).suffix.lower() in SUFFIXES
        ]
    for file in sorted(files):
        add(file)
    for error in refused:
        folder = str(error.filename or path)
        add(folder, f"{shown_name(folder)}: cannot open this folder ({reason_of(error)}); check its permissions")
    if not files and not refused:
        endings = ", ".join(sorted(SUFFIXES))
        add(path, f"{shown_name(path)}: no readable file in this folder; it is searched for {endings}")


def _unique_names(sources: Sequence[str]) -> list[str]:
    """Name each source by its stem, with as many of its folders (and its ending) as telling them apart needs."""
    # The folder is resolved, the file is not: a link is called what the user called it.
    paths = [None if source == STDIN else Path(source).parent.resolve() / Path(source).name for source in sources]
    stems = ["stdin" if path is None else stem_of(path.name) for path in paths]
    keys = [(STDIN,) if path is None else (*path.parent.parts[1:], stems[i]) for i, path in enumerate(paths)]
    groups: dict[str, list[int]] = {}
    for i, stem in enumerate(stems):
        groups.setdefault(stem, []).append(i)
    twins = Counter(keys)
    names: list[str] = []
    taken: set[str] = set()
    for i, (path, stem) in enumerate(zip(paths, stems, strict=True)):
        name, group = stem, groups[stem]
        if path is not None and len(group) > 1:
            key = keys[i]
            others = {keys[j] for j in group} - {key}
            depth = next((d for d in range(2, len(key)) if all(o[-d:] != key[-d:] for o in others)), len(key))
            name = "/".join((*key[-depth:-1], path.name if twins[key] > 1 else stem))
        name = clean_name(name)
        while name in taken:  # "a/x" can also be the stem-with-ending of something else; rare, but names must differ
            name += "~"
        taken.add(name)
        names.append(name)
    return names
