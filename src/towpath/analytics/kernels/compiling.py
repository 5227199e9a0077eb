"""How a kernel is compiled, and the list of all kernels.

Kernels release the interpreter lock, so threads run them side by side; what they compile to is kept on disk.
Kernels get their inputs through `read_only`, so that one signature serves Arrow's and our own arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit

Int8 = npt.NDArray[np.int8]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
UInt8 = npt.NDArray[np.uint8]
UInt16 = npt.NDArray[np.uint16]
UInt32 = npt.NDArray[np.uint32]
UInt64 = npt.NDArray[np.uint64]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

Function = TypeVar("Function", bound=Callable[..., Any])

KERNELS: list[Any] = []
"""Every compiled function; `warm` calls them all, a test counts their signatures."""

NOTHING = np.iinfo(np.int64).min
"""No time, inside the kernels (-1 is a valid time there: 1969)."""


def kernel(function: Function) -> Function:
    """Compile on first use, keep the result beside the source (or in Numba's cache folder)."""
    compiled = njit(cache=True, nogil=True, boundscheck=False)(function)
    KERNELS.append(compiled)
    return cast(Function, compiled)


def read_only(values: npt.ArrayLike, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """A contiguous view of `values` as `dtype` that cannot be written to; copies only where it must."""
    view = np.ascontiguousarray(values, dtype=dtype).view()
    view.flags.writeable = False
    return view
