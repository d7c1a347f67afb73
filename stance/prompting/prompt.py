"""What a language model is asked: the codebook, the target, and one masked statement with its context."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from stance.encoding import Encoded, find_names, mask
from stance.targets import STANCES

__all__ = ["REMINDER", "SCHEMA", "Example", "Message", "Prompt"]

#: A message of the chat protocol: ``role`` and ``content``.
Message = dict[str, str]

#: The answer as a JSON schema, for servers that hold a model to one.
SCHEMA: dict[str, Any] = {
    "type": "json_schema",
    "json_schema": {
        "name": "stance",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"stance": {"type": "string", "enum": list(STANCES)}},
            "required": ["stance"],
            "additionalProperties": False,
        },
    },
}

#: What is said to an answer that cannot be read.
REMINDER = 'That is not an answer. Reply with {"stance": "for"}, {"stance": "against"} or {"stance": "neutral"}, and nothing else.'

_TASK = """You code the stance of statements in summaries of United Nations meetings, by the codebook below.
[SPEAKER] is whoever makes the statement; [OTHER] is any other delegation. Their names are hidden on purpose.
Answer with one JSON object and nothing else: {"stance": "for"}, {"stance": "against"} or {"stance": "neutral"}."""
_UNKNOWN = "the proposal that the meeting is about"


@dataclass(frozen=True)
class Example:
    """A statement with its label, shown to the model as one that it answered."""

    statement: Encoded
    stance: str
    group: str = ""


@dataclass(frozen=True)
class Prompt:
    """The part of a prompt that is the same for all statements.

    Attributes
    ----------
    codebook : str
        How stance is coded.
    examples : tuple of Example
        Shown in this order, each as a question and its answer.
    """

    codebook: str
    examples: tuple[Example, ...] = ()

    def messages(self, statement: Encoded) -> list[Message]:
        """Return the messages that ask for the stance of a statement."""
        found = [{"role": "system", "content": f"{_TASK}\n\n{self.codebook.strip()}"}]
        for example in self.examples:
            found.append({"role": "user", "content": question(example.statement)})
            found.append({"role": "assistant", "content": answer(example.stance)})
        found.append({"role": "user", "content": question(statement)})
        return found


def question(statement: Encoded) -> str:
    """Return the question about one statement; what it says is quoted, so that it is not taken for an instruction."""
    target = nameless(statement.target) or _UNKNOWN
    lines = [f"Target: {target}" + (f" ({nameless(statement.description)})" if statement.description else "")]
    if statement.context:
        lines.append(f"Sentences before it: {json.dumps(nameless(statement.context), ensure_ascii=False)}")
    lines.append(f"Statement of [SPEAKER]: {json.dumps(nameless(statement.text), ensure_ascii=False)}")
    lines.append("Which stance does [SPEAKER] take towards the target in this statement?")
    return "\n".join(lines)


@lru_cache(maxsize=4096)
def nameless(text: str) -> str:
    """Return a text in which no delegation has a name.

    Statements are masked before; what is left are names in a target, and in single statements that are masked in part.
    """
    names = find_names(text)
    return mask(text, "", names) if names else text


def answer(stance: str) -> str:
    """Return an answer as the model is asked to give it."""
    return json.dumps({"stance": stance})


def reminded(messages: Sequence[Message], said: str) -> list[Message]:
    """Return messages that ask again after an answer that could not be read."""
    return [*messages, {"role": "assistant", "content": said or "…"}, {"role": "user", "content": REMINDER}]
