"""Plain arrays as bytes, without pickle: what models and states are stored as."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
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
"""What one stage of scoring hands to its next call."""

_HEADER_MEMBER = "header"
_DIGEST_BYTES = hashlib.sha256().digest_size
_READ_ERRORS = (zipfile.BadZipFile, zlib.error, ValueError, KeyError, EOFError, OSError, NotImplementedError)


def pack_arrays(header: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:
    """A JSON header and named arrays as a SHA-256 and an ``.npz``; equal content gives equal bytes.

    Args:
        header: What JSON can hold.
        arrays: No object arrays; names must not be ``header``.
    """
    text = json.dumps(header, sort_keys=True, ensure_ascii=False).encode()
    members: dict[str, Any] = {_HEADER_MEMBER: np.frombuffer(text, dtype=np.uint8)}
    members.update((name, np.asarray(arrays[name], order="C")) for name in sorted(arrays))
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **members)
    body = stream.getvalue()
    return hashlib.sha256(body).digest() + body


def unpack_arrays(blob: bytes, kind: str) -> tuple[dict[str, Any], dict[str, Array]]:
    """The header and arrays that ``pack`` wrote, checked to be of one kind.

    Args:
        blob: Bytes of ``pack``.
        kind: Value that the header's ``kind`` must have.

    Raises:
        ModelError: The bytes are damaged, foreign, or of another kind.
    """
    try:
        with np.load(io.BytesIO(_verify_digest(blob)), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(arrays.pop(_HEADER_MEMBER).tobytes())
        found = header["kind"]
    except (*_READ_ERRORS, TypeError, AttributeError) as error:
        message = f"the stored {kind} cannot be read ({len(blob)} bytes): {error}; delete it or restore a backup"
        raise ModelError(message) from error
    if found != kind:
        message = f"the stored bytes are a {found}, not a {kind}"
        raise ModelError(message)
    return header, arrays


def _verify_digest(blob: bytes) -> bytes:
    """The bytes after the digest in front; zip alone would not notice damage to its own headers."""
    digest, body = blob[:_DIGEST_BYTES], blob[_DIGEST_BYTES:]
    if hashlib.sha256(body).digest() != digest:
        message = "the checksum is wrong"
        raise ValueError(message)
    return body


def add_scope(scope: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The arrays under ``prefix/name``."""
    return {f"{scope}/{name}": array for name, array in arrays.items()}


def get_scope(scope: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The arrays that ``prefixed`` put under ``scope``, by their short names."""
    start = f"{scope}/"
    return {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}
