#!/usr/bin/env python3
"""Ablations: the same classifier with other encodings, scored on authored and annotated statements.

    python scripts/ablate.py configs/six_rounds.yaml --out runs/ablation [--seeds 13 14 15] [--limit N]
        [--variants unmasked no-target context-0 ...] [--on NAME=ANNOTATIONS.jsonl ...] [--meetings DIR ...]

The reference is the configuration's own encoding. A variant changes one thing of it (masked, unmasked, target, no-target,
clauses, no-clauses, context-0 to context-5) or several (unmasked+context-0). All are trained on the same statements, whole
groups in a random order of the seed with --limit; the development part, what the configuration calibrates on, and the sets
that are scored are in no training. The transfer part is scored where it is in none. Labels are those of uncalibrated
probabilities.

Each run is written as soon as it is done; the same command goes on where it stopped. At the end: ``ablation.csv``,
``ablation.md`` and, where matplotlib is installed, ``ablation.png``. Intervals: bootstrap over delegations (debate and
further sets) or groups (authored parts); differences to the reference are paired. The last column is the share of labels
of the debate that change when every delegation has the name of another one (0 where names are masked).
"""

from __future__ import annotations

import argparse
import re
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from stance.annotations import Annotation
from stance.classifiers import build_classifier
from stance.classifiers.base import probabilities
from stance.config import RunConfig, load_config, replace_fields
from stance.corpus import corpus_groups, parts_of
from stance.encoding import Encoded, EncodingOptions, encode_annotations
from stance.errors import ConfigError, StanceError
from stance.evaluation.curves import (
    difference,
    fingerprint,
    first_groups,
    fixed_threshold,
    markdown_table,
    named_files,
    shown_difference,
    shown_score,
    stored_run,
    summarise,
    write_table,
)
from stance.evaluation.exchange import exchange_names, stand_alone
from stance.evaluation.splits import clusters_of
from stance.manifest import write_text
from stance.positions import decide
from stance.resources import existing_path
from stance.training import Examples, load_examples

DEBATE = "data/annotations/SOC_CP_365.jsonl"
REFERENCE = "reference"
VARIANTS = (
    "masked", "unmasked", "target", "no-target", "clauses", "no-clauses", "context-0", "context-1", "context-2", "context-3",
)  # fmt: skip
_STEPS = {
    "masked": ("encoding.mask", True), "unmasked": ("encoding.mask", False),
    "target": ("encoding.target", True), "no-target": ("encoding.target", False),
    "clauses": ("encoding.clauses", True), "no-clauses": ("encoding.clauses", False),
}  # fmt: skip
_OWN, _OTHER = "debate, own names", "debate, exchanged names"

Runs = dict[tuple[str, int], dict[str, list[str]]]


def variant_config(config: RunConfig, name: str) -> RunConfig:
    """Return the configuration with the encoding that a variant's name says."""
    changes: dict[str, Any] = {}
    for step in [] if name == REFERENCE else name.split("+"):
        context = re.fullmatch(r"context-(\d)", step)
        if not context and step not in _STEPS:
            raise ConfigError(f"--variants {name}: {step!r} is not one of {', '.join(VARIANTS)}")
        path, value = ("encoding.context", int(context[1])) if context else _STEPS[step]
        changes[path] = value
    return replace_fields(config, changes)


def choose(config: RunConfig, names: list[str] | None) -> dict[str, RunConfig]:
    """Return the reference and the variants; of the usual ones those that differ from it."""
    found = {REFERENCE: config}
    for name in names if names is not None else VARIANTS:
        changed = variant_config(config, name)
        if names is not None or changed != config:
            found[name] = changed
    return found


