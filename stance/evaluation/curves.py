"""What programs that train one configuration many times share: samples of whole groups, runs that go on, tables.

Used by ``scripts/learning_curve.py`` (more and more statements) and ``scripts/ablate.py`` (other encodings).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.annotations import Annotation
from stance.config import RunConfig
from stance.corpus import corpus_groups
from stance.errors import ConfigError, OutputError
from stance.evaluation.metrics import bootstrap_interval
from stance.manifest import write_text
from stance.targets import STANCES

__all__ = [
    "difference",
    "fingerprint",
    "first_groups",
    "fixed_threshold",
    "macro_f1",
    "markdown_table",
    "named_files",
    "shown_difference",
    "shown_score",
    "stored_run",
    "summarise",
    "write_table",
]

Codes = NDArray[np.int_]


def fixed_threshold(config: RunConfig) -> float:
    """Return the threshold of a configuration that is used without calibration.

    Raises
    ------
    ConfigError
        If it is to be tuned, for which these runs hold nothing out.
    """
    if config.decision.threshold == "auto":
        raise ConfigError(
            "decision.threshold: auto is tuned by stance train alone; override it with --set decision.threshold=0.5"
        )
    return config.decision.threshold


def named_files(items: Sequence[str], taken: Sequence[str]) -> dict[str, str]:
    """Return the sets that a command line names as ``NAME=FILE``.

    Raises
    ------
    ConfigError
        If an item is no such pair, or its name is one of those taken or comes twice.
    """
    found: dict[str, str] = {}
    for item in items:
        name, _, file = item.partition("=")
        if not name or not file or name in taken or name in found:
            raise ConfigError(f"--on {item}: expected NAME=FILE with a name that is not taken")
        found[name] = file
    return found


def first_groups(annotations: Sequence[Annotation], size: int, seed: int) -> list[int]:
    """Return the statements of the first groups, in a random order of groups, that hold ``size`` statements.

    Parameters
    ----------
    annotations : sequence of Annotation
    size : int
        Number of statements; only the last group can be cut.
    seed : int
        Seed of the order, so that each size holds the smaller ones.

    Returns
    -------
    list of int
        Indices, ascending; all of them where there are fewer than ``size``.
    """
    members: dict[str, list[int]] = {}
    for i, group in enumerate(corpus_groups(annotations)):
        members.setdefault(group, []).append(i)
    names = list(members)
    chosen: list[int] = []
    for place in np.random.default_rng(seed).permutation(len(names)):
        if len(chosen) >= size:
            break
        chosen.extend(members[names[place]])
    return sorted(chosen[:size])


def _codes(labels: Sequence[str]) -> Codes:
    return np.array([STANCES.index(label) for label in labels])


def macro_f1(gold: Codes, predicted: Codes) -> float:
    """Return the macro-F1 of labels given as places in ``STANCES``; scikit-learn's, in the time that a bootstrap has."""
    k = len(STANCES)
    confusion = np.bincount(gold * k + predicted, minlength=k * k).reshape(k, k)
    right, due, claimed = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    return float(np.mean(2 * right / np.maximum(due + claimed, 1)))


def _mean_macro(gold: Codes, runs: Sequence[Codes], rows: Codes) -> float:
    return float(np.mean([macro_f1(gold[rows], p[rows]) for p in runs]))


def summarise(
    gold: Sequence[str], runs: Sequence[Sequence[str]], clusters: Sequence[str], *, resamples: int = 1000
) -> dict[str, Any]:
    """Return mean macro-F1 over runs with other seeds, its deviation and a 95 % interval from a bootstrap over clusters.

    Parameters
    ----------
    gold : sequence of str, length n
    runs : sequence of sequences of str, each of length n
        Predicted labels, one sequence a seed.
    clusters : sequence of str, length n

    Returns
    -------
    dict
        ``n``, ``seeds``, ``macro_f1``, ``deviation`` (between seeds; 0 for one seed), ``low``, ``high``.
    """
    g, predicted = _codes(gold), [_codes(r) for r in runs]
    every = [macro_f1(g, p) for p in predicted]
    low, high = bootstrap_interval(lambda rows: _mean_macro(g, predicted, rows), clusters, resamples=resamples)
    return {
        "n": len(g),
        "seeds": len(every),
        "macro_f1": float(np.mean(every)),
        "deviation": float(np.std(every, ddof=1)) if len(every) > 1 else 0.0,
        "low": low,
        "high": high,
    }


def difference(
    gold: Sequence[str],
    runs: Sequence[Sequence[str]],
    reference: Sequence[Sequence[str]],
    clusters: Sequence[str],
    *,
    resamples: int = 1000,
) -> dict[str, float]:
    """Return mean macro-F1 less that of reference runs on the same statements, with a paired bootstrap over clusters.

    Returns
    -------
    dict
        ``difference``, ``difference_low``, ``difference_high`` (95 %).
    """
    g, a, b = _codes(gold), [_codes(r) for r in runs], [_codes(r) for r in reference]

    def gap(rows: Codes) -> float:
        return _mean_macro(g, a, rows) - _mean_macro(g, b, rows)

    low, high = bootstrap_interval(gap, clusters, resamples=resamples)
    return {"difference": gap(np.arange(len(g))), "difference_low": low, "difference_high": high}


def fingerprint(*parts: Any) -> str:
    """Return a digest of what a run is made of: anything that JSON can hold."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def stored_run(
    path: Path, mark: str, sizes: Mapping[str, int], make: Callable[[], dict[str, list[str]]]
) -> dict[str, list[str]]:
    """Return the predicted labels of a run by set: from its file, or made now and written there.

    Parameters
    ----------
    path : Path
        File of the run. One that lacks a set that is asked for now is made again.
    mark : str
        See :func:`fingerprint`.
    sizes : mapping
        Set → number of labels.
    make : callable
        Makes the run.

    Raises
    ------
    OutputError
        If the file is of a run with other settings, or cannot be read.
    """
    if path.is_file():
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            labels: dict[str, list[str]] = stored["labels"]
            # Files of earlier versions do not say what they were made of.
            if stored.get("fingerprint", mark) != mark:
                raise OutputError(f"{path}: is a run with other settings or data; name another --out")
            if all(len(labels.get(name, ())) == n for name, n in sizes.items()):
                return labels
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise OutputError(f"{path}: cannot be read: {error}; remove it") from None
    labels = make()
    write_text(path, json.dumps({"fingerprint": mark, "labels": labels}) + "\n")
    return labels


def write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows with the same columns as CSV, numbers with four digits."""
    handle = io.StringIO()
    writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({k: f"{v:.4f}" if isinstance(v, float) else v for k, v in r.items()} for r in rows)
    write_text(path, handle.getvalue())


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [list(columns), ["---"] * len(columns), *([str(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def shown_score(row: Mapping[str, Any]) -> str:
    """Return the macro-F1 of a row of :func:`summarise` with its interval, for a reader."""
    return f"{row['macro_f1']:.3f} ({row['low']:.3f}–{row['high']:.3f})"


def shown_difference(row: Mapping[str, Any]) -> str:
    """Return a difference of :func:`difference` with its interval, for a reader."""
    return (
        f"{row['difference']:+.3f}{row.get('mark', '')} ({row['difference_low']:+.3f} to {row['difference_high']:+.3f})"
    )
