"""The commands, one function each: from parsed arguments to an exit code. Heavy libraries are imported inside."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stance.cli.console import Console
from stance.collecting import not_collecting
from stance.errors import ConfigError

if TYPE_CHECKING:
    from stance.labelling import Labelling, Summary
    from stance.model import Classifier
    from stance.prompting.costs import Cost
    from stance.targets import Target

DONE, PARTLY, WRONG = 0, 1, 2


def _model(name: str | None) -> Classifier:
    from stance.model import Classifier

    return Classifier.load(name)


def _target(name: str | None) -> Target | None:
    """Return a target by id or file; annotations can then name that of a file by its id."""
    from stance.targets import load_target

    return load_target(name) if name else None


def _tell(found: Summary | Labelling, console: Console) -> list[dict[str, Any]]:
    """Print what could not be labelled and what to look at; return the failures for a record."""
    for failure in found.failures:
        console.error(failure.message)
    for warning in found.warnings:
        console.warn(warning)
    return [f.to_dict() for f in found.failures]


def _told_cost(cost: Cost, console: Console) -> int:
    """Print what labelling statements would cost."""
    console.result(cost.to_dict(), str(cost), "nothing was sent or written")
    return DONE


def _paths(names: list[str]) -> list[Path]:
    return [Path(name) for name in names]


def train(args: argparse.Namespace, console: Console) -> int:
    """Train a classifier from a configuration."""
    from stance.config import load_config

    config = load_config(args.config, args.set)
    from stance.training import is_main_process, train, train_seeds

    out = Path(args.out) if args.out else Path("runs") / config.name
    if args.seeds:
        summary = train_seeds(config, out, args.seeds, progress=console.progress, resume=args.resume)
        if not is_main_process():
            return DONE
        lines = []
        for section in ("evaluation", "calibration"):
            if section in summary:
                m = summary[section]["macro_f1"]
                lines.append(
                    f"{config.name}, {section}: macro-F1 {m['mean']:.3f} ± {m['deviation']:.3f} over {len(args.seeds)} seeds "
                    f"(least {m['least']:.3f}, greatest {m['greatest']:.3f}), n = {summary[section]['n']}"
                )
        console.result({"out": str(out), **summary}, *lines, f"models written to {out}")
        return DONE
    result = train(config, out, progress=console.progress, resume=args.resume)
    if not is_main_process():
        return DONE
    evaluation = result.metrics.get("evaluation")
    lines = []
    if evaluation:
        for name in ("classifier", "majority"):
            m = evaluation[name]
            low, high = m["macro_f1_interval"]
            shown = config.name if name == "classifier" else "majority baseline"
            lines.append(
                f"{shown}: macro-F1 {m['macro_f1']:.3f} (95 % interval {low:.3f}–{high:.3f}), accuracy {m['accuracy']:.3f}, "
                f"{evaluation['scheme']}, n = {m['n']}"
            )
    console.result({"out": str(out), "metrics": result.metrics}, *lines, f"model written to {out}")
    return DONE


def teach(args: argparse.Namespace, console: Console) -> int:
    """Teach a classifier by another model's labels of unlabelled summaries."""
    from stance.teaching import Teaching, describe_teaching, load_teaching

    path = Path(args.teaching)
    config = load_teaching(path)
    out = Path(args.out) if args.out else Path("runs") / config.name
    teaching = Teaching(config, path, progress=console.progress)
    if args.dry_run:
        return _told_cost(teaching.cost(), console)
    record = teaching.run(out)
    for failure in record["failures"]:
        console.error(failure["message"])
    written = f"annotations.jsonl, with/, without/ and teaching.json written to {out}"
    console.result({"out": str(out), **record}, *describe_teaching(record), written)
    return PARTLY if record["failures"] else DONE


def search(args: argparse.Namespace, console: Console) -> int:
    """Search for a better configuration."""
    from stance.search import load_search, search, summary

    found, config = load_search(args.search, args.trials)
    out = Path(args.out) if args.out else Path("runs") / f"{config.name}-search"
    result = search(found, config, out, progress=console.progress)
    written = f"trials.csv, best.yaml and search.json written to {out}"
    console.result({"out": str(out), **result.record}, *summary(result), written)
    return DONE


