"""A small annotator for one person, a terminal and a file.

Every answer is written at once, whole, so that a closed window costs nothing; started again, it goes on with the first item
that has no answer. What a model says is hidden unless it is asked for: who sees a label tends to agree with it.
"""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

from stance.annotating.items import Answer, Item, answered, default_basis
from stance.annotations import BASES, Annotation, read_annotations, write_annotations
from stance.errors import AnnotationError
from stance.targets import STANCES, load_target

__all__ = ["annotate"]

_STANCES = {s[0]: s for s in STANCES}
_BASES = {b[0]: b for b in BASES}
HELP = """\
f, a, n         for, against, neutral; with the basis behind it if it is not the usual one ("f i"):
                e explicit, i implicit, a anaphora, o off-target, n none
Enter           the next one without an answer
b               back to the one before
u               undo: take back the last answer
t WORDS         a note on this one
m               show what the model says
?               this help
q               quit; all answers are saved"""


def annotate(
    items: Sequence[Item],
    out: Path,
    annotator: str,
    *,
    ask: Callable[[str], str] | None = None,
    say: Callable[[str], None] = print,
    show_model: bool = False,
    meetings: Sequence[Path] = (),
) -> int:
    """Ask a person for the stance of items, one after the other.

    Parameters
    ----------
    items : sequence of Item
        In the order in which they are asked.
    out : Path
        Annotation file; answers in it are kept, and their items not asked again unless the person goes back to them.
    annotator : str
        Name that the annotations carry.
    ask, say : callable, optional
        How to read a line and to print one; those of the terminal when left out.
    show_model : bool, default False
        Show what the model says with every item.
    meetings : sequence of Path
        Folders with the texts, to check what ``out`` holds already.

    Returns
    -------
    int
        Number of items that have an answer now.

    Raises
    ------
    AnnotationError
        If ``out`` holds something else than annotations of these items.
    """
    ask = ask or input
    answers: dict[str, Annotation] = {}
    if out.is_file() and out.stat().st_size:
        answers = {a.id: a for a in read_annotations(out, meetings=meetings, offsets=bool(meetings))}
    places = {item.id: i for i, item in enumerate(items)}
    strangers = [name for name in answers if name not in places]
    if strangers:
        raise AnnotationError(f"{out}: {strangers[0]} is none of the items; name another file for --out")
    given = list(answers)
    at = _open(items, answers, 0)
    say(f"{len(answers)} of {len(items)} have an answer.\n{HELP}")
    shown = show_model
    while at < len(items):
        item = items[at]
        say(_shown(item, at, len(items), answers.get(item.id), shown))
        shown = show_model
        try:
            line = ask("stance> ").strip()
        except (EOFError, KeyboardInterrupt):
            break
        command, _, rest = line.partition(" ")
        rest = rest.strip()
        if command == "q":
            break
        if command == "":
            at = _open(items, answers, at + 1)
        elif command == "b":
            at = max(0, at - 1)
        elif command == "u":
            if not given:
                say("nothing to take back")
                continue
            last = given.pop()
            del answers[last]
            at = places[last]
            _save(out, items, answers)
        elif command == "m":
            shown = True
        elif command == "t":
            before = answers.get(item.id)
            if before is None:
                say("give an answer first, then a note")
                continue
            answers[item.id] = answered(Answer(item, before.stance, before.basis, rest), annotator)
            _save(out, items, answers)
        elif command in _STANCES and (not rest or rest in _BASES):
            stance = _STANCES[command]
            basis = _BASES[rest] if rest else default_basis(stance)
            note = answers[item.id].note if item.id in answers else ""
            answers[item.id] = answered(Answer(item, stance, basis, note), annotator)
            given = [*(name for name in given if name != item.id), item.id]
            _save(out, items, answers)
            at = _open(items, answers, at + 1)
        else:
            say(HELP)
    say(f"{len(answers)} of {len(items)} have an answer; they are in {out}.")
    return len(answers)


def _open(items: Sequence[Item], answers: dict[str, Annotation], begin: int) -> int:
    """Return the first item from a place on that has no answer; beyond the end where there is none."""
    return next((i for i in range(begin, len(items)) if items[i].id not in answers), len(items))


def _save(out: Path, items: Sequence[Item], answers: dict[str, Annotation]) -> None:
    write_annotations(out, [answers[item.id] for item in items if item.id in answers])


def _shown(item: Item, at: int, total: int, answer: Annotation | None, model: bool) -> str:
    width = min(shutil.get_terminal_size((90, 24)).columns, 100)

    def wrapped(text: str, indent: str) -> str:
        return textwrap.fill(" ".join(text.split()), width, initial_indent=indent, subsequent_indent=indent)

    lines = [f"\n[{at + 1}/{total}] {item.document}, sentence {item.sentence}: {load_target(item.target).name}"]
    lines += [wrapped(sentence, "    … ") for sentence in item.context.split("\n") if sentence]
    lines += [wrapped(item.text, "  "), f"  speaker: {item.speaker_name or item.speaker}"]
    if model and item.stance:
        p = ", ".join(f"{name} {value:.2f}" for name, value in zip(STANCES, item.p, strict=True))
        lines.append(f"  {item.model}: {item.stance} ({p})")
    if answer:
        lines.append(f"  your answer: {answer.stance} ({answer.basis})" + (f", “{answer.note}”" if answer.note else ""))
    return "\n".join(lines)
