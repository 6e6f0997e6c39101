"""How rules are compiled and where the machine code is kept.

Compiled rules are cached under a digest of what their file and the files that it imports say. An
edited rule is compiled anew with what calls it, everything else is taken from the cache; comments
and docstrings do not count. numba's own cache does not notice an edited function in another file.
Floating-point sums keep their order (no fastmath), so compiled and plain Python give the same bits.
"""

from __future__ import annotations

import hashlib
import operator
import os
import pickle
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from partnersim.errors import InputError

try:
    import fcntl
except ImportError:  # Windows: programs that compile at once compile the same twice
    fcntl = None  # type: ignore[assignment]
try:
    import numba
except ValueError as _error:  # its settings come from the environment
    raise InputError(f"a setting of numba in the environment cannot be used: {_error}") from None
from llvmlite import ir
from llvmlite.binding import newpassmanagers as passes
from numba.core import types
from numba.core.caching import (
    CompileResultCacheImpl,
    FunctionCache,
    IndexDataCacheFile,
    _CacheLocator,
)
from numba.core.registry import cpu_target
from numba.core.typing.templates import _OverloadFunctionTemplate
from numba.np import arrayobj

from partnersim.compiler.cache_root import cache_root, may_be_trusted
from partnersim.compiler.source_digest import PACKAGE, source_digest, with_imports

# numba makes the names of its settings when it is imported, and its hints lag its options.
_settings: Any = numba.config
_njit: Any = numba.njit

#: Seconds after which a rule is compiled although another program, perhaps stopped, does so.
_PATIENCE = 60.0
_DIGEST_BYTES = hashlib.sha256().digest_size
#: Of the files of machine code.
_FORMAT = "with digests, calls and plain indices"

# llvmlite 0.50 never frees a list of passes, half a megabyte a rule: a base class hides how.
for _kind in (passes.ModulePassManager, passes.FunctionPassManager):
    _kind._dispose = passes.NewPassManager._dispose

_from_either_end: Any = arrayobj.fix_integer_index


def _index(context: Any, builder: Any, kind: Any, given: Any, length: Any) -> Any:
    """Count from the end of an array only by a constant, in rules; a twentieth of their time."""
    if context.enable_nrt or isinstance(given, ir.Constant):
        return _from_either_end(context, builder, kind, given, length)
    return context.cast(builder, given, kind, types.intp if kind.signed else types.uintp)


arrayobj.fix_integer_index = _index

# Nobody calls rules through C pointers: leaving those entry points out saves compile time.
_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "fastmath": False,
    "error_model": "python",
    "no_cfunc_wrapper": True,
}
# Rules own no memory, so counting references to arrays would only cost time (half of it).
_RULE_OPTIONS: dict[str, Any] = {**_OPTIONS, "_nrt": False}


def rule[Function: Callable[..., Any]](function: Function) -> Function:
    """Compile a rule, which makes no arrays; with ``NUMBA_DISABLE_JIT=1`` it stays plain Python.

    Its indices are not checked, and only constants may count from the end of an array.
    """
    return _compiled(function, _RULE_OPTIONS)


def inlined_rule[Function: Callable[..., Any]](function: Function) -> Function:
    """Compile a rule into its callers: for what a loop over all options calls."""
    return _compiled(function, {**_RULE_OPTIONS, "forceinline": True})


def allocating_rule[Function: Callable[..., Any]](function: Function) -> Function:
    """Compile a rule that makes arrays of its own, or calls one that does."""
    return _compiled(function, _OPTIONS)


def compiled_before(path: str = "runs/replicate.py", rule: str = "_play") -> bool:
    """Tell whether a rule, as it now reads, was compiled on this machine before.

    A rule is kept after all that it calls, and the default is kept last of all that a run calls: if
    it is there, nothing is left to compile.

    Parameters
    ----------
    path : str
        Of its file, below the package.
    rule : str
        Its name.
    """
    found = _cache_folder(PACKAGE / path).glob(f"*.{rule}-*.nbc")
    return bool(_settings.DISABLE_JIT) or any(found)


