#!/usr/bin/env python3
"""Build the annotation files of the authored corpus and of the authored test set from their readable sources.

    python scripts/build_authored.py [--check]

Reads ``data/authored/summaries`` and ``data/authored/statements`` and writes ``data/authored/meetings/*.txt`` (the
composed texts), ``data/authored/annotations/summaries.jsonl`` and ``data/authored/annotations/statements.jsonl``; in the
same way ``data/test``, which has summaries alone. With ``--check`` nothing is written; the exit code is 1 when the files on disk are not what the sources give.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from stance.annotations import MASKED_SPEAKER, Annotation
from stance.authored import read_statements, read_summary
from stance.delegations import load_registry
from stance.documents.headings import parse_document
from stance.errors import AnnotationError, StanceError
from stance.sentences import split_sentences
from stance.targets import load_target

DATA = Path(__file__).resolve().parent.parent / "data"
#: Folders with ``summaries`` and, where there are any, ``statements``.
CORPORA = ("authored", "test")
CONTEXT = 2


def summary_annotations(path: Path) -> tuple[str, list[Annotation]]:
    """Return the composed text of a summary and its annotations."""
    registry = load_registry()
    summary = read_summary(path)
    load_target(summary.target)
    # As labelling reads it, so that a sentence has one number everywhere.
    document = parse_document(summary.text, name=summary.name)
    numbers = {s.start: s.number for s in split_sentences(document)}
    records: list[Annotation] = []
    seen: dict[str, int] = {}
    for place, sentence in enumerate(summary.sentences):
        for code in sentence.listed:
            if code not in registry:
                raise AnnotationError(f"{path}:{sentence.line}: listed: {code!r} is no code of the registry")
        for tag in sentence.tags:
            if tag.name is None and tag.code not in registry:
                raise AnnotationError(f"{path}:{sentence.line}: tag: {tag.code!r} is no code of the registry")
            number = numbers.get(sentence.start)
            key = f"{summary.name}:{sentence.line}:{tag.code}"
            seen[key] = seen.get(key, 0) + 1
            records.append(
                Annotation(
                    id=key if seen[key] == 1 else f"{key}.{seen[key]}",
                    document=summary.name,
                    sentence=number,
                    start=sentence.start,
                    end=sentence.end,
                    text=sentence.text,
                    context="\n".join(s.text for s in summary.sentences[max(0, place - CONTEXT) : place]),
                    speaker=tag.code,
                    target=summary.target,
                    stance=tag.stance,
                    basis=tag.basis,
                    origin="authored",
                    annotator="author",
                    speaker_name=tag.name or registry.get(tag.code).name,
                    group=summary.name,
                )
            )
    return summary.text, records


def statement_annotations(path: Path) -> list[Annotation]:
    """Return the annotations of a file of single statements and contrast groups."""
    records = []
    for item in read_statements(path):
        load_target(item.target)
        records.append(
            Annotation(
                id=item.id, document=path.stem, sentence=None, start=None, end=None, text=item.text, context=item.context,
                speaker=MASKED_SPEAKER, target=item.target, stance=item.stance, basis=item.basis, origin="authored",
                annotator="author", note=item.kind, group=item.group or "",
            )
        )  # fmt: skip
    return records


def lines(records: list[Annotation]) -> str:
    """Return records as JSON Lines."""
    return "".join(json.dumps(asdict(r), ensure_ascii=False) + "\n" for r in records)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the files on disk, write nothing")
    args = parser.parse_args()
    files: dict[Path, str] = {}
    counts = {"summaries": 0, "statements": 0}
    try:
        for corpus in CORPORA:
            folder = DATA / corpus
            records: dict[str, list[Annotation]] = {"summaries": [], "statements": []}
            for path in sorted((folder / "summaries").glob("*.txt")):
                text, found = summary_annotations(path)
                files[folder / "meetings" / path.name] = text
                records["summaries"].extend(found)
            for path in sorted((folder / "statements").glob("*.txt")):
                records["statements"].extend(statement_annotations(path))
            for kind, found in records.items():
                counts[kind] += len(found)
                if found:
                    files[folder / "annotations" / f"{kind}.jsonl"] = lines(found)
    except StanceError as error:
        print(error, file=sys.stderr)
        return 2
    stale = [p for p, text in files.items() if not p.is_file() or p.read_text(encoding="utf-8") != text]
    if args.check:
        for path in stale:
            print(
                f"{path.relative_to(DATA)}: not what the sources give; run scripts/build_authored.py", file=sys.stderr
            )
        return int(bool(stale))
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8", newline="\n")
    print(
        f"{counts['summaries']} statements in summaries, {counts['statements']} single ones; {len(stale)} files written"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