def evaluate(args: argparse.Namespace, console: Console) -> int:
    """Score a model on annotated statements."""
    from stance.evaluation.run import evaluate, evaluation_cost

    _target(args.target)
    out = Path(args.out) if args.out else None
    model = _model(args.model)
    against = _model(args.against) if args.against else None
    if args.dry_run:
        cost = evaluation_cost(
            [m for m in (model, against) if m is not None],
            _paths(args.annotations),
            _paths(args.meetings),
            part=args.part,
            end_to_end=args.end_to_end,
        )
        return _told_cost(cost, console)
    model.show_questions(console.progress)
    metrics = evaluate(
        model,
        _paths(args.annotations),
        _paths(args.meetings),
        out,
        part=args.part,
        against=against,
        end_to_end=args.end_to_end,
    )
    console.result(metrics, json.dumps(metrics["statements"], indent=2))
    if metrics["trained_on"] and args.part is None:
        console.warn(
            f"the model was trained on {', '.join(metrics['trained_on'])}: these figures say how well it remembers, not how good "
            "it is"
        )
    if metrics["unanswered"]:
        console.warn(f"{metrics['unanswered']} statements have no label and are not scored")
    if "end_to_end" in metrics:
        found = metrics["end_to_end"]
        counts = ", ".join(f"{count} {name}" for name, count in found["outcomes"].items())
        console.note(
            f"end to end: macro-F1 {found['macro_f1']:.3f} ({found['macro_f1_interval'][0]:.3f}–"
            f"{found['macro_f1_interval'][1]:.3f}), n = {found['n']} in {found['documents']} documents: {counts}"
        )
    if "comparison" in metrics:
        found = metrics["comparison"]
        console.note(
            f"macro-F1 {found['macro_f1'][0]:.3f}, {args.against} {found['macro_f1'][1]:.3f}: difference "
            f"{found['difference']:+.3f} ({found['interval'][0]:+.3f} to {found['interval'][1]:+.3f}), "
            f"p = {found['p_value']:.4f} (n = {found['n']}, {found['clusters']} clusters)"
        )
    if out:
        console.note(f"metrics written to {out}")
    return PARTLY if metrics["unanswered"] else DONE


def label(args: argparse.Namespace, console: Console) -> int:
    """Label meeting summaries."""
    if args.address is not None and args.engine != "ray":
        raise ConfigError("--address: belongs to --engine ray")
    if args.engine == "ray":
        from stance.engines.ray import require

        require()
    with not_collecting():
        from stance.documents import find_inputs
        from stance.labelling import describe_failures, encode_inputs, label_archive

    out = Path(args.out)
    target = _target(args.target)
    inputs = find_inputs(args.inputs)
    if not args.out.strip():
        raise ConfigError("--out: is empty; name a folder")
    model = _model(args.model)
    if args.dry_run:
        encoded, unread = encode_inputs(inputs, model, target, progress=console.progress)
        for failure in unread:
            console.error(failure.message)
        return _told_cost(model.estimator.cost(encoded), console)
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
        progress=console.progress,
    )
    failures = _tell(done, console)
    console.result(
        {
            "out": str(out),
            "documents": done.documents,
            "statements": done.statements,
            "positions": done.positions,
            "failures": failures,
            "warnings": list(done.warnings),
            "seconds": round(done.seconds, 3),
            "resumed": done.resumed,
        },
        f"{done.documents} documents, {done.statements} statements, {done.positions} positions written to {out}"
        + describe_failures(done.failures),
    )
    return PARTLY if done.failures else DONE


def export(args: argparse.Namespace, console: Console) -> int:
    """Write a cross-encoder as ONNX."""
    from stance.export import export_onnx

    out = Path(args.out)
    record = export_onnx(_model(args.model), out, quantize=args.quantize)
    console.result(
        {"out": str(out), **record},
        f"{record['file']} written to {out}; over {record['check']['statements']} statements its probabilities differ from "
        f"the model's by at most {record['check']['largest_difference']:.2g}",
    )
    return DONE


def annotate_export(args: argparse.Namespace, console: Console) -> int:
    """Write statements for an annotation tool, and the texts that they stand in."""
    from stance.annotating import items_of, rank, write_items
    from stance.annotating.importing import check_new
    from stance.documents import find_inputs
    from stance.errors import OutputError
    from stance.labelling import label_inputs
    from stance.manifest import write_text

    out = Path(args.out)
    check_new(out, args.overwrite)
    rank([], args.query, args.limit)
    target = _target(args.target)
    result = label_inputs(find_inputs(args.inputs), _model(args.model), target, progress=console.progress)
    failures = _tell(result, console)
    items = items_of(result)
    chosen = rank(items, args.query, args.limit, seed=args.seed)
    blind = args.blind or args.query == "random"
    written = write_items([item.blind() for item in chosen] if blind else chosen, out, args.format)
    texts = out.with_name(out.stem + ".texts")
    used = {item.document for item in chosen}
    for labelled in result.documents:
        if labelled.document.name in used:
            path = texts / f"{labelled.document.name}.txt"
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise OutputError(f"{path.parent}: cannot be made: {error.strerror}") from None
            write_text(path, labelled.document.text)
    console.result(
        {
            "files": list(map(str, written)),
            "texts": str(texts),
            "statements": len(chosen),
            "of": len(items),
            "failures": failures,
        },
        f"{len(chosen)} statements of {len(items)} written to {' and '.join(map(str, written))}, their texts to {texts}",
    )
    return PARTLY if result.failures else DONE