@cache
def _cache_folder(path: Path) -> Path:
    """Return the folder that holds what was compiled of a file as it and its imports now read."""
    digest = source_digest(with_imports(path), numba.__version__, sys.version, _FORMAT)
    return cache_root() / "compiled" / f"{path.stem}-{digest}"


def _compiled[Function: Callable[..., Any]](
    function: Function, options: dict[str, Any]
) -> Function:
    """Return a function compiled for callers in Python, and behind it one for rules.

    What rules call needs no entry from Python, which would take a tenth of the time of compiling.
    """
    if _settings.DISABLE_JIT:
        return function
    for_python: Any = _njit(**options)(function)
    for_rules = _njit(no_cpython_wrapper=True, **options)(function)
    for_python.for_rules = for_rules
    for_python.get_overload = for_rules.get_overload
    for_python.get_call_template = lambda arguments, named: for_rules.get_call_template(
        tuple(map(_widened, arguments)), {name: _widened(named[name]) for name in named}
    )
    if PACKAGE in Path(function.__code__.co_filename).parents:
        for_python._cache = _LateCache(function, "for_python")
        for_rules._cache = _LateCache(function, "for_rules")
    return for_python  # type: ignore[no-any-return]


@cache
def _arrays_first() -> None:
    """Let numba ask arrays and records what an index gives before strings, lists, dictionaries."""
    context = cpu_target.typing_context
    context.refresh()
    kinds = context._lookup_global(operator.getitem).templates
    ordered = sorted(kinds, key=lambda kind: issubclass(kind, _OverloadFunctionTemplate))
    context._globals[operator.getitem] = types.Function(ordered)


def _widened(kind: Any) -> Any:
    """Return the type that a rule is compiled for: one for all constants and signed integers."""
    general: Any = types.unliteral(kind)
    signed = isinstance(general, types.Integer) and general.name.startswith("int")
    return types.int64 if signed else general


class _Locator(_CacheLocator):  # type: ignore[misc]
    """Where numba keeps the machine code of a function."""

    def __init__(self, path: Path) -> None:
        self._folder = _cache_folder(path)

    @classmethod
    def from_function(cls, function: Any, path: str) -> _Locator:
        return cls(Path(path).resolve())

    def get_cache_path(self) -> str:
        return str(self._folder)

    def get_source_stamp(self) -> str:
        return self._folder.name

    def get_disambiguator(self) -> str:
        return ""


class _Symbol(NamedTuple):
    """A compiled rule as others call it."""

    module: str
    rule: str
    arguments: tuple[Any, ...]
    name: str
    """In machine code; another each time that it is compiled."""

    def is_there(self) -> bool:
        """Load the rule, or compile it; tell whether it goes by this name."""
        dispatcher = getattr(import_module(self.module), self.rule).for_rules
        dispatcher.compile(self.arguments)
        return bool(dispatcher.overloads[self.arguments].fndesc.mangled_name == self.name)


#: Of the rules of this process that were loaded or compiled, by name in machine code.
_symbols: dict[str, _Symbol] = {}


class _Implementation(CompileResultCacheImpl):  # type: ignore[misc]
    """Keeps a rule without the bodies of those that it calls.

    numba would compile these into each caller again. Callers still see them, for what is small is
    inlined, but call the one that is there.
    """

    _locator_classes = [_Locator]  # type: ignore[list-item]  # noqa: RUF012

    def reduce(self, result: Any) -> Any:
        """Return what to keep: which rules it calls, and the rule."""
        module = result.library._final_module
        calls = [_symbols[each.name] for each in module.functions if each.name in _symbols]
        shown = result.library._get_module_for_linking()
        shown.get_function(result.fndesc.llvm_func_name).linkage = "available_externally"
        _enter(result)
        kept = super().reduce(result)
        # The types of every line, which nobody asks for once the rule is kept.
        vars(result.type_annotation).clear()
        return calls, kept

    def rebuild(self, target_context: Any, kept: Any) -> Any:
        """Return a rule whose calls are there, or None to compile it anew."""
        calls, rest = kept
        if not all(symbol.is_there() for symbol in calls):
            return None
        result = super().rebuild(target_context, rest)
        _enter(result)
        return result


