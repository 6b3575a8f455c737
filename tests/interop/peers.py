"""Linux peers: what a client or a server does with kernel sockets, and the bytes they compare."""

import hashlib
import select
import socket
import struct
import threading

PERIOD = 65521


def _block():
    """The pattern of service/pattern.hpp, made here a second time: splitmix64's top octets."""
    mask = (1 << 64) - 1
    state, out = 0, bytearray()
    for _ in range(PERIOD):
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        out.append((z ^ (z >> 31)) >> 56)
    return bytes(out)


BLOCK = _block()


def pattern(count):
    """The first `count` bytes of the pattern, in blocks."""
    whole, rest = divmod(count, PERIOD)
    for _ in range(whole):
        yield BLOCK
    if rest:
        yield BLOCK[:rest]


def sha256_of(chunks):
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def dial(endpoint, patience=15.0):
    return socket.create_connection(endpoint, timeout=patience)


def read_all(sock):
    """Until the peer's FIN."""
    chunks = []
    while chunk := sock.recv(1 << 16):
        chunks.append(chunk)
    return b"".join(chunks)


def read_head(sock):
    """An HTTP answer's header, and the start of its body that came with it."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = sock.recv(1 << 16)
        if not chunk:
            raise AssertionError(f"the connection ended inside the header: {data!r}")
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    return head.decode(), body


def read_body(sock, begun, length):
    """`length` bytes of body as chunks, `begun` first."""
    if begun:
        yield begun
    left = length - len(begun)
    while left > 0:
        chunk = sock.recv(min(left, 1 << 18))
        if not chunk:
            raise AssertionError(f"the connection ended {left} bytes early")
        left -= len(chunk)
        yield chunk


def reset_on_close(sock):
    """close() sends RST from now on."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class HttpServer:
    """A kernel-socket HTTP server on one epoll loop, for lastack's client.

    The answer is the pattern's first `body_bytes`. With `Connection: close` it closes after the
    answer, else it waits for the client's FIN: so the client chooses who closes first. `resets`
    counts the connections that ended in ECONNRESET.
    """

    def __init__(self, endpoint, body_bytes=0):
        self.resets = 0
        self._listener = socket.create_server(endpoint, backlog=4096)
        self._listener.setblocking(False)
        self._answer = (f"HTTP/1.1 200 OK\r\nContent-Length: {body_bytes}\r\n\r\n".encode()
                        + b"".join(pattern(body_bytes)))
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        epoll = select.epoll()
        epoll.register(self._listener, select.EPOLLIN)
        epoll.register(self._woken, select.EPOLLIN)
        talks = {}
        while True:
            for fileno, _ in epoll.poll():
                if fileno == self._woken.fileno():
                    for sock, _ in talks.values():
                        sock.close()
                    return
                if fileno == self._listener.fileno():
                    self._accept_all(epoll, talks)
                else:
                    self._go_on(talks, fileno)

    def _accept_all(self, epoll, talks):
        while True:
            try:
                sock, _ = self._listener.accept()
            except BlockingIOError:
                return
            sock.settimeout(10)
            talks[sock.fileno()] = (sock, bytearray())
            epoll.register(sock, select.EPOLLIN)

    def _go_on(self, talks, fileno):
        sock, request = talks[fileno]
        try:
            chunk = sock.recv(65536)
        except ConnectionResetError:
            self.resets += 1
            chunk = b""
        except OSError:
            chunk = b""
        request += chunk
        over = not chunk
        if not over and request.endswith(b"\r\n\r\n"):
            sock.sendall(self._answer)
            over = b"connection: close" in bytes(request).lower()
            request.clear()
        if over:
            del talks[fileno]
            sock.close()

    def close(self):
        self._wake.send(b"x")
        self._thread.join()
        self._listener.close()
        self._wake.close()
        self._woken.close()
