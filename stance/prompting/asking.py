"""Asking an OpenAI-compatible server: retries, faults told apart, and a key that stays where it is."""

from __future__ import annotations

import math
import os
import re
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from stance.errors import ModelError, install_extra
from stance.prompting.prompt import Message

__all__ = ["Asker", "NoAnswer", "Reply"]

#: Fields that a server may not know; a request goes without one that it refuses.
_OPTIONAL = ("response_format", "logprobs", "top_logprobs", "seed", "temperature", "max_tokens")
#: Status codes after which no other request would be answered either.
_FINAL = (401, 403, 404)
#: Requests in a row without an answer after which a server counts as lost: one that never answered, and one that did. A few
#: statements may be beyond a server that answers all others.
_PATIENCE, _LONG_PATIENCE = 8, 50
#: What the client would tell about this machine.
_UNSAID = (
    "Arch",
    "Async",
    "Lang",
    "OS",
    "Package-Version",
    "Runtime",
    "Runtime-Version",
    "Retry-Count",
    "Read-Timeout",
)
_BACK_OFF = 0.5
#: How servers say that they do not know a field.
_UNKNOWN = re.compile(
    r"unsupported|not supported|unknown|unrecogni[sz]ed|unexpected|not permitted|not allowed|extra (?:inputs|fields)|no such|"
    r"does not support|not available|not enabled"
)


class NoAnswer(Exception):
    """A request that had no answer after all retries; the message says why."""


