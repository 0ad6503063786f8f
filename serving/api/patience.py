"""Half-open requests end, so that nobody holds a server by doing nothing."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_CLOSE = b"Connection: close\r\nContent-Length: 0\r\n\r\n"
TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\n" + _CLOSE
FULL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\n" + _CLOSE


class Patient(H11Protocol):
    """HTTP/1.1 with an end to waiting; uvicorn's own waits for ever but between two requests.

    A request that is not whole brings `least_bytes` in every `window` of seconds. An answer that
    waits to be read gets shorter in every `window`. What time an application takes is its own:
    a window in which it held up the sender is not judged.
    500 bytes a second is what Apache's mod_reqtimeout asks by default.

    Gateway, engine and serving have this text each, as none may import another, and
    tests/security/test_half_open.py holds them together.
    """

    window = 30.0
    least_bytes = 15_000
    most_connections = 512

    _received = 0
    _unsent = 0
    _held_up = False
    _receiving: asyncio.TimerHandle | None = None
    _sending: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.most_connections:
            self._end(FULL)
        else:
            self._watch_request()

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        super().data_received(data)
        self._held_up = self._held_up or self.flow.read_paused
        self._watch_request()

    def connection_lost(self, exc: Exception | None) -> None:
        _stop(self._receiving)
        self._receiving = None
        _stop(self._sending)
        self._sending = None
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_answer()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._watch_answer()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._watch_answer()

    def _watch_request(self) -> None:
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            _stop(self._receiving)
            self._receiving = None
        elif self._receiving is None:
            self._received = 0
            self._held_up = self.flow.read_paused
            self._receiving = self.loop.call_later(self.window, self._judge_request)

    def _judge_request(self) -> None:
        self._receiving = None
        if self._received >= self.least_bytes or self._held_up:
            self._watch_request()
        else:
            unanswered = self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE)
            self._end(TIMED_OUT if unanswered else b"")

    def _end(self, answer: bytes) -> None:
        self.transport.write(answer)
        self.transport.close()
        self._watch_answer()

    def _watch_answer(self) -> None:
        _stop(self._sending)
        self._sending = None
        self._unsent = self.transport.get_write_buffer_size()
        if self._unsent:
            self._sending = self.loop.call_later(self.window, self._judge_answer)

    def _judge_answer(self) -> None:
        """While writing is paused, or the connection closes, nothing is added to what is unsent."""
        if not (self.flow.write_paused or self.transport.is_closing()):
            return
        if self.transport.get_write_buffer_size() < self._unsent:
            self._watch_answer()
        else:
            self.transport.abort()


def _stop(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
