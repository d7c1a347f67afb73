#!/usr/bin/env python3
"""Learning curve: one classifier, more and more authored statements, scored on annotated meetings.

    python scripts/learning_curve.py configs/six_rounds.yaml --out runs/learning_curve
        [--sizes 0 500 1000 2000 5000] [--seeds 13 14 15] [--steps 120]
        [--on NAME=ANNOTATIONS.jsonl ...] [--meetings DIR ...]

Size 0 trains on nothing but the debate (five folds by delegation where the debate itself is scored). The statements of
a size are whole groups in a random order of the seed, so that each size holds the smaller ones. A classifier that is
fine-tuned reads small sizes more often than the configuration says, up to twenty times, so that it takes ``--steps`` steps:
else the left end of the curve would tell of the schedule, not of the data. Each run is written as soon as it is done; the
same command goes on where it stopped. Labels are the annotators' alone. At the end: ``curve.csv``, ``curve.md`` and, where matplotlib is
installed, ``curve.png``. Intervals: bootstrap over delegations of the mean macro-F1 of the seeds.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from stance.classifiers.base import probabilities
from stance.config import ClassifierConfig, FineTuningConfig, RunConfig, load_config
from stance.encoding import Encoded
from stance.errors import StanceError
from stance.evaluation.curves import (
    fingerprint,
    first_groups,
    fixed_threshold,
    markdown_table,
    named_files,
    shown_score,
    stored_run,
    summarise,
    write_table,
)
from stance.evaluation.splits import annotation_clusters, clusters_of, splits
from stance.manifest import write_text
from stance.positions import decide
from stance.targets import STANCES
from stance.training import Examples, fit_examples, load_examples

DEBATE = "data/annotations/SOC_CP_365.jsonl"
#: More passes than this over a few sentences teach their wording.
MOST_EPOCHS = 20


def epochs_for(config: ClassifierConfig, statements: int, steps: int) -> ClassifierConfig:
    """Return the classifier's configuration with as many epochs as it takes to make ``steps`` steps."""
    if not isinstance(config, FineTuningConfig) or not config.epochs:
        return config
    needed = math.ceil(steps / math.ceil(statements / (config.batch_size * config.accumulation)))
    return config.model_copy(update={"epochs": max(config.epochs, min(needed, MOST_EPOCHS))})


def predict(
    config: RunConfig, size: int, seed: int, steps: int, authored: Examples, sets: dict[str, Examples]
) -> dict[str, Any]:
    """Train once (or once a fold) and return the predicted labels by set."""

    threshold = fixed_threshold(config)

    def fitted(examples: Examples, test: Sequence[Encoded]) -> Any:
        classifier = epochs_for(config.classifier, len(examples.encoded), steps)
        own = config.model_copy(update={"classifier": classifier, "seed": seed})
        return probabilities(fit_examples(own, examples), test)

    debate = sets["debate"]
    results: dict[str, list[str]] = {}
    chosen = authored.part(first_groups(authored.annotations, size, seed)) if size else debate
    if not size:
        proba = np.zeros((len(debate.encoded), len(STANCES)))
        for train, test in splits("folds-by-delegation", annotation_clusters(debate.annotations), 5):
            proba[test] = fitted(debate.part(train), [debate.encoded[i] for i in test])
        results["debate"] = list(decide(proba, threshold))
    rest = [name for name in sets if name not in results]
    if rest:
        encoded = [e for name in rest for e in sets[name].encoded]
        labels = list(decide(fitted(chosen, encoded), threshold))
        for name in rest:
            results[name], labels = labels[: len(sets[name].encoded)], labels[len(sets[name].encoded) :]
    return results


def tabulate(runs: dict[tuple[int, int], dict[str, list[str]]], sets: dict[str, Examples]) -> list[dict[str, Any]]:
    """Return one row a size and set: mean, deviation over the seeds, interval."""
    table = []
    for name, examples in sets.items():
        for size in sorted({size for size, _ in runs}):
            predicted = [labels[name] for (s, _), labels in runs.items() if s == size]
            row = summarise([str(label) for label in examples.labels], predicted, clusters_of(examples.annotations))
            table.append({"set": name, "n": row.pop("n"), "authored": size, **row})
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


def main(argv: list[str] | None = None) -> int:
    """Make the runs and return an exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("--set", action="append", default=[], metavar="KEY.PATH=VALUE")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=[0, 500, 1000, 2000, 5000])
    parser.add_argument("--seeds", type=int, nargs="+", default=[13, 14, 15])
    parser.add_argument(
        "--steps", type=int, default=120, metavar="N", help="steps that a fine-tuned classifier takes at least"
    )
    parser.add_argument("--on", action="append", default=[], metavar="NAME=FILE", help="further annotations to score")
    parser.add_argument("--meetings", action="append", default=[], metavar="DIR", help="folders with their texts")
    args = parser.parse_args(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    try:
        config = load_config(args.config, args.set)
        data = config.data.model_copy(update={"meetings": (*config.data.meetings, "data/meetings", *args.meetings)})
        config = config.model_copy(update={"data": data})
        authored = load_examples(config)
        sets = {"debate": load_examples(config, [DEBATE])}
        for name, file in named_files(args.on, ("debate",)).items():
            sets[name] = load_examples(config, [file])
        sizes = {name: len(examples.encoded) for name, examples in sets.items()}
        tested = {name: examples.files for name, examples in sets.items()}
        fixed_threshold(config)
        runs: dict[tuple[int, int], dict[str, list[str]]] = {}
        for size, seed in tqdm([(z, s) for s in args.seeds for z in args.sizes], desc="runs", unit="run"):
            mark = fingerprint(
                config.model_dump(mode="json", exclude={"data": {"meetings"}}),
                tested,
                authored.files,
                size,
                seed,
                args.steps,
            )
            runs[size, seed] = stored_run(
                args.out / f"run_{size}_{seed}.json",
                mark,
                sizes,
                partial(predict, config, size, seed, args.steps, authored, sets),
            )
    except StanceError as error:
        print(error, file=sys.stderr)
        return 2
    table = tabulate(runs, sets)
    write_table(args.out / "curve.csv", table)
    shown = markdown_table(
        ["set", "n", "authored statements", "seeds", "macro-F1 (95 % interval)", "deviation"],
        [
            (r["set"], r["n"], r["authored"] or "debate only", r["seeds"], shown_score(r), f"{r['deviation']:.3f}")
            for r in table
        ],
    )
    write_text(args.out / "curve.md", shown)
    draw(table, args.out / "curve.png")
    print(shown, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