@dataclass(frozen=True)
class Reply:
    """What a server answered.

    Attributes
    ----------
    text : str or None
        What the model said; None where it said nothing.
    refusal : str or None
        Why the model does not answer, where the protocol tells.
    tokens : list of dict, or None
        Tokens of the answer with their log-probabilities.
    prompt_tokens, answer_tokens : int
        As the server counts them; 0 where it does not.
    cut : bool
        The server broke the answer off.
    """

    text: str | None
    refusal: str | None = None
    tokens: list[dict[str, Any]] | None = None
    prompt_tokens: int = 0
    answer_tokens: int = 0
    cut: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name."""
        return asdict(self)

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Reply:
        """Return what :meth:`to_dict` gave."""
        return cls(**raw)


class Asker:
    """A client of one server; may be used by several threads.

    Parameters
    ----------
    base_url : str
        Address of the server, as ``http://localhost:8000/v1``.
    key_variable : str
        Environment variable with the key; a server on this machine needs none.
    retries : int
        Times that a request is sent again after 408, 409, 429, 5xx, a time-out, a broken connection or a broken body, with
        growing waits between them; a server that says when to come back is obeyed.
    timeout : float
        Seconds to wait for a server that says nothing.

    Raises
    ------
    ModelError
        If the package openai is missing.
    """

    def __init__(self, base_url: str, key_variable: str, retries: int, timeout: float) -> None:
        try:
            import openai
        except ImportError:
            raise ModelError(f"asking a model needs the package openai; {install_extra('prompted')}") from None
        self._openai = openai
        self._key = os.environ.get(key_variable, "").strip()
        if not re.fullmatch(r"[\x21-\x7e]*", self._key):
            raise ModelError(
                f"the environment variable {key_variable} holds no key: a key is one word of plain characters"
            )
        self._key_variable, self._base_url, self._retries = key_variable, base_url, retries
        # Organization and project of another provider's account are in the environment of many; they are not for this server.
        names = ["OpenAI-Organization", "OpenAI-Project", *(f"X-Stainless-{name}" for name in _UNSAID)]
        self._unsaid: dict[str, Any] = {name: openai.Omit() for name in names}
        try:
            self._client = openai.OpenAI(
                api_key=self._key or "none",
                base_url=base_url,
                timeout=timeout,
                max_retries=retries,
                # Whoever is redirected to was not named by the user.
                http_client=openai.DefaultHttpxClient(follow_redirects=False),
            )
        except Exception as error:  # proxies of the environment, addresses: the client raises many kinds
            raise ModelError(self._told(f"{base_url}: no client can be made: {error}")) from None
        self._without: set[str] = set()
        self._lock = threading.Lock()
        #: Whether the server is known to answer: it has done so, now or in an earlier run.
        self.known = False
        self._in_vain = 0

    def ask(self, model: str, messages: Sequence[Message], options: Mapping[str, Any]) -> Reply:
        """Ask once.

        Parameters
        ----------
        model : str
        messages : sequence of mapping
        options : mapping
            Further fields of the request; those that the server refuses are left out from then on.

        Returns
        -------
        Reply

        Raises
        ------
        NoAnswer
            If the request failed, after all retries.
        ModelError
            If no request can succeed: the key or the model is refused, or the server cannot be reached.
        """
        api = self._openai
        broken = 0
        while True:
            fields = {k: v for k, v in options.items() if k not in self._without}
            if "max_tokens" in self._without and "max_tokens" in options:
                # The name that newer models of OpenAI have for it.
                fields["max_completion_tokens"] = options["max_tokens"]
            try:
                sent: Any = list(messages)
                found = self._client.chat.completions.create(
                    model=model, messages=sent, extra_headers=self._unsaid, **fields
                )
                reply = self._read(found.model_dump(warnings=False))
            except api.APIStatusError as error:
                if 300 <= error.status_code < 400:
                    raise ModelError(
                        f"{self._base_url}: sends its visitors elsewhere; name the address itself"
                    ) from None
                if error.status_code in _FINAL and not self.known:
                    raise ModelError(self._final(error, model)) from None
                refused = self._refused(error, fields)
                if error.status_code in (400, 422) and refused:
                    with self._lock:
                        self._without.update(refused)
                    continue
                self._fail(f"the server answers {error.status_code}: {self._reason(error)}", error.status_code)
            except api.APITimeoutError:
                self._fail("no answer in time")
            except api.APIConnectionError as error:
                self._fail(f"the server cannot be reached: {error.__cause__ or error}")
            except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, api.APIError):
                # Half of an answer; the client itself does not ask again then.
                broken += 1
                if broken > self._retries:
                    self._fail("the server's answers are broken")
                time.sleep(min(_BACK_OFF * 2 ** (broken - 1), 8.0))
                continue
            with self._lock:
                self.known, self._in_vain = True, 0
            return reply

    def _read(self, found: Mapping[str, Any]) -> Reply:
        """Return the reply that a response holds; anything raised says that it is broken."""
        choice = found["choices"][0]
        message = choice["message"]
        usage = found.get("usage") or {}
        tokens = [
            {
                "token": self._told(_text(t["token"])),
                "top_logprobs": [
                    {"token": self._told(_text(x["token"])), "logprob": _log_probability(x["logprob"])}
                    for x in t.get("top_logprobs") or ()
                ],
            }
            for t in (choice.get("logprobs") or {}).get("content") or ()
        ]
        said, refusal = message.get("content"), message.get("refusal")
        return Reply(
            None if said is None else self._told(_text(said)),
            None if refusal is None else self._told(_text(refusal)),
            tokens or None,
            max(0, int(usage.get("prompt_tokens") or 0)),
            max(0, int(usage.get("completion_tokens") or 0)),
            choice.get("finish_reason") in ("length", "content_filter"),
        )

    def _refused(self, error: Any, fields: Mapping[str, Any]) -> set[str]:
        """Return the optional fields that a server does not know; one whose value it does not like stays."""
        said, param = self._reason(error).lower(), str(getattr(error, "param", "") or "")
        unknown = _UNKNOWN.search(said) is not None
        found = {name for name in _OPTIONAL if name in fields and unknown and (name == param or name in said)}
        # One is nothing without the other.
        return found | {"logprobs", "top_logprobs"} if found & {"logprobs", "top_logprobs"} else found

    def _final(self, error: Any, model: str) -> str:
        if error.status_code == 404:
            return f"{self._base_url}: no such model or address (model {model!r}): {self._reason(error)}"
        hint = "" if self._key else f"; no key is set (environment variable {self._key_variable})"
        return f"{self._base_url}: the key is refused ({error.status_code}): {self._reason(error)}{hint}"

    def _fail(self, why: str, status: int | None = None) -> None:
        """Give a request up, and the server where it seems lost.

        A server that has answered before, and one that says what it does not like, is there: what it does not answer is
        beyond it.
        """
        there = status is not None and (self.known or (status < 500 and status not in (408, 409, 429)))
        with self._lock:
            self._in_vain += not there
            lost = not there and self._in_vain >= (_LONG_PATIENCE if self.known else _PATIENCE)
        if lost:
            raise ModelError(
                self._told(
                    f"{self._base_url}: the last {self._in_vain} requests had no answer: {why}; what was answered is kept"
                )
            )
        raise NoAnswer(self._told(why)) from None

    def _reason(self, error: Any) -> str:
        """Return what a server says of an error, in one line, without the key, which some repeat."""
        body = getattr(error, "body", None)
        said = body.get("message") or body.get("detail") if isinstance(body, dict) else body
        # Cut last: half a key is not found any more.
        return " ".join(self._told(str(said or getattr(error, "message", error))).split())[:200]

    def _told(self, message: str) -> str:
        """Return a text without the key."""
        return message.replace(self._key, "(key)") if self._key else message

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("no text")
    return value


def _log_probability(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -math.inf < value <= 1e-6:
        raise ValueError("no log-probability")
    return float(value)
