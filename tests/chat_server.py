"""A server that speaks the chat protocol, and misbehaves as it is told to."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: What may go wrong with a request, in the order in which a faulty server goes through them.
FAULTS = ("429", "500", "half body", "silence", "half answer", "refusal", "no such label")


def keyword(body: dict[str, Any]) -> str:
    """Answer by the words of the statement, so that the answer to a question is always the same."""
    asked = body["messages"][1]["content"].lower()
    return "for" if "new" in asked.split("statement of [speaker]")[-1] else "neutral"


class ChatServer:
    """A server on this machine, in threads of this process.

    Parameters
    ----------
    label : callable
        The label of a request's body.
    fault : callable, optional
        What goes wrong with the n-th request of a question (n from 0): one of ``FAULTS``, or an empty text for nothing.
    """

    def __init__(
        self,
        label: Callable[[dict[str, Any]], str] = keyword,
        fault: Callable[[dict[str, Any], int], str] | None = None,
    ) -> None:
        self.label, self.fault = label, fault
        #: Fields that are refused, with 400.
        self.refused: set[str] = set()
        #: Makes the log-probabilities of an answer, where it is asked for them.
        self.logprobs: Callable[[str], list[dict[str, Any]]] | None = None
        #: Where visitors are sent on to.
        self.elsewhere = ""
        #: Changes an answer before it is sent.
        self.change: Callable[[dict[str, Any]], None] = lambda record: None
        #: Holds all answers back after so many, until it is None again.
        self.hold_after: int | None = None
        self.bodies: list[dict[str, Any]] = []
        self.keys: set[str] = set()
        #: Digest of a question → how often it was answered, readably or not.
        self.answered: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._freed = threading.Condition(self._lock)
        server = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args: Any) -> None:
                pass

            def do_POST(self) -> None:
                try:
                    server.answer(self)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # whoever asked is gone

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def close(self) -> None:
        self.release()
        self._http.shutdown()
        self._http.server_close()

    def release(self) -> None:
        """Let answers go that were held back, and hold back none."""
        with self._lock:
            self.hold_after = None
            self._freed.notify_all()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["content-length"])))
        question = digest(body)
        with self._lock:
            self.bodies.append(body)
            self.keys.add(handler.headers.get("authorization", ""))
            turn = self._seen[question]
            self._seen[question] += 1
        for field in sorted(self.refused & body.keys()):
            self._send(handler, 400, {"error": {"message": f"unknown field {field}", "param": field}})
            return
        wrong = self.fault(body, turn) if self.fault else ""
        if wrong in ("429", "500"):
            self._send(handler, int(wrong), {"error": {"message": f"fault with {handler.headers['authorization']}"}})
            return
        if wrong == "elsewhere":
            handler.send_response(307)
            handler.send_header("location", self.elsewhere)
            handler.send_header("content-length", "0")
            handler.end_headers()
            return
        if wrong in ("403", "400"):
            self._send(handler, int(wrong), {"error": {"message": "this input was flagged"}})
            return
        if wrong == "silence":
            threading.Event().wait(1.5)
            return
        label = self.label(body)
        said: dict[str, Any] = {"role": "assistant", "content": json.dumps({"stance": label})}
        if wrong == "half answer":
            said["content"] = '{"stance": "ag'
        if wrong == "no such label":
            said["content"] = '{"stance": "sceptical"}'
        if wrong == "refusal":
            said = {"role": "assistant", "content": None, "refusal": "I cannot help with that."}
        choice: dict[str, Any] = {"index": 0, "finish_reason": "stop", "message": said}
        if self.logprobs and body.get("logprobs"):
            choice["logprobs"] = {"content": self.logprobs(label)}
        record = {
            "id": "1", "object": "chat.completion", "created": 1, "model": body["model"], "choices": [choice],
            "usage": {"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105},
        }  # fmt: skip
        self.change(record)
        if wrong == "half body":
            self._send(handler, 200, record, half=True)
            return
        with self._lock:
            while self.hold_after is not None and sum(self.answered.values()) >= self.hold_after:
                self._freed.wait()
            self.answered[question] += 1
        self._send(handler, 200, record)

    @staticmethod
    def _send(handler: BaseHTTPRequestHandler, status: int, record: dict[str, Any], half: bool = False) -> None:
        data = json.dumps(record).encode()
        data = data[: len(data) // 2] if half else data
        handler.send_response(status)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(data)))
        if status == 429:
            handler.send_header("retry-after-ms", "20")
        handler.end_headers()
        handler.wfile.write(data)


def digest(body: dict[str, Any]) -> str:
    """Return what tells one question from another."""
    asked = {"messages": body["messages"], "seed": body.get("seed")}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def some_faults(share: float) -> Callable[[dict[str, Any], int], str]:
    """Return faults for a share of the requests, the same ones whenever it is asked."""

    def fault(body: dict[str, Any], turn: int) -> str:
        drawn = int(hashlib.sha256(f"{digest(body)}:{turn}".encode()).hexdigest()[:8], 16)
        return FAULTS[drawn % len(FAULTS)] if drawn / 2**32 < share else ""

    return fault
