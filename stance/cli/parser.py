"""The commands and options of ``stance``, with their help."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from stance import __version__
from stance.cli import commands
from stance.cli.console import Console, paint

__all__ = ["build_parser", "parse"]

Command = Callable[[argparse.Namespace, Console], int]
#: Of :mod:`stance.annotating.queries`, which is not imported for a line of help.
_QUERIES = ("uncertain-diverse", "least-confident", "margin", "entropy", "diverse", "random", "text")
_FORMS = ("label-studio", "doccano", "argilla", "csv")
_TARGET: dict[str, Any] = {"metavar": "TARGET", "help": "id of a target or a .yaml file (default: the model's)"}
_OWN_TARGET: dict[str, Any] = {
    "metavar": "TARGET.yaml",
    "help": "file of a target of your own that the annotations name by its id",
}
_DRY_RUN: dict[str, Any] = {
    "action": "store_true",
    "help": "with a model that asks a server: print requests, tokens and, where prices are configured, money; send nothing",
}
#: What shells complete with names of files (see shtab).
_FILES = {"bash": "_shtab_compgen_files", "zsh": "_files", "tcsh": "f"}


class Parser(argparse.ArgumentParser):
    """A parser that guesses what was meant."""

    #: The command line as it was typed.
    words: tuple[str, ...] = ()

    def guess(self, option: str) -> str:
        """Return a question with the option that is like one that does not exist, empty where none is."""
        close = get_close_matches(option.split("=")[0], self._option_string_actions, 1)
        return f"; did you mean {close[0]}?" if close else ""

    def error(self, message: str) -> NoReturn:
        """Print usage and message, with the nearest word that there is, and leave with code 2."""
        missing = message.startswith("the following arguments are required")
        unknown = [w for w in self.words if w.startswith("--") and w.split("=")[0] not in self._option_string_actions]
        if missing and unknown and self._option_string_actions:
            message = f"unrecognized arguments: {unknown[0]}{self.guess(unknown[0])} ({message})"
        wrong = re.search(r"invalid choice: '?(.*?)'? \(choose from (.*)\)", message)
        if wrong:
            close = get_close_matches(wrong[1], [c.strip(" '") for c in wrong[2].split(",")], 1)
            message += f"; did you mean {close[0]!r}?" if close else ""
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {paint('error:', 'red', sys.stderr)} {message}\n")


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse a command line.

    An option that does not exist is refused with the nearest one that the command has.
    """
    Parser.words = tuple(sys.argv[1:] if argv is None else argv)
    args, unknown = build_parser().parse_known_args(argv)
    if unknown:
        own: Parser = args.parser
        own.error(f"unrecognized arguments: {' '.join(unknown)}{own.guess(unknown[0])}")
    return args


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = Parser(
        prog="stance",
        description="Where delegations stand on a proposed treaty, read from UN meeting summaries.",
        epilog=_examples("stance label summary.txt --out out/mine", "stance label --help"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"stance {__version__}")
    _add_common(parser, verbose=False, quiet=False, json=False)
    parser.set_defaults(parser=parser)
    found = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    _add_label(found)
    _add_training(found)
    _add_evaluate(found)
    _add_annotate(found)
    _add_data(found)
    _add_config(found)
    _add_export(found)
    _add_completion(found)
    return parser


def _examples(*lines: str) -> str:
    return "\n".join(["examples:", *(f"  {line}" for line in lines)])


def _add_common(parser: argparse.ArgumentParser, **defaults: Any) -> None:
    """Add what every command has, before and behind its name."""
    for name, text in (
        ("verbose", "say what is being done"),
        ("quiet", "no progress bars"),
        ("json", "print the result as one JSON object"),
    ):
        # Behind the command's name, an option that is not given must not undo what was given before it.
        default = defaults.get(name, argparse.SUPPRESS)
        parser.add_argument(f"--{name}", action="store_true", default=default, help=text)


def _command(found: Any, name: str, run: Command, text: str, *examples: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = found.add_parser(
        name,
        help=text,
        description=text[0].upper() + text[1:] + ".",
        epilog=_examples(*examples) if examples else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_common(parser)
    parser.set_defaults(run=run, parser=parser)
    return parser


def _group(found: Any, name: str, text: str) -> Any:
    parser = found.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    _add_common(parser)
    return parser.add_subparsers(dest=f"{name}_command", required=True, metavar="COMMAND", parser_class=Parser)


def _file(parser: Any, *names: str, **options: Any) -> None:
    """Add an argument that names a file or a folder."""
    parser.add_argument(*names, **options).complete = _FILES


def _meetings(parser: argparse.ArgumentParser) -> None:
    _file(parser, "--meetings", action="append", default=[], metavar="DIR", help="folder with the texts")


def _add_label(found: Any) -> None:
    label = _command(
        found,
        "label",
        commands.label,
        "label meeting summaries",
        "stance label summary.txt meetings/ 'archive/*.html' --out out/mine",
        "stance label summary.txt --target plastics-treaty --explain --out out/plastics",
        "stance label archive/ --partition 1000 --engine ray --out out/archive",
    )
    _file(label, "inputs", nargs="+", metavar="INPUT", help="a file (.txt, .html, .pdf, .docx), a folder, a glob or -")
    _file(
        label,
        "--out",
        required=True,
        metavar="DIR",
        help="folder of the tables and the report; those of an earlier run are replaced, an interrupted run goes on",
    )
    label.add_argument(
        "--model", metavar="MODEL", help="model folder, hub id, or one in the package: default, mpnet, strong"
    )
    label.add_argument("--target", **_TARGET)
    label.add_argument(
        "--explain",
        action="store_true",
        help="show in the report which words carried the sides called (as long as labelling those statements 30 times)",
    )
    label.add_argument("--dry-run", **_DRY_RUN)
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


def _add_training(found: Any) -> None:
    train = _command(
        found,
        "train",
        commands.train,
        "train a classifier from a configuration",
        "stance train configs/minilm.yaml --out runs/mine",
        "stance train configs/adapt.yaml --set data.train=[my_annotations.jsonl]",
        "stance train configs/six_rounds.yaml --seeds 13 14 15",
    )
    _file(train, "config", metavar="CONFIG.yaml")
    train.add_argument(
        "--set", action="append", default=[], metavar="KEY.PATH=VALUE", help="override a field; may be repeated"
    )
    _file(train, "--out", metavar="DIR", help="model folder (default: runs/NAME)")
    train.add_argument(
        "--seeds", type=int, nargs="+", metavar="SEED", help="train once a seed, into DIR/seed-SEED; mean and deviation"
    )
    train.add_argument(
        "--resume",
        action="store_true",
        help="go on from the last epoch of an interrupted run of the same configuration",
    )

    teach = _command(
        found,
        "teach",
        commands.teach,
        "let a model label unlabelled summaries, and train a classifier on what it is sure of",
        "stance teach configs/teach/prompted.yaml --dry-run",
        "stance teach configs/teach/prompted.yaml --out runs/taught",
    )
    _file(teach, "teaching", metavar="TEACHING.yaml")
    _file(teach, "--out", metavar="DIR", help="folder of the labels and the models (default: runs/NAME)")
    teach.add_argument("--dry-run", **_DRY_RUN)

    search = _command(
        found,
        "search",
        commands.search,
        "search for a better configuration on held-out training data",
        "stance search configs/search/tfidf.yaml --trials 20",
    )
    _file(search, "search", metavar="SEARCH.yaml")
    _file(search, "--out", metavar="DIR", help="folder of the search, which goes on there (default: runs/NAME-search)")
    search.add_argument("--trials", type=int, metavar="N", help="trials in all (default: the file's)")


def _add_evaluate(found: Any) -> None:
    evaluate = _command(
        found,
        "evaluate",
        commands.evaluate,
        "score a model on annotated statements",
        "stance evaluate default my_annotations.jsonl --meetings my_texts/ --out out/scores",
        "stance evaluate runs/mine my_annotations.jsonl --against default --end-to-end",
    )
    _file(
        evaluate, "model", metavar="MODEL", help="model folder, hub id, or one in the package: default, mpnet, strong"
    )
    _file(evaluate, "annotations", nargs="+", metavar="ANNOTATIONS.jsonl")
    _meetings(evaluate)
    evaluate.add_argument("--target", **_OWN_TARGET)
    evaluate.add_argument(
        "--part", metavar="PART", help="score only this part of the authored corpus: train, development or transfer"
    )
    evaluate.add_argument(
        "--against", metavar="MODEL", help="test the difference to this model, on the same statements"
    )
    evaluate.add_argument("--dry-run", **_DRY_RUN)
    evaluate.add_argument(
        "--end-to-end",
        action="store_true",
        help="label the annotated documents from their text, attribution included, too",
    )
    _file(
        evaluate,
        "--out",
        metavar="DIR",
        help="write metrics.json, evaluation.html, predictions.csv and errors.csv there",
    )


def _add_annotate(found: Any) -> None:
    loop = _group(found, "annotate", "choose statements, label them, compare annotators")
    export = _command(
        loop,
        "export",
        commands.annotate_export,
        "write statements of summaries for an annotation tool, with what a model says of them",
        "stance annotate export meetings/ --format label-studio --limit 200 --out tasks.json",
        "stance annotate export meetings/ --format jsonl --query random --limit 50 --out items.jsonl",
    )
    _file(export, "inputs", nargs="+", metavar="INPUT", help="a file, a folder, a glob or -")
    _file(export, "--out", required=True, metavar="FILE")
    export.add_argument(
        "--format", required=True, choices=(*_FORMS, "jsonl"), help="the tool; jsonl is for stance annotate start"
    )
    export.add_argument("--model", metavar="MODEL", help="whose labels are suggested (default: the one in the package)")
    export.add_argument("--target", **_TARGET)
    export.add_argument(
        "--query", default=_QUERIES[0], choices=_QUERIES, help=f"which statements come first (default: {_QUERIES[0]})"
    )
    export.add_argument(
        "--blind", action="store_true", help="do not show what the model says (always so with --query random)"
    )
    export.add_argument("--overwrite", action="store_true", help="replace a file that exists")
    export.add_argument("--limit", type=int, metavar="N", help="statements at most (default: all)")
    export.add_argument("--seed", type=int, default=13, help="of the random order (default: 13)")

    taken = _command(
        loop,
        "import",
        commands.annotate_import,
        "make annotation files of what a tool gives back",
        "stance annotate import export.json --format label-studio --meetings meetings/ --out mine.jsonl",
    )
    _file(taken, "files", nargs="+", metavar="FILE")
    taken.add_argument("--format", required=True, choices=_FORMS)
    _file(
        taken,
        "--out",
        required=True,
        metavar="ANNOTATIONS.jsonl",
        help="with several people, one file each: NAME.PERSON.jsonl",
    )
    taken.add_argument("--annotator", metavar="NAME", help="who labelled, where the tool does not tell")
    taken.add_argument("--overwrite", action="store_true", help="replace annotation files that exist")
    _meetings(taken)

    labelled = _command(
        loop,
        "label",
        commands.annotate_label,
        "let a model label statements, as one more annotator",
        "stance annotate label mine.jsonl --model runs/prompted --dry-run --out model.jsonl",
        "stance annotate label mine.jsonl --model runs/prompted --out model.jsonl",
        "stance annotate compare mine.jsonl model.jsonl",
    )
    _file(labelled, "file", metavar="FILE.jsonl", help="annotations, whose labels are not looked at, or exported items")
    labelled.add_argument("--model", metavar="MODEL", help="who labels (default: the one in the package)")
    labelled.add_argument("--target", **_OWN_TARGET)
    _meetings(labelled)
    _file(labelled, "--out", required=True, metavar="ANNOTATIONS.jsonl")
    labelled.add_argument("--overwrite", action="store_true", help="replace a file that exists")
    labelled.add_argument("--dry-run", **_DRY_RUN)

    compare = _command(
        loop,
        "compare",
        commands.annotate_compare,
        "tell how far annotation files agree, and a model beside them",
        "stance annotate compare mine.jsonl yours.jsonl --model default --meetings meetings/",
    )
    _file(compare, "files", nargs="+", metavar="ANNOTATIONS.jsonl")
    compare.add_argument("--model", metavar="MODEL", help="a model as one more annotator")
    compare.add_argument("--target", **_OWN_TARGET)
    _meetings(compare)
    _file(compare, "--out", metavar="FILE.json", help="also write the results there")

    start = _command(
        loop,
        "start",
        commands.annotate_start,
        "label statements in this terminal",
        "stance annotate start items.jsonl --annotator me --out mine.jsonl",
    )
    _file(start, "items", metavar="ITEMS.jsonl", help="from stance annotate export --format jsonl")
    _file(start, "--out", required=True, metavar="ANNOTATIONS.jsonl", help="answers; goes on where it stopped")
    start.add_argument("--annotator", required=True, metavar="NAME")
    start.add_argument("--show-model", action="store_true", help="show what the model says with every statement")
    _meetings(start)


def _add_data(found: Any) -> None:
    data = _group(found, "data", "check and count annotations")
    for name, run, text in (
        ("check", commands.data_check, "validate annotation files"),
        ("stats", commands.data_stats, "count statements, near-duplicates, words"),
    ):
        sub = _command(data, name, run, text, f"stance data {name} my_annotations.jsonl --meetings my_texts/")
        _file(sub, "annotations", nargs="+", metavar="ANNOTATIONS.jsonl")
        _meetings(sub)


def _add_config(found: Any) -> None:
    config = _group(found, "config", "show configurations")
    show = _command(
        config,
        "show",
        commands.config_show,
        "print a configuration as it is resolved",
        "stance config show configs/minilm.yaml --set classifier.c=0.5",
    )
    _file(show, "config", metavar="CONFIG.yaml")
    show.add_argument("--set", action="append", default=[], metavar="KEY.PATH=VALUE")
    fields = _command(
        config,
        "fields",
        commands.config_fields,
        "print every field with its default and its meaning",
        "stance config fields cross-encoder",
    )
    fields.add_argument("kind", nargs="?", metavar="KIND", help="kind of classifier, for its own fields")


def _add_export(found: Any) -> None:
    export = _command(
        found,
        "export",
        commands.export,
        "write a cross-encoder for use without this package",
        "stance export default --out out/onnx --quantize",
    )
    _file(export, "model", metavar="MODEL", help="model folder or hub id; default for the one in the package")
    export.add_argument("--format", choices=("onnx",), default="onnx")
    _file(export, "--out", required=True, metavar="DIR")
    export.add_argument("--quantize", action="store_true", help="weights as 8-bit integers: smaller, less exact")


def _add_completion(found: Any) -> None:
    completion = _command(
        found,
        "completion",
        commands.completion,
        "print a script that lets a shell complete commands and options",
        "stance completion bash > ~/.local/share/bash-completion/completions/stance",
        "stance completion zsh > ~/.zsh/completions/_stance",
    )
    completion.add_argument("shell", choices=("bash", "zsh", "tcsh"))
