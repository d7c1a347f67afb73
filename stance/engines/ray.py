"""The work as a Ray Data job: tasks read the documents, actors that hold the model classify the statements.

This process divides the work and keeps what comes back, in the same folder and in the same portions as the local engine,
so that one engine can finish what the other began. Ray Data says who does what, and gives it to another worker when one
has died. A shard or a portion is one row of a dataset: nothing tears it apart or puts it together with another one.

Workers read the inputs by their paths: a cluster of several machines needs the files at the same place on each of them,
and this package, in the same version. The model comes from this process; what it is the difference to (an encoder of a
package, of the hub or in a folder) is looked up on the worker.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, redirect_stdout, suppress
from dataclasses import asdict, astuple, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from stance import errors
from stance.classifiers import simple_parts
from stance.documents import Document, HeldInput, Input
from stance.encoding import Encoded, EncodingOptions
from stance.engines.stages import Roll, Shelf, classify, portions, read_shard, shards_of
from stance.engines.work import Work, pack
from stance.errors import ConfigError, StanceError, install_extra
from stance.precision import Choice, in_precision, limit_shapes, settle_precision
from stance.progress import Progress
from stance.quiet import quiet
from stance.targets import Target

if TYPE_CHECKING:
    from stance.model import Classifier

__all__ = ["require", "run"]

#: How often an actor is started again that died, and a shard begun again whose worker did. Ray Data's own answer is: for
#: ever; but then a portion that no worker has the memory for would kill one after the other.
DEATHS = 5
#: Seconds after which nobody is taken to listen at an address.
_PATIENCE = 10.0
#: Kinds of classifiers that work without torch, and those that a GPU makes quicker.
_WITHOUT_TORCH = frozenset({"majority", "tfidf"})
_ON_GPU = frozenset({"cross-encoder", "entailment", "label-words"})


def require() -> None:
    """Refuse this engine where Ray is not installed.

    Raises
    ------
    ConfigError
        If it is not.
    """
    if importlib.util.find_spec("ray") is None:
        raise ConfigError(f"--engine ray needs the package ray; {install_extra('ray')}")


def run(
    items: Sequence[Input],
    model: Classifier,
    target: Target,
    work: Work,
    shelf: Shelf | None = None,
    *,
    precision: str = "float32",
    progress: bool = False,
    address: str | None = None,
) -> tuple[Roll, NDArray[np.float64], Choice]:
    """Read and classify on a Ray cluster, without what is done already.

    On processors the probabilities are the local engine's to the last digit; those of a GPU may differ from them there.

    Parameters
    ----------
    items : sequence of Input
    model : Classifier
    target : Target
    work : Work
        Where what is done is kept.
    shelf : Shelf, optional
        Stays empty: the documents are read elsewhere.
    precision : str, default "float32"
        The arithmetic of the classifier, or ``auto``, which is chosen on this machine for all workers. GPUs work in
        float32.
    progress : bool, default False
        Show how far it is on standard error.
    address : str, optional
        ``HOST:PORT`` of the cluster, of which this machine is a node, or ``auto``. When left out, the one that
        ``RAY_ADDRESS`` names, else one that lives on this machine as long as the run. Not used where this process is
        connected to a cluster already.

    Returns
    -------
    Roll
        Which of the different statements each statement is.
    ndarray of shape (n, 3)
        Probabilities of the different statements; columns for, against, neutral.
    Choice
        The arithmetic that was used.

    Raises
    ------
    ConfigError
        If Ray is not installed, or the address is none.
    StanceError
        If there is no cluster at the address, or Ray gives up.
    """
    require()
    shards = shards_of(items)
    with _cluster(address):
        _read_all(shards, target, model.options, work, progress=progress)
        return _classify_all(len(shards), model, work, precision, progress=progress)


def _read_all(
    shards: Sequence[Sequence[Input]], target: Target, options: EncodingOptions, work: Work, *, progress: bool
) -> None:
    """Read the shards that are not there."""
    with Progress("reading", sum(map(len, shards)), "documents", shown=progress) as bar:
        waiting = []
        for number, part in enumerate(shards):
            if work.has_shard(number):
                bar.advance(len(part))
            else:
                waiting.append(_stored(number, [_as_json(item) for item in part]))
        settings = {"target": target, "options": options}
        with closing(_mapped(waiting, _read, fn_kwargs=settings, num_cpus=1, max_retries=DEATHS)) as answers:
            for number, answer in answers:
                work.keep_shard(number, answer)
                bar.advance(len(shards[number]))


def _classify_all(
    shards: int, model: Classifier, work: Work, precision: str, *, progress: bool
) -> tuple[Roll, NDArray[np.float64], Choice]:
    """Classify the portions that are not there, and return what the engine returns."""
    roll = Roll()
    sizes: list[int] = []
    waiting = []
    choice = Choice("float32")
    gpus = _gpus(model)
    for number, portion in enumerate(portions(roll, map(work.encoded, range(shards)))):
        if number == 0 and not gpus:
            choice = settle_precision(model, precision, portion, sum(map(work.count, range(shards))), work)
        sizes.append(len(portion))
        if not work.has_portion(number):
            waiting.append(_stored(number, [astuple(item) for item in portion]))
    with Progress("classifying", sum(sizes), "different statements", shown=progress) as bar:
        bar.advance(sum(size for number, size in enumerate(sizes) if work.has_portion(number)))
        if waiting:
            with closing(
                _mapped(waiting, _Labeller, **_actors(model, choice.precision, gpus, len(waiting)))
            ) as answers:
                for number, answer in answers:
                    work.keep_portion(number, np.frombuffer(answer, dtype=np.float64).reshape(-1, 3))
                    bar.advance(sizes[number])
    return roll, np.concatenate([np.zeros((0, 3)), *map(work.portion, range(len(sizes)))]), choice


def _stored(number: int, given: Any) -> Any:
    """Lay a row into Ray's store, which moves to disk what memory has no room for, and return a reference to it."""
    import pyarrow as pa
    import ray

    schema = pa.schema([("number", pa.int64()), ("given", pa.large_string())])
    return ray.put(pa.table([[number], [json.dumps(given)]], schema=schema))


