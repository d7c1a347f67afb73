"""A small annotator for one person, a terminal and a file.

Every answer is written at once, whole, so that a closed window costs nothing; started again, it goes on with the first item
that has no answer. What a model says is hidden unless it is asked for: who sees a label tends to agree with it.
"""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from stance.annotating.items import Answer, Item, answered, default_basis
from stance.annotations import BASES, Annotation, read_annotations, write_annotations
from stance.errors import AnnotationError, OutputError
from stance.targets import STANCES

__all__ = ["annotate"]

_STANCES = {s[0]: s for s in STANCES}
_BASES = {b[0]: b for b in BASES}
HELP = """\
f, a, n         for, against, neutral; with the basis behind it if it is not the usual one ("f i"):
                e explicit, i implicit, a anaphora, o off-target, n none
Enter           pass over: the next one without an answer
b               back to the one before
u               undo: take back what was done last
t WORDS         a note on the answer to this one
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
        If ``out`` holds something else than this person's annotations of these items.
    OutputError
        If there is no folder for it.
    """
    session = _Session(items, out, annotator, meetings)
    ask = ask or input
    say(f"{session.count} of {len(items)} have an answer.\n{HELP}")
    at = session.open_from(0)
    shown = show_model
    while True:
        if at is None:
            say(f"All {len(items)} have an answer: b to go back, u to undo, Enter or q to end.")
        else:
            say(session.show(at, model=shown))
        shown = show_model
        try:
            line = ask("stance> ").strip()
        except (EOFError, KeyboardInterrupt):
            break
        command, _, rest = line.partition(" ")
        rest = rest.strip()
        if command == "q" or (command == "" and at is None):
            break
        if command == "":
            at = session.open_from((at or 0) + 1)
        elif command == "b":
            at = len(items) - 1 if at is None else max(0, at - 1)
        elif command == "u":
            place = session.undo()
            if place is None:
                say("nothing to take back")
            else:
                at = place
        elif at is None:
            say(HELP)
        elif command == "m":
            shown = True
        elif command == "t":
            if not session.note(at, rest):
                say("give an answer first, then a note")
        elif command in _STANCES and (not rest or rest in _BASES):
            session.answer(at, _STANCES[command], _BASES.get(rest, ""))
            at = session.open_from(at + 1)
        else:
            say(HELP if command == "?" else f"{line!r} is none of these:\n{HELP}")
    say(f"{session.count} of {len(items)} have an answer; they are in {out}.")
    return session.count


class _Session:
    """The answers of one person, written after each change, and what was changed."""

    def __init__(self, items: Sequence[Item], out: Path, annotator: str, meetings: Sequence[Path]) -> None:
        self._items, self._out, self._annotator = items, out, annotator
        self._answers: dict[str, Annotation] = {}
        self._history: list[tuple[int, Annotation | None]] = []
        if not out.parent.is_dir():
            raise OutputError(f"{out.parent}: no such folder; make it first")
        if not (out.is_file() and out.stat().st_size):
            return
        known = {item.id for item in items}
        for a in read_annotations(out, meetings=meetings, offsets=bool(meetings)):
            if a.id not in known:
                raise AnnotationError(f"{out}: {a.id} is none of the items; name another file for --out")
            if a.annotator != annotator:
                raise AnnotationError(f"{out}: holds answers of {a.annotator}; name another file for --out")
            self._answers[a.id] = a

    @property
    def count(self) -> int:
        return len(self._answers)

    def open_from(self, begin: int) -> int | None:
        """Return the next item without an answer, beyond the end from the first one on; None where there is none."""
        total = len(self._items)
        places = (i % total for i in range(begin, begin + total))
        return next((i for i in places if self._items[i].id not in self._answers), None)

    def answer(self, at: int, stance: str, basis: str) -> None:
        item = self._items[at]
        before = self._answers.get(item.id)
        basis = basis or default_basis(stance)
        note = before.note if before else ""
        self._change(at, answered(Answer(item, stance, basis, note), self._annotator))

    def note(self, at: int, words: str) -> bool:
        """Put a note to an answer; tell whether there is one."""
        before = self._answers.get(self._items[at].id)
        if before is None:
            return False
        self._change(at, replace(before, note=words))
        return True

    def undo(self) -> int | None:
        """Take back the last change and return its place; None where nothing was changed."""
        if not self._history:
            return None
        at, before = self._history.pop()
        self._put(at, before)
        return at

    def _change(self, at: int, now: Annotation) -> None:
        self._history.append((at, self._answers.get(self._items[at].id)))
        self._put(at, now)

    def _put(self, at: int, annotation: Annotation | None) -> None:
        if annotation is None:
            del self._answers[self._items[at].id]
        else:
            self._answers[self._items[at].id] = annotation
        write_annotations(self._out, [self._answers[i.id] for i in self._items if i.id in self._answers])

    def show(self, at: int, *, model: bool) -> str:
        """Return an item as the person reads it."""
        item = self._items[at]
        answer = self._answers.get(item.id)
        width = min(shutil.get_terminal_size((90, 24)).columns, 100)

        def wrapped(text: str, indent: str) -> str:
            return textwrap.fill(" ".join(text.split()), width, initial_indent=indent, subsequent_indent=indent)

        lines = [f"\n[{at + 1}/{len(self._items)}] {item.document}, sentence {item.sentence}: {item.target_name}"]
        lines += [wrapped(sentence, "    … ") for sentence in item.context.split("\n") if sentence]
        lines += [wrapped(item.text, "  "), f"  speaker: {item.speaker_name or item.speaker}"]
        if model and item.stance:
            p = ", ".join(f"{name} {value:.2f}" for name, value in zip(STANCES, item.p, strict=True))
            lines.append(f"  {item.model}: {item.stance} ({p})")
        if answer:
            note = f", “{answer.note}”" if answer.note else ""
            lines.append(f"  your answer: {answer.stance} ({answer.basis}){note}")
        return "\n".join(lines)
