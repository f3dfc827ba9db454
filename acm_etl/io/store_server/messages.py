"""Send and receive signed messages of bounded size over a connection."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

from acm_etl.counts import format_count
from acm_etl.io.store_server.codec import MalformedMessageError, count_payloads, decode_message, encode_message

# Bytes of a head. The largest values in heads are models as parameters: some MB as base64.
MAX_HEAD_BYTES = 256 * 2**20
# Bytes of all frames of one message. Results of machines with thousands of tags take some 100 MB.
MAX_PAYLOAD_BYTES = 8 * 2**30
# Payloads of one message. A batch stages at most one frame per declared table.
MAX_PAYLOADS = 1_000
_SIGNATURE_BYTES = 32  # of HMAC-SHA256, which takes about half the time of BLAKE2 on CPUs with SHA instructions


class MessageChannel:
    """Sends and receives values over a connection.

    Args:
        connection: Connection after its handshake.
        key: Secret of both processes. It signs each message: Polars 2.1 aborts the whole process on some damaged
            frames, so a frame is decoded only if it is what a holder of the key has sent.
    """

    def __init__(self, connection: Connection, key: bytes) -> None:
        self._connection, self._key = connection, key

    def send(self, value: object) -> None:
        """Send a value: the signature and the head, then the payloads of its frames.

        Raises:
            InternalError: A type cannot be sent; nothing was sent.
            OSError: The connection ended.
        """
        head, *payloads = encode_message(value)
        # multiprocessing puts the length before each part.
        self._connection.send_bytes(self._sign_parts([head, *payloads]) + head)
        for payload in payloads:
            self._connection.send_bytes(payload)

    def receive(self) -> Any:  # noqa: ANN401 - any value of a message
        """Receive a value.

        Raises:
            MalformedMessageError: The signature is wrong, or the message does not follow the protocol.
            OSError: The connection ended, or a part is larger than its limit.
            EOFError: The connection ended.
        """
        first = self._connection.recv_bytes(MAX_HEAD_BYTES)
        signature, head = first[:_SIGNATURE_BYTES], first[_SIGNATURE_BYTES:]
        count, content = count_payloads(head)
        payloads = self._receive_payloads(count)
        if not hmac.compare_digest(signature, self._sign_parts([head, *payloads])):
            size = f"{format_count(len(first), 'byte')} and {format_count(count, 'payload')}"
            message = f"message of {size} has a wrong signature"
            raise MalformedMessageError(message)
        return decode_message(content, payloads)

    def _receive_payloads(self, count: int) -> list[bytes]:
        if count > MAX_PAYLOADS:
            message = f"message of {count} payloads; at most {MAX_PAYLOADS} are allowed"
            raise MalformedMessageError(message)
        payloads: list[bytes] = []
        remaining = MAX_PAYLOAD_BYTES
        for _ in range(count):
            # recv_bytes compares the announced length with the limit before it reads.
            payloads.append(self._connection.recv_bytes(remaining))
            remaining -= len(payloads[-1])
        return payloads

    def _sign_parts(self, parts: Sequence[bytes | memoryview]) -> bytes:
        digest = hmac.new(self._key, digestmod="sha256")
        for part in parts:
            # The length keeps bytes from moving between parts.
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
        return digest.digest()
