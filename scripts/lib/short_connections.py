#!/usr/bin/env python3
"""Many short HTTP connections from one process, as a Linux client makes them.

    short_connections.py ADDRESS PORT TOTAL [--path /] [--concurrency 64] [--closer server|client]

One epoll loop keeps `concurrency` connections busy: open, ask with `Connection: close`, read the
whole answer, close. Who sends the first FIN is the point: `server` reads until the server's FIN and
closes then; `client` closes as soon as the answer is complete. Every answer is compared.

scripts/demo runs this as a program, tests/interop uses fetch_many().
"""

import argparse
import errno
import select
import socket
import struct
import sys
import time


class Failed(Exception):
    """A connection did not go as it should: the message says which and how."""


class _Fetch:
    """One connection: the request leaves when it opens, `answer` grows until it is complete."""

    def __init__(self, endpoint):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.sock.setblocking(False)
        self.answer = b""
        self.asked = False
        error = self.sock.connect_ex(endpoint)
        if error not in (0, errno.EINPROGRESS):
            raise Failed(f"connect: {errno.errorcode[error]}")

    def name(self):
        return "port %d" % self.sock.getsockname()[1]


def split_answer(answer):
    """(status, body, length that the header promises), or None while the header is incomplete."""
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return None
    lines = head.split(b"\r\n")
    length = next((int(line.split(b":")[1]) for line in lines
                   if line.lower().startswith(b"content-length:")), None)
    return int(lines[0].split()[1]), body, length


class _Run:
    def __init__(self, endpoint, path, closer, expected):
        self.endpoint = endpoint
        self.request = (f"GET {path} HTTP/1.1\r\nHost: {endpoint[0]}\r\n"
                        "Connection: close\r\n\r\n").encode()
        self.closer = closer
        self.expected = expected
        self.epoll = select.epoll()
        self.open = {}
        self.done = 0

    def start_one(self):
        fetch = _Fetch(self.endpoint)
        self.open[fetch.sock.fileno()] = fetch
        self.epoll.register(fetch.sock, select.EPOLLOUT)

    def go_on(self, fetch, events):
        if not fetch.asked:
            error = fetch.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error:
                raise Failed(f"{fetch.name()}: {errno.errorcode[error]}")
            fetch.sock.send(self.request)
            fetch.asked = True
            self.epoll.modify(fetch.sock, select.EPOLLIN)
            return
        try:
            chunk = fetch.sock.recv(65536)
        except BlockingIOError:
            return
        except OSError as error:
            raise Failed(f"{fetch.name()}: {error.strerror} after {len(fetch.answer)} bytes"
                         ) from None
        fetch.answer += chunk
        if not chunk or (self.closer == "client" and self.is_complete(fetch)):
            self.finish(fetch, at_fin=not chunk)

    @staticmethod
    def is_complete(fetch):
        parts = split_answer(fetch.answer)
        return parts is not None and parts[2] is not None and len(parts[1]) >= parts[2]

    def finish(self, fetch, at_fin):
        parts = split_answer(fetch.answer)
        if parts is None or parts[0] != 200 or len(parts[1]) != parts[2]:
            raise Failed(f"{fetch.name()}: not a whole answer: {fetch.answer[:200]!r}")
        if self.expected is not None and parts[1] != self.expected:
            raise Failed(f"{fetch.name()}: another answer than expected")
        if at_fin and self.closer == "client":
            raise Failed(f"{fetch.name()}: the server closed first")
        del self.open[fetch.sock.fileno()]
        fetch.sock.close()  # leaves the epoll by that
        self.done += 1

    def close(self):
        """What is still open is aborted, so that it cannot be taken for a result."""
        for fetch in self.open.values():
            fetch.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            fetch.sock.close()
        self.epoll.close()


def fetch_many(endpoint, total, path="/", concurrency=64, closer="server", expected=None,
               patience=10.0, on_progress=None):
    """Fetches `path` `total` times, each on a connection of its own; seconds that it took.

    Raises Failed at the first answer that is not right, and where nothing moves for `patience`.
    """
    run = _Run(endpoint, path, closer, expected)
    began = time.monotonic()
    started = 0
    try:
        while run.done < total:
            while started < total and len(run.open) < concurrency:
                run.start_one()
                started += 1
            ready = run.epoll.poll(patience)
            if not ready:
                raise Failed(f"nothing moved for {patience:g} s with {len(run.open)} connections"
                             f" open and {run.done} done")
            for fileno, events in ready:
                if fileno in run.open:
                    run.go_on(run.open[fileno], events)
            if on_progress is not None:
                on_progress(run.done)
    finally:
        run.close()
    return time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description="Many short HTTP connections, one epoll loop.")
    parser.add_argument("address")
    parser.add_argument("port", type=int)
    parser.add_argument("total", type=int)
    parser.add_argument("--path", default="/")
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--closer", choices=("server", "client"), default="server")
    given = parser.parse_args()
    try:
        seconds = fetch_many((given.address, given.port), given.total, given.path,
                             given.concurrency, given.closer)
    except Failed as problem:
        sys.exit(f"short_connections: {problem}")
    print(f"{given.total} connections in {seconds:.2f} s: {given.total / seconds:.0f} per second, "
          "every answer right")


if __name__ == "__main__":
    main()