def annotate_import(args: argparse.Namespace, console: Console) -> int:
    """Make annotation files of what a tool gives back."""
    from stance.annotating import import_answers

    done = import_answers(
        _paths(args.files),
        args.format,
        Path(args.out),
        args.annotator or "",
        _paths(args.meetings),
        overwrite=args.overwrite,
    )
    lines = [f"{count} annotations written to {path}" for path, count in done.written.items()]
    if done.assumed:
        lines.append(f"{done.assumed} had no basis: explicit was put for a side, none for neutral")
    written = {str(path): count for path, count in done.written.items()}
    console.result({"written": written, "basis_assumed": done.assumed}, *lines)
    return DONE


def annotate_label(args: argparse.Namespace, console: Console) -> int:
    """Let a model label statements, as one more annotator."""
    from stance.annotating import prelabel, to_prelabel
    from stance.annotating.importing import check_new
    from stance.annotations import write_annotations

    out = Path(args.out)
    if not args.dry_run:
        check_new(out, args.overwrite)
    _target(args.target)
    model = _model(args.model)
    statements, encoded = to_prelabel(Path(args.file), model, _paths(args.meetings))
    if args.dry_run:
        return _told_cost(model.estimator.cost(encoded), console)
    model.show_questions(console.progress)
    done = prelabel(statements, encoded, model)
    for name, why in done.unanswered.items():
        console.error(f"{name}: no label: {why}")
    if done.annotations:
        write_annotations(out, done.annotations)
    console.result(
        {
            "out": str(out),
            "annotations": len(done.annotations),
            "unanswered": done.unanswered,
            "asked": model.estimator.asked(),
        },
        f"{len(done.annotations)} annotations written to {out}"
        + (f"; {len(done.unanswered)} statements have no label" if done.unanswered else ""),
    )
    return PARTLY if done.unanswered else DONE


def annotate_compare(args: argparse.Namespace, console: Console) -> int:
    """Tell how far annotation files agree."""
    from stance.annotating import compare_files, describe_agreement
    from stance.manifest import write_json

    _target(args.target)
    found = compare_files(_paths(args.files), args.model, _paths(args.meetings))
    console.result(found, describe_agreement(found))
    if args.out:
        write_json(Path(args.out), found)
    return DONE


def annotate_start(args: argparse.Namespace, console: Console) -> int:
    """Label statements in the terminal."""
    from stance.annotating import annotate, read_items

    annotate(
        read_items(Path(args.items)),
        Path(args.out),
        args.annotator,
        show_model=args.show_model,
        meetings=_paths(args.meetings),
    )
    return DONE


def data_check(args: argparse.Namespace, console: Console) -> int:
    """Validate annotation files."""
    from stance.annotations import check_annotations, strange_targets

    messages, warnings = [], []
    for path in args.annotations:
        found = check_annotations([path], args.meetings)
        messages += found
        warnings += [] if found else strange_targets(path)
    for message in messages:
        console.error(message)
    for warning in warnings:
        console.warn(warning)
    total = len(args.annotations)
    console.result(
        {"files": total, "valid": total - len(messages), "messages": messages, "warnings": warnings},
        f"{total - len(messages)} of {total} files hold the schema",
    )
    return PARTLY if messages else DONE


def data_stats(args: argparse.Namespace, console: Console) -> int:
    """Count what annotation files hold."""
    from stance.annotations import read_annotations, text_folders
    from stance.corpus import describe

    found = [a for path in args.annotations for a in read_annotations(path, meetings=args.meetings)]
    counts = describe(found, text_folders(_paths(args.annotations), _paths(args.meetings)))
    console.result(counts, json.dumps(counts, indent=2, ensure_ascii=False))
    return DONE


def config_show(args: argparse.Namespace, console: Console) -> int:
    """Print a configuration as it is resolved."""
    import yaml

    from stance.config import load_config

    record = load_config(args.config, args.set).model_dump(mode="json")
    console.result(record, yaml.safe_dump(record, sort_keys=False, allow_unicode=True).rstrip("\n"))
    return DONE


def config_fields(args: argparse.Namespace, console: Console) -> int:
    """Print every field of a configuration with its default and its meaning."""
    from stance.config import describe_fields

    found = list(describe_fields(args.kind))
    console.result(
        [{"field": path, "default": default, "meaning": meaning} for path, default, meaning in found],
        *(f"{path}  ({default})\n    {meaning}" for path, default, meaning in found),
    )
    return DONE


def completion(args: argparse.Namespace, console: Console) -> int:
    """Print the completion script of a shell."""
    import shtab

    from stance.cli.parser import build_parser

    print(shtab.complete(build_parser(), args.shell))
    return DONE
