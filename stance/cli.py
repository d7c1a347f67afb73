"""The command line: ``stance train|search|evaluate|label|export|data|config``.

Exit codes: 0 done; 1 some inputs failed and were reported, the rest is written; 2 wrong usage or configuration,
nothing written. Heavy libraries are imported by the commands that need them, so that ``stance --help`` is quick.
"""

from __future__ import annotations

import argparse
import io
import json
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stance import __version__
from stance.errors import ConfigError, StanceError

if TYPE_CHECKING:
    from stance.model import Classifier

__all__ = ["main"]

_DONE, _PARTLY, _WRONG = 0, 1, 2


def _model(name: str | None) -> Classifier:
    from stance.model import Classifier

    return Classifier.load(name)


def _train(args: argparse.Namespace) -> int:
    from stance.config import load_config

    config = load_config(args.config, args.set)
    from stance.training import is_main_process, train, train_seeds

    out = Path(args.out) if args.out else Path("runs") / config.name
    if args.seeds:
        summary = train_seeds(config, out, args.seeds, progress=not args.quiet, resume=args.resume)
        if not is_main_process():
            return _DONE
        for section in ("evaluation", "calibration"):
            if section in summary:
                m = summary[section]["macro_f1"]
                print(
                    f"{config.name}, {section}: macro-F1 {m['mean']:.3f} ± {m['deviation']:.3f} over {len(args.seeds)} seeds "
                    f"(least {m['least']:.3f}, greatest {m['greatest']:.3f}), n = {summary[section]['n']}"
                )
        print(f"models written to {out}")
        return _DONE
    result = train(config, out, progress=not args.quiet, resume=args.resume)
    if not is_main_process():
        return _DONE
    evaluation = result.metrics.get("evaluation")
    if evaluation:
        for name in ("classifier", "majority"):
            m = evaluation[name]
            low, high = m["macro_f1_interval"]
            shown = config.name if name == "classifier" else "majority baseline"
            print(
                f"{shown}: macro-F1 {m['macro_f1']:.3f} (95 % interval {low:.3f}–{high:.3f}), accuracy {m['accuracy']:.3f}, "
                f"{evaluation['scheme']}, n = {m['n']}"
            )
    print(f"model written to {out}")
    return _DONE


def _search(args: argparse.Namespace) -> int:
    from stance.search import load_search, search, summary

    found, config = load_search(args.search, args.trials)
    out = Path(args.out) if args.out else Path("runs") / f"{config.name}-search"
    result = search(found, config, out, progress=not args.quiet)
    for line in summary(result):
        print(line)
    print(f"trials.csv, best.yaml and search.json written to {out}")
    return _DONE


def _evaluate(args: argparse.Namespace) -> int:
    from stance.evaluation.run import evaluate

    out = Path(args.out) if args.out else None
    metrics = evaluate(
        _model(args.model),
        [Path(a) for a in args.annotations],
        [Path(m) for m in args.meetings],
        out,
        part=args.part,
        against=_model(args.against) if args.against else None,
        end_to_end=args.end_to_end,
    )
    print(json.dumps(metrics["statements"], indent=2))
    if "end_to_end" in metrics:
        found = metrics["end_to_end"]
        counts = ", ".join(f"{count} {name}" for name, count in found["outcomes"].items())
        print(
            f"end to end: macro-F1 {found['macro_f1']:.3f} ({found['macro_f1_interval'][0]:.3f}–"
            f"{found['macro_f1_interval'][1]:.3f}), n = {found['n']} in {found['documents']} documents: {counts}",
            file=sys.stderr,
        )
    if "comparison" in metrics:
        found = metrics["comparison"]
        print(
            f"macro-F1 {found['macro_f1'][0]:.3f}, {args.against} {found['macro_f1'][1]:.3f}: difference "
            f"{found['difference']:+.3f} ({found['interval'][0]:+.3f} to {found['interval'][1]:+.3f}), "
            f"p = {found['p_value']:.4f} (n = {found['n']}, {found['clusters']} clusters)",
            file=sys.stderr,
        )
    if out:
        print(f"metrics written to {out}", file=sys.stderr)
    return _DONE


