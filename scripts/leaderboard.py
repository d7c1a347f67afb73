#!/usr/bin/env python3
"""Run several classifiers on the same statements and write one table.

    python scripts/leaderboard.py configs/majority.yaml configs/tfidf.yaml configs/minilm.yaml --out runs/leaderboard
        [--on NAME=ANNOTATIONS.jsonl ...] [--meetings DIR ...] [--folds 5] [--seeds 13] [--reference NAME]
        [--set KEY.PATH=VALUE ...]

A classifier is a configuration, or a trained model: a folder, a hub id, or ``default``. The sets are the debate unless
others are named. Statements of a set that a configuration trains on are predicted fold by fold, whole delegations left out,
the same folds for every configuration; all others by one fit, or by the model as it is. Labels are the most probable ones,
of a configuration without calibration. Each run is written as soon as it is done; the same command goes on where it
stopped. At the end: ``leaderboard.csv``, ``.md`` and ``.tex``. Intervals: bootstrap over delegations; a difference to the
reference (the first classifier unless named) is marked where its paired 95 % interval leaves out zero.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from stance.annotations import Annotation
from stance.classifiers.base import probabilities
from stance.config import EncodingConfig, MajorityConfig, RunConfig, load_config, replace_fields
from stance.errors import ConfigError, StanceError
from stance.evaluation.curves import (
    difference,
    fingerprint,
    markdown_table,
    named_files,
    shown_difference,
    shown_score,
    stored_run,
    summarise,
    write_table,
)
from stance.evaluation.splits import clusters_of
from stance.manifest import write_text
from stance.model import Classifier
from stance.positions import decide
from stance.training import Examples, check_starts, cross_validate, files_seen, fit_examples, load_examples

DEBATE = "debate=data/annotations/SOC_CP_365.jsonl"
Labels = dict[str, list[str]]


def divide(name: str, examples: Examples, sets: Mapping[str, Examples]) -> list[str]:
    """Return the sets that a configuration trains on; their statements are predicted by folds.

    Raises
    ------
    ConfigError
        If it trains on a part of a set, or on statements that stand alone, which belong to no delegation to leave out.
    """
    trained = {(a.document, a.id) for a in examples.annotations}
    inside = []
    for where, test in sets.items():
        shared = trained & {(a.document, a.id) for a in test.annotations}
        if not shared:
            continue
        if len(shared) < len(test.annotations) or any(a.start is None for a in test.annotations):
            raise ConfigError(
                f"{name} trains on {len(shared)} of the {len(test.annotations)} statements of the set {where}"
            )
        inside.append(where)
    return inside


def predict(config: RunConfig, examples: Examples, sets: Mapping[str, Examples]) -> Labels:
    """Train as a configuration says and return the labels of each set, in the order of its statements."""
    found: Labels = {}
    inside = divide(config.name, examples, sets)
    for name in inside:
        test = sets[name]
        held = replace_fields(config, {"evaluation.files": list(test.files)})
        rows, proba, _ = cross_validate(held, examples)
        labels = dict(zip((examples.annotations[i].id for i in rows), decide(proba, 0.0), strict=True))
        found[name] = [labels[a.id] for a in test.annotations]
    if len(inside) < len(sets):
        estimator = fit_examples(config, examples)
        for name in sets.keys() - found.keys():
            found[name] = list(decide(probabilities(estimator, sets[name].encoded), 0.0))
    return found


def predict_with(model: Classifier, sets: Mapping[str, Examples]) -> Labels:
    """Return the labels of each set by a trained model."""
    return {name: list(decide(model.predict_proba(test.encoded), 0.0)) for name, test in sets.items()}


def encoding_of(model: Classifier | None) -> EncodingConfig:
    """Return what a model reads of a statement."""
    return EncodingConfig(**asdict(model.options)) if model else EncodingConfig()


def check_unseen(name: str, model: Classifier, sets: Mapping[str, Examples]) -> None:
    """Refuse a model that was trained on a set.

    Raises
    ------
    ConfigError
        If its record names a file of a set; a model without a record is taken as it is.
    """
    seen = files_seen(model) or frozenset()
    for where, test in sets.items():
        if seen & set(test.files.values()):
            raise ConfigError(f"{name} was trained on the set {where}")


def tabulate(
    runs: Mapping[str, list[list[str]]], annotations: list[Annotation], reference: str, resamples: int
) -> list[dict[str, Any]]:
    """Return one row a classifier, the best first."""
    gold, clusters = [a.stance for a in annotations], clusters_of(annotations)
    rows: list[dict[str, Any]] = [
        {
            "classifier": name,
            **summarise(gold, found, clusters, resamples=resamples),
            **difference(gold, found, runs[reference], clusters, resamples=resamples),
        }
        for name, found in runs.items()
    ]
    for row in rows:
        row["mark"] = "*" if row["difference_low"] > 0 or row["difference_high"] < 0 else ""
    return sorted(rows, key=lambda row: -row["macro_f1"])


def shown(table: list[dict[str, Any]], reference: str) -> pd.DataFrame:
    """Return the table for a reader."""
    return pd.DataFrame(
        {
            "set": [r["set"] for r in table],
            "classifier": [r["classifier"] for r in table],
            "n": [r["n"] for r in table],
            "seeds": [r["seeds"] for r in table],
            "macro-F1 (95 % interval)": [shown_score(r) for r in table],
            "deviation": [f"{r['deviation']:.3f}" for r in table],
            f"difference to {reference}": ["" if r["classifier"] == reference else shown_difference(r) for r in table],
        }
    )


def main(argv: list[str] | None = None) -> int:
    """Make the runs and return an exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("classifiers", nargs="+", metavar="CONFIG.yaml|MODEL")
    parser.add_argument("--on", action="append", default=[], metavar="NAME=ANNOTATIONS.jsonl")
    parser.add_argument("--meetings", action="append", default=[], metavar="DIR", help="folders with their texts")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seeds", type=int, nargs="+", default=[13])
    parser.add_argument("--reference", metavar="NAME", help="name of the classifier to compare with")
    parser.add_argument("--set", action="append", default=[], metavar="KEY.PATH=VALUE", help="override in all of them")
    parser.add_argument("--resamples", type=int, default=1000)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)
    try:
        files = named_files(args.on or [DEBATE], ())
        configs: dict[str, RunConfig | None] = {}
        for item in args.classifiers:
            config = load_config(item, args.set) if Path(item).suffix in (".yaml", ".yml") else None
            name = config.name if config else Path(item).name
            if name in configs:
                raise ConfigError(f"two of the classifiers have the name {name}")
            configs[name] = config
        reference = args.reference or next(iter(configs))
        if reference not in configs:
            raise ConfigError(f"--reference {reference}: not one of {', '.join(configs)}")
        args.out.mkdir(parents=True, exist_ok=True)
        runs: dict[str, list[Labels]] = {name: [] for name in configs}
        annotations: dict[str, list[Annotation]] = {}
        for item, (name, config) in tqdm(list(zip(args.classifiers, configs.items(), strict=True)), desc="classifiers"):
            model = None if config else Classifier.load(item)
            reads = config or RunConfig(
                name=name, classifier=MajorityConfig(kind="majority"), encoding=encoding_of(model)
            )
            data = reads.data.model_copy(update={"meetings": (*reads.data.meetings, *args.meetings)})
            reads = reads.model_copy(update={"data": data})
            whole = replace_fields(reads, {"data.parts": [], "data.limit": None, "data.exclude_targets": []})
            sets = {where: load_examples(whole, [file]) for where, file in files.items()}
            annotations = {where: list(test.annotations) for where, test in sets.items()}
            sizes = {where: len(found) for where, found in annotations.items()}
            tested = {where: test.files for where, test in sets.items()}
            if model:
                check_unseen(name, model, sets)
                mark, path = fingerprint(model.digest, tested), args.out / f"run_{name}.json"
                runs[name] = [stored_run(path, mark, sizes, partial(predict_with, model, sets))]
                continue
            folds = {"evaluation.scheme": "folds-by-delegation", "evaluation.folds": args.folds}
            reads = replace_fields(reads, {**folds, "evaluation.files": []})
            starts = check_starts(reads)
            if reads.distillation.teachers or reads.distillation.judgements:
                raise ConfigError(
                    f"{name} learns from teachers, which fold by fold it cannot; name the trained model instead"
                )
            for seed in dict.fromkeys(args.seeds):
                own = reads.model_copy(update={"seed": seed})
                examples = load_examples(own)
                divide(name, examples, sets)
                settings = own.model_dump(
                    mode="json", exclude={"decision": True, "calibration": True, "data": {"meetings"}}
                )
                mark = fingerprint(settings, examples.files, tested, starts)
                path = args.out / f"run_{name}_{seed}.json"
                runs[name].append(stored_run(path, mark, sizes, partial(predict, own, examples, sets)))
    except StanceError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"--out {args.out}: cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    table = [
        {"set": where, **row}
        for where, found in annotations.items()
        for row in tabulate(
            {name: [labels[where] for labels in made] for name, made in runs.items()}, found, reference, args.resamples
        )
    ]
    frame = shown(table, reference)
    write_table(args.out / "leaderboard.csv", table)
    page = markdown_table(list(frame.columns), frame.to_numpy().tolist())
    write_text(args.out / "leaderboard.md", page)
    write_text(args.out / "leaderboard.tex", frame.to_latex(index=False, escape=True))
    print(page, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
