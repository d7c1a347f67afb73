#!/usr/bin/env python3
"""Run several configurations on the same statements and write one table.

    python scripts/leaderboard.py configs/majority.yaml configs/tfidf.yaml configs/minilm.yaml --out runs/leaderboard
        [--on data/annotations/SOC_CP_365.jsonl] [--folds 5] [--seeds 13] [--reference NAME] [--set KEY.PATH=VALUE]

Statements of the annotated file that a configuration trains on are predicted fold by fold, whole delegations left out, the
same folds for every configuration; a configuration that does not train on the file is fitted once and predicts it. Labels are
the most probable ones, without calibration. Each run is written as soon as it is done; the same command goes on where it
stopped. At the end: ``leaderboard.csv``, ``.md`` and ``.tex``. Intervals: bootstrap over delegations; a difference to the
reference (the first configuration unless named) is marked where its paired 95 % interval leaves out zero.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from stance.annotations import Annotation
from stance.classifiers import build_classifier
from stance.classifiers.base import probabilities
from stance.config import RunConfig, load_config, replace_fields
from stance.errors import ConfigError, StanceError
from stance.evaluation.curves import difference, fingerprint, stored_run, summarise, write_table
from stance.evaluation.splits import clusters_of
from stance.manifest import write_text
from stance.positions import decide
from stance.training import Examples, check_starts, cross_validate, load_examples


def predict(config: RunConfig, examples: Examples, test: Examples, names: list[str]) -> dict[str, list[str]]:
    """Return the labels of the statements with these ids, in their order, as the set ``test``."""
    inside = {a.document for a in test.annotations} & {a.document for a in examples.annotations if a.start is not None}
    if inside:
        rows, proba, _ = cross_validate(config, examples)
        found = dict(zip((examples.annotations[i].id for i in rows), decide(proba, 0.0), strict=True))
    else:
        estimator = build_classifier(config.classifier, config.seed)
        estimator.fit(examples.encoded, [str(label) for label in examples.labels])
        proba = probabilities(estimator, test.encoded)
        found = dict(zip((a.id for a in test.annotations), decide(proba, 0.0), strict=True))
    return {"test": [found[name] for name in names]}


def tabulate(
    runs: dict[str, list[list[str]]], annotations: list[Annotation], reference: str, resamples: int
) -> list[dict[str, Any]]:
    """Return one row a configuration, the best first."""
    gold, clusters = [a.stance for a in annotations], clusters_of(annotations)
    rows: list[dict[str, Any]] = [
        {
            "configuration": name,
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
            "configuration": [r["configuration"] for r in table],
            "n": [r["n"] for r in table],
            "seeds": [r["seeds"] for r in table],
            "macro-F1 (95 % interval)": [f"{r['macro_f1']:.3f} ({r['low']:.3f}–{r['high']:.3f})" for r in table],
            "deviation": [f"{r['deviation']:.3f}" for r in table],
            f"difference to {reference}": [
                ""
                if r["configuration"] == reference
                else f"{r['difference']:+.3f}{r['mark']} ({r['difference_low']:+.3f} to {r['difference_high']:+.3f})"
                for r in table
            ],
        }
    )


def markdown(frame: pd.DataFrame) -> str:
    """Return a data frame as a Markdown table."""
    lines = [list(frame.columns), ["---"] * len(frame.columns), *frame.astype(str).to_numpy().tolist()]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main(argv: list[str] | None = None) -> int:
    """Make the runs and return an exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("configs", type=Path, nargs="+", metavar="CONFIG.yaml")
    parser.add_argument("--on", default="data/annotations/SOC_CP_365.jsonl", metavar="ANNOTATIONS.jsonl")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seeds", type=int, nargs="+", default=[13])
    parser.add_argument("--reference", metavar="NAME", help="name of the configuration to compare with")
    parser.add_argument("--set", action="append", default=[], metavar="KEY.PATH=VALUE", help="override in all of them")
    parser.add_argument("--resamples", type=int, default=1000)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)
    try:
        configs = {c.name: c for c in (load_config(path, args.set) for path in args.configs)}
        if len(configs) < len(args.configs):
            raise ConfigError("two of the configurations have the same name")
        reference = args.reference or next(iter(configs))
        if reference not in configs:
            raise ConfigError(f"--reference {reference}: not one of {', '.join(configs)}")
        args.out.mkdir(parents=True, exist_ok=True)
        runs: dict[str, list[list[str]]] = {name: [] for name in configs}
        annotations: list[Annotation] = []
        for name in tqdm(configs, desc="configurations"):
            config = replace_fields(
                configs[name],
                {
                    "evaluation.scheme": "folds-by-delegation",
                    "evaluation.folds": args.folds,
                    "evaluation.files": [args.on],
                },
            )
            starts = check_starts(config)
            examples, test = load_examples(config), load_examples(config, [args.on])
            annotations = test.annotations
            names = [a.id for a in annotations]
            for seed in dict.fromkeys(args.seeds):
                own = config.model_copy(update={"seed": seed})
                mark = fingerprint(
                    own.model_dump(mode="json", exclude={"decision", "calibration"}), examples.files, test.files, starts
                )
                path = args.out / f"run_{name}_{seed}.json"
                made = partial(predict, own, examples, test, names)
                runs[name].append(stored_run(path, mark, {"test": len(names)}, made)["test"])
    except StanceError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"--out {args.out}: cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    table = tabulate(runs, annotations, reference, args.resamples)
    frame = shown(table, reference)
    write_table(args.out / "leaderboard.csv", table)
    write_text(args.out / "leaderboard.md", markdown(frame))
    write_text(args.out / "leaderboard.tex", frame.to_latex(index=False, escape=True))
    print(markdown(frame), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