def _label(args: argparse.Namespace) -> int:
    if args.address is not None and args.engine != "ray":
        raise ConfigError("--address: belongs to --engine ray")
    if args.engine == "ray":
        from stance.engines.ray import require

        require()
    from stance.documents import find_inputs
    from stance.labelling import label_archive
    from stance.targets import load_target

    out = Path(args.out)
    target = load_target(args.target) if args.target else None
    inputs = find_inputs(args.inputs)
    if not args.out.strip():
        raise ConfigError("--out: is empty; name a folder")
    model = _model(args.model)
    names = ("inputs", "model", "target", "engine", "address", "precision", "partition", "explain")
    done = label_archive(
        inputs,
        model,
        out,
        target,
        precision=args.precision,
        partition=args.partition,
        engine=args.engine,
        address=args.address,
        explain=args.explain,
        settings={name: getattr(args, name) for name in names},
        progress=not args.quiet,
    )
    for failure in done.failures:
        print(f"stance: {failure.message}", file=sys.stderr)
    for warning in done.warnings:
        print(f"stance: {warning}", file=sys.stderr)
    print(
        f"{done.documents} documents, {done.statements} statements, {done.positions} positions written to {out}"
        + (f"; {len(done.failures)} inputs failed" if done.failures else "")
    )
    return _PARTLY if done.failures else _DONE


def _export(args: argparse.Namespace) -> int:
    from stance.export import export_onnx

    out = Path(args.out)
    model = _model(args.model)
    record = export_onnx(model, out, quantize=args.quantize)
    print(
        f"{record['file']} written to {out}; over {record['check']['statements']} statements its probabilities differ from "
        f"the model's by at most {record['check']['largest_difference']:.2g}"
    )
    return _DONE


def _annotate_export(args: argparse.Namespace) -> int:
    from stance.annotating import find_items, rank, write_items
    from stance.targets import load_target

    target = load_target(args.target) if args.target else None
    items = find_items(args.inputs, _model(args.model), target, progress=not args.quiet)
    written = write_items(rank(items, args.query, args.limit, seed=args.seed), Path(args.out), args.format)
    count = len(items) if args.limit is None else min(args.limit, len(items))
    print(f"{count} statements of {len(items)} written to {' and '.join(map(str, written))}")
    return _DONE


def _annotate_import(args: argparse.Namespace) -> int:
    from stance.annotating.importing import import_answers

    meetings = [Path(m) for m in args.meetings]
    done = import_answers([Path(f) for f in args.files], args.format, Path(args.out), args.annotator or "", meetings)
    for path, count in done.written.items():
        print(f"{count} annotations written to {path}")
    if done.assumed:
        print(f"{done.assumed} had no basis: explicit was put for a side, none for neutral")
    return _DONE


def _annotate_compare(args: argparse.Namespace) -> int:
    from stance.annotating import compare_files, describe_agreement
    from stance.manifest import write_json

    found = compare_files([Path(f) for f in args.files], args.model, [Path(m) for m in args.meetings])
    print(describe_agreement(found))
    if args.out:
        write_json(Path(args.out), found)
    return _DONE


def _annotate_start(args: argparse.Namespace) -> int:
    from stance.annotating import annotate, read_items

    meetings = [Path(m) for m in args.meetings]
    annotate(
        read_items(Path(args.items)), Path(args.out), args.annotator, show_model=args.show_model, meetings=meetings
    )
    return _DONE


def _data_check(args: argparse.Namespace) -> int:
    from stance.annotations import check_annotations

    messages = check_annotations(args.annotations, args.meetings)
    for message in messages:
        print(f"stance: {message}", file=sys.stderr)
    print(f"{len(args.annotations) - len(messages)} of {len(args.annotations)} files hold the schema")
    return _PARTLY if messages else _DONE


def _data_stats(args: argparse.Namespace) -> int:
    from stance.annotations import read_annotations
    from stance.corpus import describe

    found = [a for path in args.annotations for a in read_annotations(path, meetings=args.meetings)]
    folders = [Path(m) for m in args.meetings]
    for path in map(Path, args.annotations):
        folders += [path.parent.parent / "meetings", path.parent]
    print(json.dumps(describe(found, folders), indent=2, ensure_ascii=False))
    return _DONE


def _config_show(args: argparse.Namespace) -> int:
    import yaml

    from stance.config import load_config

    config = load_config(args.config, args.set)
    print(yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True), end="")
    return _DONE