def _mapped(rows: Sequence[Any], function: Any, **options: Any) -> Generator[tuple[int, bytes], None, None]:
    """Yield the number and the answer of each row, as they come.

    Raises
    ------
    StanceError
        What was raised on a worker, or what Ray says when it gives up.
    """
    import ray.data

    if not rows:
        return
    dataset = ray.data.from_arrow_refs(rows)
    dataset.context.enable_progress_bars = False
    dataset = dataset.map_batches(function, batch_size=1, batch_format="pyarrow", zero_copy_batch=True, **options)
    with _told():
        for batch in dataset.iter_batches(batch_size=None, batch_format="pyarrow"):
            for row in batch.to_pylist():
                if row["error"] is not None:
                    kind, message = json.loads(row["error"])
                    raise getattr(errors, kind, StanceError)(message)
                yield row["number"], row["answer"]


def _answer(batch: Any, work: Callable[[Any], bytes]) -> Any:
    """Do the work that a row asks for; an error of this package is an answer too: of others, Ray keeps only the text."""
    import pyarrow as pa

    (row,) = batch.to_pylist()
    answer, error = None, None
    try:
        answer = work(json.loads(row["given"]))
    except StanceError as problem:
        error = json.dumps([type(problem).__name__, str(problem)])
    schema = pa.schema([("number", pa.int64()), ("answer", pa.large_binary()), ("error", pa.large_string())])
    return pa.table([[row["number"]], [answer], [error]], schema=schema)


def _as_json(item: Input) -> dict[str, Any]:
    """Return an input as JSON holds it; one that was read already travels with its text."""
    return {**asdict(item), "held": isinstance(item, HeldInput)}