class Statements:
    """Training data and sets, encoded anew for each variant that still has runs to make."""

    def __init__(self, config: RunConfig, on: dict[str, str], limit: int | None) -> None:
        self.limit = limit or config.data.limit
        self.on = {"debate": DEBATE, **on}
        whole = config.data.model_copy(update={"parts": (), "limit": None})
        self.config = config.model_copy(update={"data": whole})
        everything = load_examples(self.config)
        self.files = everything.files
        self.rows = self._divide(config, everything.annotations)
        self.annotations = {name: found.annotations for name, found in self._sets(self.config, everything).items()}
        self.train = [everything.annotations[i] for i in self.rows["train"]]
        if not self.train:
            raise ConfigError("data.train: nothing is left to train on without the sets that are scored")

    def _divide(self, config: RunConfig, annotations: list[Annotation]) -> dict[str, list[int]]:
        """Return the rows of training and of the authored parts that are scored."""
        place = parts_of(annotations, existing_path(config.data.splits))
        out = {"development", *config.calibration.parts}
        scored = {
            a.document
            for file in self.on.values()
            for a in load_examples(self.config, [file]).annotations
            if a.start is not None
        }
        inside = [
            p not in out and (p is None or not config.data.parts or p in config.data.parts)
            and not (a.start is not None and a.document in scored)
            for a, p in zip(annotations, place, strict=True)
        ]  # fmt: skip
        rows = {"train": [i for i, x in enumerate(inside) if x]}
        trained = {place[i] for i in rows["train"]}
        for part in ("development", "transfer"):
            if part in place and part not in trained:
                rows[part] = [i for i, p in enumerate(place) if p == part]
        return rows

    def _sets(self, config: RunConfig, everything: Examples) -> dict[str, Examples]:
        sets = {name: everything.part(rows) for name, rows in self.rows.items() if name != "train"}
        # A target that training leaves out is one to be tested on.
        whole = config.model_copy(update={"data": config.data.model_copy(update={"exclude_targets": ()})})
        for name, file in self.on.items():
            sets[name] = load_examples(whole, [file])
        return sets

    def encode(self, variant: RunConfig) -> tuple[list[Encoded], dict[str, list[Encoded]]]:
        """Return the training data and the sets as a variant reads them."""
        config = variant.model_copy(update={"data": self.config.data})
        everything = load_examples(config)
        sets = {name: x.encoded for name, x in self._sets(config, everything).items()}
        return [everything.encoded[i] for i in self.rows["train"]], sets

    def clusters(self, name: str) -> list[str]:
        """Return what the bootstrap draws: delegations, or groups of the authored corpus."""
        found = self.annotations[name]
        return clusters_of(found) if name in self.on else corpus_groups(found)

    def sizes(self) -> dict[str, int]:
        """Return how many labels a run has, by set."""
        own = {name: len(found) for name, found in self.annotations.items()}
        return {**own, _OWN: own["debate"], _OTHER: own["debate"]}


class Maker:
    """Makes the runs of one variant; encodes when the first of them is asked for."""

    def __init__(self, statements: Statements, variant: RunConfig) -> None:
        self.statements = statements
        self.variant = variant
        self.encoded: tuple[list[Encoded], dict[str, list[Encoded]]] | None = None

    def __call__(self, seed: int) -> dict[str, list[str]]:
        """Train once and return the predicted labels by set."""
        if self.encoded is None:
            self.encoded = self.statements.encode(self.variant)
        X, sets = self.encoded
        options = EncodingOptions(**self.variant.encoding.model_dump())
        debate = self.statements.annotations["debate"]
        # Both cut from the document, so that nothing but the names differs.
        sets = {
            **sets,
            _OWN: encode_annotations(stand_alone(debate), options),
            _OTHER: encode_annotations(exchange_names(debate, seed), options),
        }
        train = self.statements.train
        rows = first_groups(train, self.statements.limit or len(train), seed)
        estimator = build_classifier(self.variant.classifier, seed)
        estimator.fit([X[i] for i in rows], [train[i].stance for i in rows])
        proba = probabilities(estimator, [e for found in sets.values() for e in found])
        labels = decide(proba, fixed_threshold(self.variant))
        results = {}
        for name, found in sets.items():
            results[name], labels = labels[: len(found)], labels[len(found) :]
        return results


def tabulate(runs: Runs, statements: Statements, variants: list[str], resamples: int) -> list[dict[str, Any]]:
    """Return one row a set and variant."""
    table = []
    for name, chosen in statements.annotations.items():
        gold, clusters = [a.stance for a in chosen], statements.clusters(name)
        reference = [labels[name] for (v, _), labels in runs.items() if v == REFERENCE]
        for variant in variants:
            found = [labels for (v, _), labels in runs.items() if v == variant]
            predicted = [labels[name] for labels in found]
            changed = [np.mean(np.array(labels[_OWN]) != np.array(labels[_OTHER])) for labels in found]
            table.append(
                {
                    "set": name,
                    "variant": variant,
                    **summarise(gold, predicted, clusters, resamples=resamples),
                    **difference(gold, predicted, reference, clusters, resamples=resamples),
                    "labels_changed_by_exchange": float(np.mean(changed)) if name == "debate" else "",
                }
            )
    return table