def _config_fields(args: argparse.Namespace) -> int:
    from stance.config import describe_fields

    for path, default, meaning in describe_fields(args.kind):
        print(f"{path}  ({default})\n    {meaning}")
    return _DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="stance", description="Where delegations stand on a proposed treaty, read from UN meeting summaries."
    )
    parser.add_argument("--version", action="version", version=f"stance {__version__}")
    parser.add_argument("--verbose", action="store_true", help="say what is being done")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    train = commands.add_parser("train", help="train a classifier from a configuration")
    train.add_argument("config", metavar="CONFIG.yaml")
    train.add_argument(
        "--set", action="append", default=[], metavar="KEY.PATH=VALUE", help="override a field; may be repeated"
    )
    train.add_argument("--out", metavar="DIR", help="model folder (default: runs/NAME)")
    train.add_argument(
        "--seeds", type=int, nargs="+", metavar="SEED", help="train once a seed, into DIR/seed-SEED; mean and deviation"
    )
    train.add_argument(
        "--resume",
        action="store_true",
        help="go on from the last epoch of an interrupted run of the same configuration",
    )
    train.add_argument("--quiet", action="store_true", help="no progress bars")
    train.set_defaults(run=_train)

    search = commands.add_parser("search", help="search for a better configuration on held-out training data")
    search.add_argument("search", metavar="SEARCH.yaml")
    search.add_argument(
        "--out", metavar="DIR", help="folder of the search, which goes on there (default: runs/NAME-search)"
    )
    search.add_argument("--trials", type=int, metavar="N", help="trials in all (default: the file's)")
    search.add_argument("--quiet", action="store_true", help="no progress bar")
    search.set_defaults(run=_search)

    evaluate = commands.add_parser("evaluate", help="score a model on annotated statements")
    evaluate.add_argument(
        "model", metavar="MODEL", help="model folder, hub id, or 'default' for the one in the package"
    )
    evaluate.add_argument("annotations", nargs="+", metavar="ANNOTATIONS.jsonl")
    evaluate.add_argument("--meetings", action="append", default=[], metavar="DIR", help="folder with the texts")
    evaluate.add_argument(
        "--part", metavar="PART", help="score only this part of the authored corpus: train, development or transfer"
    )
    evaluate.add_argument(
        "--against", metavar="MODEL", help="test the difference to this model, on the same statements"
    )
    evaluate.add_argument(
        "--end-to-end",
        action="store_true",
        help="label the annotated documents from their text, attribution included, too",
    )
    evaluate.add_argument(
        "--out", metavar="DIR", help="write metrics.json, evaluation.html, predictions.csv and errors.csv there"
    )
    evaluate.set_defaults(run=_evaluate)

    label = commands.add_parser("label", help="label meeting summaries")
    label.add_argument(
        "inputs", nargs="+", metavar="INPUT", help="a file (.txt, .html, .pdf, .docx), a folder, a glob or -"
    )
    label.add_argument("--out", required=True, metavar="DIR")
    label.add_argument(
        "--model", metavar="MODEL", help="model folder, hub id, or one in the package: default, mpnet, strong"
    )
    label.add_argument("--target", metavar="TARGET", help="id of a target or a .yaml file (default: the model's)")
    label.add_argument(
        "--precision",
        choices=("auto", "float32", "bfloat16", "int8"),
        default="auto",
        help="arithmetic of the classifier (default: auto, in large runs the fastest that gives the labels of float32)",
    )
    label.add_argument(
        "--partition",
        type=int,
        metavar="N",
        help="write Parquet as folders of files with N documents each, for large runs (default: one file a table)",
    )
    label.add_argument(
        "--engine", choices=("local", "ray"), default="local", help="where the work is done: in this process, or by Ray"
    )
    label.add_argument(
        "--address",
        metavar="ADDRESS",
        help="Ray cluster, as HOST:PORT, or auto on one of its nodes (default: one on this machine, for this run)",
    )
    label.add_argument(
        "--explain",
        action="store_true",
        help="show in the report which words carried the sides called (as long as labelling those statements 30 times)",
    )
    label.add_argument("--quiet", action="store_true", help="no progress bars")
    label.set_defaults(run=_label)

    export = commands.add_parser("export", help="write a cross-encoder for use without this package")
    export.add_argument("model", metavar="MODEL", help="model folder or hub id; default for the one in the package")
    export.add_argument("--format", choices=("onnx",), default="onnx")
    export.add_argument("--out", required=True, metavar="DIR")
    export.add_argument("--quantize", action="store_true", help="weights as 8-bit integers: smaller, less exact")
    export.set_defaults(run=_export)

    _add_annotate(commands)

    data = commands.add_parser("data", help="check and count annotations").add_subparsers(
        dest="data_command", required=True, metavar="COMMAND"
    )
    for name, run, text in (
        ("check", _data_check, "validate annotation files"),
        ("stats", _data_stats, "count statements, near-duplicates, words"),
    ):
        sub = data.add_parser(name, help=text)
        sub.add_argument("annotations", nargs="+", metavar="ANNOTATIONS.jsonl")
        sub.add_argument("--meetings", action="append", default=[], metavar="DIR", help="folder with the texts")
        sub.set_defaults(run=run)

    config = commands.add_parser("config", help="show configurations").add_subparsers(
        dest="config_command", required=True, metavar="COMMAND"
    )
    show = config.add_parser("show", help="print a configuration as it is resolved")
    show.add_argument("config", metavar="CONFIG.yaml")
    show.add_argument("--set", action="append", default=[], metavar="KEY.PATH=VALUE")
    show.set_defaults(run=_config_show)
    fields = config.add_parser("fields", help="print every field with its default and its meaning")
    fields.add_argument("kind", nargs="?", metavar="KIND", help="kind of classifier, for its own fields")
    fields.set_defaults(run=_config_fields)
    return parser