def _from_json(record: dict[str, Any]) -> Input:
    """Return the input that :func:`_as_json` was given."""
    if not record.pop("held"):
        return Input(**record)
    document = record.pop("document")
    if document is not None:
        document = Document(**{**document, "body": tuple(document["body"])})
    return HeldInput(**record, document=document)


def _read(batch: Any, target: Target, options: EncodingOptions) -> Any:
    """Read a shard."""
    return _answer(batch, lambda inputs: pack(read_shard(map(_from_json, inputs), target, options)))


class _Labeller:
    """An actor that holds the model.

    Parameters
    ----------
    files : ray.ObjectRef
        The files of the model's folder.
    threads : int, optional
        Threads of torch; None for a model that works without.
    gpu : bool
        Whether it was given a GPU.
    precision : str
        The arithmetic of the classifier.
    """

    def __init__(self, files: Any, threads: int | None, gpu: bool, precision: str) -> None:
        self._files, self._threads, self._gpu, self._precision = files, threads, gpu, precision

    def __call__(self, batch: Any) -> Any:
        def work(portion: list[list[str]]) -> bytes:
            return classify(self._model, [Encoded(*values) for values in portion]).tobytes()

        return _answer(batch, work)

    @cached_property
    def _model(self) -> Classifier:
        # Not in the constructor, where an error would be taken for the death of an actor, and tried again.
        import ray

        from stance.model import Classifier

        # A cluster that runs already has not the environment of whoever asks it.
        limit_shapes()
        if self._threads is not None:
            import torch

            torch.set_num_threads(self._threads)
        with tempfile.TemporaryDirectory() as folder:
            for name, content in ray.get(self._files).items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            model = Classifier.load(folder)
        if self._gpu and torch.cuda.is_available():
            model.estimator.move("cuda")
        return in_precision(model, self._precision)


def _files(model: Classifier) -> dict[str, bytes]:
    """Return the files of a model's folder by name: of the model as it is in memory, and never as a pickle."""
    with tempfile.TemporaryDirectory() as folder:
        # Saving gives the copy a digest, and this model keeps its own.
        replace(model).save(Path(folder))
        paths = [path for path in Path(folder).rglob("*") if path.is_file()]
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _kinds(model: Classifier) -> set[str]:
    """Return the kinds of classifiers that a model consists of."""
    return {part["kind"] for part in simple_parts({"kind": model.estimator.kind, **model.estimator.get_params()})}


def _nodes() -> list[dict[str, float]]:
    """Return what each machine of the cluster has."""
    import ray

    return [node["Resources"] for node in ray.nodes() if node["Alive"]]


def _gpus(model: Classifier) -> int:
    """Return the number of GPUs in the cluster that make a model quicker."""
    return sum(int(node.get("GPU", 0)) for node in _nodes()) if _kinds(model) & _ON_GPU else 0


