"""Array types, and serialisation of a JSON header and named arrays without pickle.

Models and scoring states are stored in this format. Pickle is avoided: loading a pickle from a database would run
whatever code somebody stored in it.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import zipfile
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from acm_etl.errors import ModelError

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Float32s = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
StreamState = dict[str, Array]
"""Memory that a stage of scoring returns and takes back at its next call; empty before the first row."""

FORMAT_VERSION = 3
"""Version of the stored headers and array names of models and states."""

_HEADER_MEMBER = "header"
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - all times here are naive UTC
_DIGEST_BYTES = hashlib.sha256().digest_size
_NPY_PREFIX_BYTES = 10
# Damaged bytes fail at many places inside zipfile, zlib and numpy, each with an exception type of its own.
_READ_ERRORS = (
    zipfile.BadZipFile, zlib.error, ValueError, KeyError, EOFError, OSError, NotImplementedError,
    # A header of a hundred thousand brackets.
    RecursionError, MemoryError,
)  # fmt: skip


def pack_arrays(header: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:
    """Serialise a header and arrays as a SHA-256 digest followed by an ``.npz``; equal content gives equal bytes.

    Args:
        header: JSON-serialisable values.
        arrays: Arrays by name, none of object type and none named ``header``.
    """
    text = json.dumps(header, sort_keys=True, ensure_ascii=False).encode()
    members: dict[str, Any] = {_HEADER_MEMBER: np.frombuffer(text, dtype=np.uint8)}
    # Sorted names and C order make the bytes, and so the fingerprint, independent of how the arrays came about.
    members.update((name, np.asarray(arrays[name], order="C")) for name in sorted(arrays))
    stream = io.BytesIO()
    # Without compression: arrays of random digits do not shrink, and states are written often.
    with zipfile.ZipFile(stream, "w") as file:
        for name, array in members.items():
            # The bytes of np.savez, whose header of an array takes longer than all else: a state has 70 arrays, and a
            # backfill stores 60 states.
            with file.open(f"{name}.npy", "w", force_zip64=True) as member:
                member.write(_build_npy_header(array.dtype, array.shape) + array.tobytes())
    body = stream.getvalue()
    return hashlib.sha256(body).digest() + body


@lru_cache(maxsize=1024)
def _build_npy_header(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    # Pickle would store the objects, and is not allowed here.
    if dtype.hasobject:
        message = f"arrays of {dtype} cannot be stored"
        raise ValueError(message)
    stream = io.BytesIO()
    fields = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, fields)
    return stream.getvalue()


def unpack_arrays(blob: bytes, kind: str) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return the header and the arrays that ``pack_arrays`` serialised.

    Args:
        blob: Result of ``pack_arrays``.
        kind: Required value of ``kind`` in the header.

    Raises:
        ModelError: The bytes are damaged, or of another kind or format version.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(_verify_digest(blob))) as file:
            arrays = {info.filename.removesuffix(".npy"): _read_member(file, info) for info in file.infolist()}
        header = json.loads(arrays.pop(_HEADER_MEMBER).tobytes())
        stored_kind = header["kind"]
    except (*_READ_ERRORS, TypeError, AttributeError) as error:
        message = f"cannot read the stored {kind} ({len(blob)} bytes): {error}; delete it or restore a backup"
        raise ModelError(message) from error
    if stored_kind != kind:
        message = f"expected a stored {kind}, found a {stored_kind}"
        raise ModelError(message)
    if header.get("format") != FORMAT_VERSION:
        message = f"the stored {kind} has format {header.get('format')}; this version reads format {FORMAT_VERSION}"
        raise ModelError(message)
    return header, arrays


def _read_member(file: zipfile.ZipFile, info: zipfile.ZipInfo) -> Array:
    """Return one array of an ``.npz``; its memory is bounded by the size of the file.

    A digest proves that bytes are undamaged, not who wrote them: a few crafted bytes must not allocate gigabytes, nor
    run code.
    """
    # pack_arrays does not compress, so nothing of ours is refused, and no member is larger than the file.
    if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
        message = f"{info.filename} is compressed"
        raise ValueError(message)
    content = file.read(info)
    # Two bytes after the magic string and the version hold the length of the text that follows.
    offset = _NPY_PREFIX_BYTES + int.from_bytes(content[_NPY_PREFIX_BYTES - 2 : _NPY_PREFIX_BYTES], "little")
    shape, fortran_order, dtype = _parse_npy_header(content[:offset])
    # numpy would allocate what the header promises before it reads: compare first. frombuffer refuses objects.
    if fortran_order or math.prod(shape) * dtype.itemsize != len(content) - offset:
        message = f"{info.filename} does not have the size of its header"
        raise ValueError(message)
    # A copy: arrays of a buffer of bytes cannot be written, and detectors update their memory in place.
    return np.frombuffer(content, dtype=dtype, offset=offset).reshape(shape).copy()


@lru_cache(maxsize=1024)
def _parse_npy_header(header: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Return shape, order and type of an array; numpy parses the text as Python, which takes 0.1 ms."""
    stream = io.BytesIO(header)
    if (version := np.lib.format.read_magic(stream)) != (1, 0):
        message = f"an array has the unknown version {version}"
        raise ValueError(message)
    parsed: tuple[tuple[int, ...], bool, np.dtype[Any]] = np.lib.format.read_array_header_1_0(stream)
    return parsed


def _verify_digest(blob: bytes) -> bytes:
    """Return the bytes after the digest; zip checksums alone do not cover the headers of zip itself."""
    digest, body = blob[:_DIGEST_BYTES], blob[_DIGEST_BYTES:]
    if hashlib.sha256(body).digest() != digest:
        message = "the checksum does not match"
        raise ValueError(message)
    return body


def datetime_to_us(time: datetime) -> int:
    """Return a naive UTC time as microseconds since 1970, as stored in headers."""
    # Integer division: timestamp() is a float, which cannot hold microseconds of all dates.
    return (time - _EPOCH) // timedelta(microseconds=1)


def us_to_datetime(microseconds: int) -> datetime:
    """Return microseconds since 1970 as a naive UTC time."""
    return _EPOCH + timedelta(microseconds=microseconds)


def add_scope(scope: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Return the arrays with their names prefixed: ``scope/name``."""
    return {f"{scope}/{name}": array for name, array in arrays.items()}


def get_scope(scope: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Return the arrays that ``add_scope`` prefixed with ``scope``, by their names without the prefix."""
    # With the slash: the scope "ar1" must not match an array of "ar10".
    prefix = f"{scope}/"
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def take_columns(array: Array, positions: Ints, fill_value: float) -> Array:
    """Select columns (last axis) by position.

    Args:
        array: Any number of rows by d columns.
        positions: Position of each new column among the old ones, -1 for a column without a predecessor.
        fill_value: Value of columns without a predecessor.
    """
    # Cast first: a float filler would turn integer times into floats and round them.
    filler = np.asarray(fill_value, dtype=array.dtype)
    result: Array = np.where(positions < 0, filler, array[..., positions])
    return result
