#!/usr/bin/env python3
"""Learning curve: one classifier, more and more authored statements, scored on annotated meetings.

    python scripts/learning_curve.py configs/default.yaml --out runs/learning_curve
        [--sizes 0 500 1000 2000 5000] [--seeds 13 14 15] [--on NAME=ANNOTATIONS.jsonl ...] [--meetings DIR ...]

Size 0 trains on nothing but the debate (five folds by delegation where the debate itself is scored). The statements of
a size are whole groups in a random order of the seed, so that each size holds the smaller ones. Each run is written as soon
as it is done; the same command goes on where it stopped. At the end: ``curve.csv``, ``curve.md`` and, where matplotlib is
installed, ``curve.png``. Intervals: bootstrap over delegations of the mean macro-F1 of the seeds.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score
from tqdm import tqdm

from stance.annotations import Annotation
from stance.classifiers import build_classifier
from stance.classifiers.base import probabilities
from stance.config import RunConfig, load_config
from stance.corpus import corpus_groups
from stance.encoding import Encoded
from stance.errors import StanceError
from stance.evaluation.curves import fixed_threshold
from stance.evaluation.metrics import bootstrap_interval
from stance.evaluation.splits import annotation_clusters, splits
from stance.manifest import write_text
from stance.positions import decide
from stance.targets import STANCES
from stance.training import Examples, load_examples

DEBATE = "data/annotations/SOC_CP_365.jsonl"


def first(examples: Examples, size: int, seed: int) -> list[int]:
    """Return the statements of the first groups, in a random order of groups, that hold ``size`` statements."""
    groups = corpus_groups(examples.annotations)
    members: dict[str, list[int]] = {}
    for i, group in enumerate(groups):
        members.setdefault(group, []).append(i)
    names = list(members)
    chosen: list[int] = []
    for place in np.random.default_rng(seed).permutation(len(names)):
        if len(chosen) >= size:
            break
        chosen.extend(members[names[place]])
    return sorted(chosen[:size])


def fitted(config: RunConfig, seed: int, X: Sequence[Encoded], y: Sequence[str], test: Sequence[Encoded]) -> Any:
    return probabilities(build_classifier(config.classifier, seed).fit(X, y), test)


def predict(config: RunConfig, size: int, seed: int, authored: Examples, sets: dict[str, Examples]) -> dict[str, Any]:
    """Train once (or once a fold) and return the predicted labels by set."""
    debate = sets["debate"]
    results: dict[str, list[str]] = {}
    if size:
        rows = first(authored, size, seed)
        X, y = [authored.encoded[i] for i in rows], [str(authored.labels[i]) for i in rows]
    else:
        X, y = list(debate.encoded), [str(label) for label in debate.labels]
        proba = np.zeros((len(X), len(STANCES)))
        for train, test in splits("folds-by-delegation", annotation_clusters(debate.annotations), 5):
            held = [X[i] for i in test]
            proba[test] = fitted(config, seed, [X[i] for i in train], [y[i] for i in train], held)
        results["debate"] = list(decide(proba, fixed_threshold(config)))
    rest = [name for name in sets if name not in results]
    if rest:
        encoded = [e for name in rest for e in sets[name].encoded]
        labels = list(decide(fitted(config, seed, X, y, encoded), fixed_threshold(config)))
        for name in rest:
            results[name], labels = labels[: len(sets[name].encoded)], labels[len(sets[name].encoded) :]
    return results


def clusters_of(annotations: Sequence[Annotation]) -> list[str]:
    # Codes recur in other meetings of a set; there they are other people in another debate.
    return [f"{a.document}:{c}" for a, c in zip(annotations, annotation_clusters(annotations), strict=True)]


def summarise(runs: list[dict[str, Any]], sets: dict[str, Examples]) -> list[dict[str, Any]]:
    """Return one row a size and set: mean, deviation over the seeds, interval."""
    table = []
    for name, examples in sets.items():
        gold = np.asarray(examples.labels)
        for size in sorted({r["size"] for r in runs}):
            predicted = [np.array(r["labels"][name]) for r in runs if r["size"] == size and name in r["labels"]]

            def macro(rows: NDArray[np.int_], p: list[Any] = predicted, g: Any = gold) -> float:
                return float(
                    np.mean(
                        [f1_score(g[rows], q[rows], labels=list(STANCES), average="macro", zero_division=0) for q in p]
                    )
                )

            every = [f1_score(gold, q, labels=list(STANCES), average="macro", zero_division=0) for q in predicted]
            low, high = bootstrap_interval(macro, clusters_of(examples.annotations), resamples=1000)
            table.append(
                {
                    "set": name, "n": len(gold), "authored": size, "seeds": len(every), "macro_f1": float(np.mean(every)),
                    "deviation": float(np.std(every, ddof=1)) if len(every) > 1 else 0.0, "low": low, "high": high,
                }
            )  # fmt: skip
    return table


def draw(table: list[dict[str, Any]], path: Path) -> None:
    """Draw the curve with its intervals."""
    try:
        import matplotlib
    except ImportError:
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(6.4, 4), layout="constrained")
    for name in dict.fromkeys(r["set"] for r in table):
        rows = [r for r in table if r["set"] == name]
        x = [max(r["authored"], 100) for r in rows]
        axes.plot(x, [r["macro_f1"] for r in rows], marker="o", label=f"{name} (n = {rows[0]['n']})")
        axes.fill_between(x, [r["low"] for r in rows], [r["high"] for r in rows], alpha=0.15)
    ticks = sorted({r["authored"] for r in table})
    axes.set_xscale("log")
    axes.set_xticks([max(t, 100) for t in ticks], [str(t) if t else "debate only" for t in ticks])
    axes.minorticks_off()
    axes.set(xlabel="authored statements in training", ylabel="macro-F1", ylim=(0, 1))
    axes.legend()
    figure.savefig(path, dpi=150)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("--set", action="append", default=[], metavar="KEY.PATH=VALUE")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=[0, 500, 1000, 2000, 5000])
    parser.add_argument("--seeds", type=int, nargs="+", default=[13, 14, 15])
    parser.add_argument("--on", action="append", default=[], metavar="NAME=FILE", help="further annotations to score")
    parser.add_argument("--meetings", action="append", default=[], metavar="DIR", help="folders with their texts")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    try:
        config = load_config(args.config, args.set)
        data = config.data.model_copy(update={"meetings": (*config.data.meetings, "data/meetings", *args.meetings)})
        config = config.model_copy(update={"data": data})
        authored = load_examples(config)
        sets = {"debate": load_examples(config, [DEBATE])}
        for item in args.on:
            name, _, file = item.partition("=")
            sets[name] = load_examples(config, [file])
        todo = [(size, seed) for seed in args.seeds for size in args.sizes]
        for size, seed in tqdm(todo, desc="runs", unit="run"):
            path = args.out / f"run_{size}_{seed}.json"
            if not path.is_file():
                labels = predict(config, size, seed, authored, sets)
                write_text(path, json.dumps({"size": size, "seed": seed, "labels": labels}) + "\n")
    except StanceError as error:
        print(error, file=sys.stderr)
        return 2
    runs = [json.loads(p.read_text(encoding="utf-8")) for p in sorted(args.out.glob("run_*.json"))]
    table = summarise(runs, sets)
    handle = io.StringIO()
    writer = csv.DictWriter(handle, list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({k: f"{v:.4f}" if isinstance(v, float) else v for k, v in r.items()} for r in table)
    write_text(args.out / "curve.csv", handle.getvalue())
    shown = "".join(
        f"| {r['set']} | {r['n']} | {r['authored'] or 'debate only'} | {r['seeds']} | {r['macro_f1']:.3f} "
        f"({r['low']:.3f}–{r['high']:.3f}) | {r['deviation']:.3f} |\n"
        for r in table
    )
    head = (
        "| set | n | authored statements | seeds | macro-F1 (95 % interval) | deviation |\n|---|---|---|---|---|---|\n"
    )
    write_text(args.out / "curve.md", head + shown)
    draw(table, args.out / "curve.png")
    print(head + shown, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