def _add_annotate(commands: Any) -> None:
    """Add the commands of the annotation loop."""
    forms = ("label-studio", "doccano", "argilla", "csv")
    meetings = {"action": "append", "default": [], "metavar": "DIR", "help": "folder with the texts"}
    loop = commands.add_parser("annotate", help="choose statements, label them, compare annotators").add_subparsers(
        dest="annotate_command", required=True, metavar="COMMAND"
    )
    export = loop.add_parser("export", help="write statements of summaries for an annotation tool, labelled by a model")
    export.add_argument("inputs", nargs="+", metavar="INPUT", help="a file, a folder, a glob or -")
    export.add_argument("--out", required=True, metavar="FILE")
    export.add_argument(
        "--format", required=True, choices=(*forms, "jsonl"), help="the tool; jsonl is for stance annotate start"
    )
    export.add_argument("--model", metavar="MODEL", help="whose labels are suggested (default: the one in the package)")
    export.add_argument("--target", metavar="TARGET", help="id of a target or a .yaml file (default: the model's)")
    export.add_argument(
        "--query",
        default="uncertain-diverse",
        metavar="STRATEGY",
        help="which come first: uncertain-diverse (default), least-confident, margin, entropy, diverse, random, text",
    )
    export.add_argument("--limit", type=int, metavar="N", help="statements at most (default: all)")
    export.add_argument("--seed", type=int, default=13, help="of the random order (default: 13)")
    export.add_argument("--quiet", action="store_true", help="no progress bars")
    export.set_defaults(run=_annotate_export)

    taken = loop.add_parser("import", help="make annotation files of what a tool gives back")
    taken.add_argument("files", nargs="+", metavar="FILE")
    taken.add_argument("--format", required=True, choices=forms)
    taken.add_argument(
        "--out",
        required=True,
        metavar="ANNOTATIONS.jsonl",
        help="with several people, one file each: NAME.PERSON.jsonl",
    )
    taken.add_argument("--annotator", metavar="NAME", help="who labelled, where the tool does not tell")
    taken.add_argument("--meetings", **meetings)
    taken.set_defaults(run=_annotate_import)

    compare = loop.add_parser("compare", help="agreement of annotation files, and of a model beside them")
    compare.add_argument("files", nargs="+", metavar="ANNOTATIONS.jsonl")
    compare.add_argument("--model", metavar="MODEL", help="a model as one more annotator")
    compare.add_argument("--meetings", **meetings)
    compare.add_argument("--out", metavar="FILE.json", help="also write the results there")
    compare.set_defaults(run=_annotate_compare)

    start = loop.add_parser("start", help="label statements in this terminal")
    start.add_argument("items", metavar="ITEMS.jsonl", help="from stance annotate export --format jsonl")
    start.add_argument("--out", required=True, metavar="ANNOTATIONS.jsonl", help="answers; goes on where it stopped")
    start.add_argument("--annotator", required=True, metavar="NAME")
    start.add_argument("--show-model", action="store_true", help="show what the model says with every statement")
    start.add_argument("--meetings", **meetings)
    start.set_defaults(run=_annotate_start)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    args = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO if args.verbose else logging.WARNING, format="stance: %(message)s")
    # Local folders and packaged weights are used as they lie; only a hub id that the user names may use a network.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code: int = args.run(args)
    except StanceError as error:
        print(f"stance: {error}", file=sys.stderr)
        return _WRONG
    except KeyboardInterrupt:
        print("stance: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output went away (`stance … | head`); that is no error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _DONE
    return code


if __name__ == "__main__":
    sys.exit(main())