def markdown(table: list[dict[str, Any]]) -> str:
    """Return the table for a reader."""
    changed = [r["labels_changed_by_exchange"] for r in table]
    return markdown_table(
        ["set", "n", "variant", "seeds", "macro-F1 (95 % interval)", "deviation", "difference to reference",
         "labels changed when names are exchanged"],
        [
            (r["set"], r["n"], r["variant"], r["seeds"], shown_score(r), f"{r['deviation']:.3f}",
             "" if r["variant"] == REFERENCE else shown_difference(r), c if c == "" else f"{c:.3f}")
            for r, c in zip(table, changed, strict=True)
        ],
    )  # fmt: skip


def draw(table: list[dict[str, Any]], path: Path) -> None:
    """Draw macro-F1 by variant with intervals, one panel a set."""
    try:
        import matplotlib
    except ImportError:
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    names = list(dict.fromkeys(r["set"] for r in table))
    figure, panels = plt.subplots(
        1, len(names), figsize=(1 + 2.8 * len(names), 3.6), sharey=True, squeeze=False, layout="constrained"
    )
    for axes, name in zip(panels[0], names, strict=True):
        rows = [r for r in table if r["set"] == name]
        places = range(len(rows))
        means = [r["macro_f1"] for r in rows]
        spread = [[r["macro_f1"] - r["low"] for r in rows], [r["high"] - r["macro_f1"] for r in rows]]
        axes.errorbar(means, places, xerr=np.maximum(spread, 0), fmt="o", capsize=3)
        axes.axvline(means[0], linewidth=0.8, linestyle=":")
        axes.set_yticks(places, [r["variant"] for r in rows])
        axes.set(title=f"{name} (n = {rows[0]['n']})", xlabel="macro-F1", xlim=(0, 1))
    panels[0][0].invert_yaxis()
    figure.savefig(path, dpi=150)
    plt.close(figure)


def main(argv: list[str] | None = None) -> int:
    """Run the ablation and return an exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("--set", action="append", default=[], metavar="KEY.PATH=VALUE")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[13, 14, 15])
    parser.add_argument("--limit", type=int, help="authored statements in training, as whole groups (default: all)")
    parser.add_argument("--variants", nargs="+", metavar="NAME", help=f"{', '.join(VARIANTS)}, or several with +")
    parser.add_argument("--on", action="append", default=[], metavar="NAME=FILE", help="further annotations to score")
    parser.add_argument("--meetings", action="append", default=[], metavar="DIR", help="folders with their texts")
    args = parser.parse_args(argv)
    try:
        if args.limit is not None and args.limit < 1:
            raise ConfigError(f"--limit {args.limit}: must be at least 1")
        config = load_config(args.config, args.set)
        fixed_threshold(config)
        data = config.data.model_copy(update={"meetings": (*config.data.meetings, "data/meetings", *args.meetings)})
        config = config.model_copy(update={"data": data})
        variants = choose(config, args.variants)
        on = named_files(args.on, ("debate", "development", "transfer", "train"))
        statements = Statements(config, on, args.limit)
        args.out.mkdir(parents=True, exist_ok=True)
        makers = {name: Maker(statements, variant) for name, variant in variants.items()}
        runs: Runs = {}
        # A variant's seeds follow each other, so that one encoding at a time is in memory.
        for name, seed in tqdm([(v, s) for v in variants for s in dict.fromkeys(args.seeds)], desc="runs", unit="run"):
            settings = variants[name].model_dump(mode="json", exclude={"data": {"meetings"}, "evaluation": True})
            mark = fingerprint(settings, statements.files, len(statements.train), statements.limit, seed)
            runs[name, seed] = stored_run(
                args.out / f"run_{name}_{seed}.json", mark, statements.sizes(), partial(makers[name], seed)
            )
            if seed == args.seeds[-1]:
                makers[name].encoded = None
    except StanceError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"--out {args.out}: cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    table = tabulate(runs, statements, list(variants), config.evaluation.bootstrap)
    write_table(args.out / "ablation.csv", table)
    write_text(args.out / "ablation.md", markdown(table))
    draw(table, args.out / "ablation.png")
    print(markdown(table), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
