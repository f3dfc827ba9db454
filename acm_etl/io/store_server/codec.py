"""Messages of the store server as bytes: a JSON head, and one Arrow IPC stream per frame. Nothing is executed.

Texts, numbers, booleans and None stand in the head as they are. Every other value is a pair of a tag and its content:
``["bytes", base64]``, ``["datetime", ISO 8601]``, ``["frame", number of the payload]``, ``["Table", fields]``.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from functools import lru_cache
from io import BytesIO
from numbers import Integral
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import polars as pl

from acm_etl import errors
from acm_etl.engine import Finding, SpanStatement, StagedFrame, StatementResult
from acm_etl.errors import AcmError, InternalError, StoreError
from acm_etl.schema import Column, Table

_RECORDS = (Table, Column, StagedFrame, Finding, SpanStatement, StatementResult)
_RECORD_TYPES: dict[str, Callable[..., object]] = {cls.__name__: cls for cls in _RECORDS}
_ERROR_TYPES = {name: cls for name, cls in vars(errors).items() if isinstance(cls, type) and issubclass(cls, AcmError)}
# Polars panics on some damaged payloads; the panic is no Exception, so it has to be named.
_PAYLOAD_ERRORS = (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError, OSError)


class MalformedMessageError(OSError):
    """A message does not follow the protocol; an OSError because it ends the connection like a broken socket."""


def encode_message(value: object) -> list[bytes | memoryview]:
    """Return the head of a message and the payloads of its frames.

    Args:
        value: A value that the other process gets back, with equal types.

    Returns:
        The head, then one payload per frame in the order of ``value``.

    Raises:
        InternalError: A type or value cannot be sent.
    """
    frames: list[pl.DataFrame] = []
    try:
        content = _encode_value(value, frames)
        head = json.dumps([len(frames), content]).encode()
        return [head, *map(_encode_frame, frames)]
    # json refuses numbers of thousands of digits, for example.
    except _PAYLOAD_ERRORS as error:
        message = f"a {type(value).__name__} cannot be sent between processes: {error}"
        raise InternalError(message) from error


def count_payloads(head: bytes) -> tuple[int, object]:
    """Return the number of payloads after a head, and the encoded value.

    Raises:
        MalformedMessageError: The bytes are not a head.
    """
    try:
        decoded = json.loads(head)
    # RecursionError: brackets nested some thousand times.
    except (ValueError, RecursionError) as error:
        message = f"head of {len(head)} bytes is not JSON: {error}"
        raise MalformedMessageError(message) from error
    match decoded:
        case [int(count), content] if count >= 0:
            return count, content
    message = f"head of {len(head)} bytes is not a number of payloads and a value"
    raise MalformedMessageError(message)


def decode_message(content: object, payloads: Sequence[bytes]) -> Any:  # noqa: ANN401 - any value of a message
    """Return the value of a message.

    Args:
        content: Encoded value, from ``count_payloads``.
        payloads: Payloads that followed the head.

    Raises:
        MalformedMessageError: A tag is unknown, or its content is invalid.
    """
    try:
        return _decode_value(content, [_decode_frame(payload) for payload in payloads])
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError) as error:
        message = f"invalid value in a message: {type(error).__name__}"
        raise MalformedMessageError(message) from error


def matches_type(value: object, hint: Any) -> bool:  # noqa: ANN401 - any annotation
    """Return whether a value has the type of an annotation, including the elements of containers."""
    origin, args = get_origin(hint), get_args(hint)
    if hint is Any or origin is Literal:
        return hint is Any or value in args
    if origin in (UnionType, Union):
        return any(matches_type(value, arg) for arg in args)
    if not isinstance(value, origin or hint) or (isinstance(value, bool) and hint is int):
        return False
    if origin in (dict, Mapping) and isinstance(value, dict):
        return all(matches_type(k, args[0]) and matches_type(v, args[1]) for k, v in value.items())
    if origin is tuple and isinstance(value, tuple) and args[-1] is not Ellipsis:
        return len(value) == len(args) and all(map(matches_type, value, args))
    # A text is a sequence as well, but never a list of parameters.
    return origin is None or (
        isinstance(value, list | tuple) and all(matches_type(element, args[0]) for element in value)
    )


def _encode_value(value: object, frames: list[pl.DataFrame]) -> object:
    if value is None or isinstance(value, str | bool | float):
        return value
    # Also numpy's integers, which JSON does not know.
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, list | tuple):
        return ["tuple" if isinstance(value, tuple) else "list", [_encode_value(element, frames) for element in value]]
    if isinstance(value, dict):
        return ["dict", [[_encode_value(k, frames), _encode_value(v, frames)] for k, v in value.items()]]
    if isinstance(value, pl.DataFrame):
        frames.append(value)
        return ["frame", len(frames) - 1]
    return _encode_object(value)


def _encode_object(value: object) -> list[object]:
    if isinstance(value, bytes):
        return ["bytes", base64.b64encode(value).decode()]
    # A datetime is a date too.
    if isinstance(value, datetime):
        return ["datetime", value.isoformat()]
    if isinstance(value, date):
        return ["date", value.isoformat()]
    if isinstance(value, AcmError):
        return ["error", _encode_error(value)]
    if type(value).__name__ in _RECORD_TYPES:
        content = {field.name: _encode_value(getattr(value, field.name), []) for field in fields(value)}  # type: ignore[arg-type]
        # A text inside of the text: the receiver looks tables that it has met before up by it.
        return [type(value).__name__, json.dumps(content)]
    message = f"a value of type {type(value).__name__} cannot be sent between processes"
    raise InternalError(message)


def _encode_error(error: AcmError) -> list[str | None]:
    # A private subclass is sent as the nearest public one: retries decide by the public classes only.
    name = next(cls.__name__ for cls in type(error).__mro__ if cls.__name__ in _ERROR_TYPES)
    return [name, error.message, error.table] if isinstance(error, StoreError) else [name, str(error), None]


def _encode_frame(frame: pl.DataFrame) -> memoryview:
    # Polars would send the addresses of the objects, which mean nothing in another process.
    if pl.Object in frame.dtypes:
        message = "a frame with a column of Python objects cannot be sent between processes"
        raise InternalError(message)
    stream = BytesIO()
    # The stream format: a file of one row takes Polars 2.1 0.7 ms to write and read, a stream 0.02 ms.
    # Uncompressed: the connection stays on one host or in one rack, where compression costs more than it saves.
    frame.write_ipc_stream(stream, compression="uncompressed")
    return stream.getbuffer()


def _decode_value(content: object, frames: Sequence[pl.DataFrame]) -> object:
    match content:
        case None | str() | bool() | int() | float():
            return content
        case ["list" | "tuple" as tag, list(elements)]:
            values = [_decode_value(element, frames) for element in elements]
            return tuple(values) if tag == "tuple" else values
        case ["dict", list(items)]:
            return {_decode_value(key, frames): _decode_value(value, frames) for key, value in items}
        case ["frame", int(number)] if number >= 0:
            return frames[number]
    return _decode_object(content)


def _decode_object(content: object) -> object:
    match content:
        case ["error", [str(name), str(message), table]] if table is None or isinstance(table, str):
            return _decode_error(name, message, table)
        case [str(tag), str(text)] if tag in _RECORD_TYPES:
            return _decode_record(tag, text)
        case [str(tag), str(text)]:
            return _SCALAR_DECODERS[tag](text)
    raise ValueError(content)


_SCALAR_DECODERS: dict[str, Callable[[str], object]] = {
    "bytes": lambda text: base64.b64decode(text, validate=True),
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
}


def _decode_error(name: str, message: str, table: str | None) -> AcmError:
    cls = _ERROR_TYPES[name]
    return cls(message, table=table) if issubclass(cls, StoreError) else cls(message)


# A batch stages the same 70 tables each time; checking their fields again would take longer than the transfer. They
# have about 300 distinct columns, and between two uses of a table come the statements of other batches.
@lru_cache(maxsize=1024)
def _decode_record(name: str, text: str) -> object:
    record_type = _RECORD_TYPES[name]
    values = {key: _decode_value(content, ()) for key, content in json.loads(text).items()}
    hints = _get_field_types(record_type)
    if values.keys() != hints.keys() or not all(matches_type(values[key], hint) for key, hint in hints.items()):
        raise ValueError(name)
    return record_type(**values)


@lru_cache
def _get_field_types(record_type: Callable[..., object]) -> dict[str, Any]:
    return get_type_hints(record_type)


def _decode_frame(payload: bytes) -> pl.DataFrame:
    try:
        return pl.read_ipc_stream(payload)
    except _PAYLOAD_ERRORS as error:
        message = f"payload of {len(payload)} bytes is not a frame"
        raise MalformedMessageError(message) from error