def _enter(result: Any) -> None:
    """Note how a compiled rule is called."""
    described = result.fndesc
    name = described.mangled_name
    _symbols[name] = _Symbol(described.modname, described.qualname, result.signature.args, name)


class _CheckedFile(IndexDataCacheFile):  # type: ignore[misc]
    """Machine code on disk, used only if it is whole and the user's own."""

    def _load_index(self) -> Any:
        try:
            return super()._load_index() if may_be_trusted(Path(self._index_path)) else {}
        except Exception:  # a damaged pickle may raise anything
            return self._damaged(self._index_path)

    def _load_data(self, name: str) -> Any:
        path = Path(self._data_path(name))
        if not may_be_trusted(path):
            return None
        content = path.read_bytes()
        digest, code = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
        if hashlib.sha256(code).digest() != digest:
            self._damaged(path)
            return None
        return pickle.loads(code)

    def _save_data(self, name: str, data: Any) -> None:
        code = self._dump(data)
        with self._open_for_write(self._data_path(name)) as file:
            file.write(hashlib.sha256(code).digest() + code)

    def _damaged(self, path: object) -> dict[Any, Any]:
        _note(f"compiled rules were damaged and are compiled again ({path})")
        return {}


class _Cache(FunctionCache):  # type: ignore[misc]
    _impl_class = _Implementation

    def __init__(self, function: Any, purpose: str) -> None:
        super().__init__(function)
        self._cache_file = _CheckedFile(
            self._cache_path,
            f"{self._impl.filename_base}.{purpose}",
            self._impl.locator.get_source_stamp(),
        )

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return a rule that was kept, by another program too that compiles it just now."""
        found = super().load_overload(sig, target_context)
        if found is None and _turns.take(self._byte_of(sig)):
            found = super().load_overload(sig, target_context)
            if found is not None:
                _turns.leave(self._byte_of(sig))
        return found

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled, if the folder can be written."""
        try:
            super().save_overload(sig, data)
        except OSError as failure:
            _note(
                f"compiled rules cannot be kept in {self._cache_path}"
                f" ({failure.strerror or failure}): every start compiles them anew; set"
                " PARTNERSIM_CACHE to a folder that can be written"
            )
        finally:
            _turns.leave(self._byte_of(sig))

    def _byte_of(self, sig: Any) -> int:
        """Return the byte of the file of turns that stands for a rule."""
        digest = hashlib.sha256(f"{self._cache_file._index_path} {sig}".encode()).digest()
        return int.from_bytes(digest[:5])


class _Turns:
    """Who compiles a rule holds a byte of a file, and other programs that need the rule wait.

    A lock ends with its program. Rules do not call themselves, so nobody waits in a circle.
    """

    @cached_property
    def _file(self) -> int | None:
        """The open file; none if it cannot be had."""
        with suppress(InputError, OSError):
            folder = cache_root() / "compiled"
            folder.mkdir(parents=True, exist_ok=True)
            return os.open(folder / "turns", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return None

    def take(self, byte: int) -> bool:
        """Wait for a turn, as long as that is bearable; tell whether it came."""
        if fcntl is None or self._file is None:
            return False
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
                return True
            except (BlockingIOError, PermissionError):
                time.sleep(0.01)
            except OSError:
                break
        return False

    def leave(self, byte: int) -> None:
        """Let others have the turn."""
        if fcntl is not None and self._file is not None:
            with suppress(OSError):
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, byte)


_turns = _Turns()
_noted: set[str] = set()


def _note(text: str) -> None:
    """Say something once, of the first file that it concerns."""
    kind = text.partition(" in ")[0].partition(" (")[0]
    if kind not in _noted:
        _noted.add(kind)
        with suppress(OSError, AttributeError):
            print(f"note: {text}", file=sys.stderr, flush=True)


class _LateCache:
    """The cache of a function, set up when it is first compiled: reading sources takes time."""

    def __init__(self, function: Any, purpose: str) -> None:
        self._function, self._purpose = function, purpose

    @cached_property
    def _cache(self) -> Any:
        _arrays_first()
        return _Cache(self._function, self._purpose)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cache, name)
