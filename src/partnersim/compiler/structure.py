"""Many arrays that compiled functions take as one pointer.

A tuple of arrays is copied at every call and described anew in every function that takes it: 45
arrays cost half a second of compile time a function. A `Structure` keeps where its arrays lie in
one table of numbers; compiled functions get the address of that table.
"""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple, dataclass_transform

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel.models import OpaqueModel
from numba.core.datamodel.registry import register_default
from numba.core.imputils import lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import NativeValue, unbox
from numba.np import numpy_support
from numpy.typing import NDArray

_WORD = ir.IntType(64)


class Part(NamedTuple):
    """What an array of a structure holds: its numbers or records, its shape, its first content."""

    dtype: np.dtype[Any]
    shape: tuple[str | int, ...]
    fill: float


def part(dtype: Any, *shape: str | int, fill: float = 0.0) -> Any:
    """Declare an array of a structure.

    Parameters
    ----------
    dtype : dtype or type
        Of records or numbers.
    *shape : str or int
        One length per axis: a number, or the name of a size that `Structure.new` is given.
    fill : float, default 0
        What a new array holds.
    """
    return Part(np.dtype(dtype), shape, fill)


class StructureType(types.Type):  # type: ignore[misc]
    """The compiler's type of a structure: told apart by name and layout."""

    def __init__(self, name: str, parts: dict[str, Part]) -> None:
        layout = [(key, str(each.dtype), len(each.shape)) for key, each in parts.items()]
        digest = hashlib.sha256(str(layout).encode()).hexdigest()[:16]
        super().__init__(f"{name}_{digest}")
        self.members = {}
        place = 0
        for key, each in parts.items():
            dtype = numpy_support.from_dtype(each.dtype)
            self.members[key] = (types.Array(dtype, len(each.shape), "C"), place)
            place += 1 + len(each.shape)


@dataclass_transform(field_specifiers=(part,), kw_only_default=True)
class Structure:
    """A fixed set of arrays, read and written through their names.

    A subclass declares each array with `part`. The arrays themselves cannot be exchanged, for
    compiled functions hold their addresses.
    """

    _parts: dict[str, Part]
    _numba_type_: StructureType
    _address: int

    def __init_subclass__(cls) -> None:
        cls._parts = {key: each for key, each in vars(cls).items() if isinstance(each, Part)}
        cls._numba_type_ = StructureType(cls.__qualname__, cls._parts)

    def __init__(self, **arrays: NDArray[Any]) -> None:
        table: list[int] = []
        for key, each in self._parts.items():
            array = np.ascontiguousarray(arrays[key], each.dtype)
            shown = array.view(np.recarray) if each.dtype.names else array
            object.__setattr__(self, key, shown)
            table += (array.ctypes.data, *array.shape)
        addresses = np.array(table, np.int64)
        object.__setattr__(self, "_table", addresses)
        object.__setattr__(self, "_address", addresses.ctypes.data)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"write into the array '{name}', or build a new {type(self).__name__}")

    @classmethod
    def allocated(cls, sizes: dict[str, int]) -> dict[str, NDArray[Any]]:
        """Allocate the arrays of a structure, by name.

        Parameters
        ----------
        sizes : dict of str to int
            Length of every axis that is declared by name.
        """
        arrays = {}
        for key, (dtype, shape, fill) in cls._parts.items():
            lengths = [sizes[axis] if isinstance(axis, str) else axis for axis in shape]
            arrays[key] = np.zeros(lengths, dtype)
            if fill != 0.0:
                arrays[key][...] = fill
        return arrays

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays by name."""
        return {key: getattr(self, key) for key in self._parts}


register_default(StructureType)(OpaqueModel)


@unbox(StructureType)  # type: ignore[untyped-decorator]
def _address_of(structure_type: StructureType, structure: Any, context: Any) -> NativeValue:
    """Hand a structure over to compiled code as the address of its table."""
    number = context.pyapi.object_getattr_string(structure, "_address")
    address = context.pyapi.number_as_ssize_t(number)
    context.pyapi.decref(number)
    pointer = context.builder.inttoptr(address, cgutils.voidptr_t)
    return NativeValue(
        pointer, is_error=cgutils.is_not_null(context.builder, context.pyapi.err_occurred())
    )


@infer_getattr
class _Members(AttributeTemplate):  # type: ignore[misc]
    key = StructureType

    def generic_resolve(self, structure_type: Any, name: str) -> Any:  # type: ignore[override]
        """Return the type of an array."""
        found = structure_type.members.get(name)
        return found[0] if found else None


@lower_getattr_generic(StructureType)  # type: ignore[untyped-decorator]
def _load(
    context: Any, builder: Any, structure_type: StructureType, pointer: Any, name: str
) -> Any:
    """Build the descriptor of an array out of the table."""
    array_type, place = structure_type.members[name]
    table = builder.bitcast(pointer, _WORD.as_pointer())

    def word(offset: int) -> Any:
        loaded = builder.load(builder.gep(table, [ir.Constant(_WORD, place + offset)]))
        # The table never changes: what was loaded once need not be loaded again.
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        return loaded

    lengths = [word(1 + axis) for axis in range(array_type.ndim)]
    size = ir.Constant(_WORD, context.get_abi_sizeof(context.get_data_type(array_type.dtype)))
    strides = [size]
    for length in reversed(lengths):
        strides.insert(0, builder.mul(strides[0], length))
    array = cgutils.create_struct_proxy(array_type)(context, builder)
    array.data = builder.inttoptr(word(0), array.data.type)
    array.shape = cgutils.pack_array(builder, lengths)
    array.strides = cgutils.pack_array(builder, strides[1:])
    array.itemsize = size
    array.nitems = builder.sdiv(strides[0], size)
    array.meminfo = cgutils.get_null_value(array.meminfo.type)
    array.parent = cgutils.get_null_value(array.parent.type)
    return array._getvalue()