def _actors(model: Classifier, precision: str, gpus: int, waiting: int) -> dict[str, Any]:
    """Return how many actors of which size hold a model: as many as there is room for, more when the cluster grows."""
    import ray
    import ray.data

    nodes = _nodes()
    threads = None
    if not _kinds(model) <= _WITHOUT_TORCH:
        import torch

        # The product of two matrices is summed in another order when more threads share it: with other threads than
        # the local engine has here, last digits would be others. So this process's number holds on every worker.
        threads = torch.get_num_threads()
    if gpus:
        size, room = {"num_gpus": 1}, gpus
    else:
        cpus = threads or 1
        largest = max((int(node.get("CPU", 0)) for node in nodes), default=0)
        if largest:
            # A node with fewer processors than threads takes an actor all the same.
            cpus = min(cpus, largest)
        size, room = {"num_cpus": cpus}, sum(int(node.get("CPU", 0)) // cpus for node in nodes)
    return {
        **size,
        "compute": ray.data.ActorPoolStrategy(min_size=1, max_size=waiting, initial_size=min(max(room, 1), waiting)),
        "fn_constructor_args": (ray.put(_files(model)), threads, bool(gpus), precision),
        # A portion stays with its actor, and while that one waits for room each attempt to speak to it counts as a try.
        "max_restarts": DEATHS,
        "max_task_retries": -1,
    }


@contextmanager
def _told() -> Iterator[None]:
    """Tell in words that Ray gave up; an exception of our own code that nobody foresaw goes through."""
    import ray.exceptions

    try:
        yield
    except ray.exceptions.UserCodeException:
        raise
    except ray.exceptions.RayError as error:
        raise StanceError(
            f"--engine ray: {_gist(error)}; what is done is kept: run the same command again, here or with --engine local"
        ) from error


def _gist(error: BaseException) -> str:
    """Return the line of a message of Ray's that says what happened: behind a traceback the last one."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return lines[-1 if "Traceback" in str(error) else 0].rstrip(".")


@contextmanager
def _cluster(address: str | None) -> Iterator[None]:
    """Be connected to a cluster, and speak for Ray unless the user wants to hear all."""
    address = address or os.environ.get("RAY_ADDRESS")
    if address:
        _reach(address)
    settings: dict[str, str] = {"RAY_USAGE_STATS_ENABLED": "0"}
    if address:
        # Each try takes long where something else than Ray listens; its own number is twenty.
        settings["RAY_NUM_REDIS_GET_RETRIES"] = "1"
    verbose = logging.getLogger().isEnabledFor(logging.INFO)
    if not verbose:
        # Of each actor that can be restarted Ray says, as an error, that it could not be without its arguments.
        settings["RAY_BACKEND_LOG_LEVEL"] = "fatal"
    with ExitStack() as stack:
        stack.enter_context(_environment(settings))
        import ray
        import ray.data

        # Ray prints the death of a worker to standard output, which belongs to the command line's own results.
        told = sys.stderr if verbose else stack.enter_context(Path(os.devnull).open("w", encoding="utf-8"))
        stack.enter_context(redirect_stdout(told))
        if not verbose:
            stack.enter_context(quiet("ray", "ray.data", level=logging.CRITICAL))
        if not ray.is_initialized():
            options = {} if address else {"include_dashboard": False}
            try:
                with ExitStack() as hushed:
                    if not verbose:
                        hushed.enter_context(_hushed())
                    ray.init(
                        address=address or "local",
                        logging_level=logging.INFO if verbose else logging.CRITICAL,
                        log_to_driver=verbose,
                        **options,
                    )
            except Exception as error:  # Ray raises many kinds; each means that there is no cluster
                raise StanceError(_no_cluster(address, error)) from error
            stack.callback(ray.shutdown)
        yield


def _no_cluster(address: str | None, error: Exception) -> str:
    if not address:
        return f"--engine ray: no cluster could be started on this machine: {_gist(error)}"
    return (
        f"--address {address}: {_gist(error)}; there must be a cluster of this version of Ray, this machine a node of it, "
        "and RAY_AUTH_MODE=token set where it asks for a token"
    )


def _reach(address: str) -> None:
    """Refuse an address where nobody listens, for which Ray would wait many minutes."""
    if address.startswith("ray://"):
        raise ConfigError(
            f"--address {address}: Ray Data does not work through Ray Client; run stance on a node of the cluster, "
            "with HOST:PORT or auto"
        )
    if address in ("auto", "local"):
        return
    try:
        found = urlsplit(f"//{address}")
        host, port = found.hostname, found.port
    except ValueError:
        host, port = None, None
    if not host or not port:
        raise ConfigError(f"--address {address}: is not HOST:PORT or auto")
    try:
        socket.create_connection((host, port), timeout=_PATIENCE).close()
    except OSError as error:
        raise StanceError(f"--address {address}: cannot be reached: {error.strerror or error}") from None


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    """Set variables that the user has not set, for the length of a block."""
    new = settings.keys() - os.environ.keys()
    os.environ.update({name: settings[name] for name in new})
    try:
        yield
    finally:
        for name in new:
            os.environ.pop(name, None)


@contextmanager
def _hushed() -> Iterator[None]:
    """Close the mouth of libraries that write to standard error past Python."""
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # there is none
        yield
        return
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
