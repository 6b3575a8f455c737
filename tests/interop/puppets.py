"""The test's end of puppet: connections of lastack's that do what a test says."""

import json
import os
import socket

from bed import KERNEL, LASTACK, until


class Refused(Exception):
    """lastack said no; its words are the text."""


class Puppeteer:
    """Commands to a running puppet."""

    def __init__(self, lastack):
        self._path = f"{lastack.folder}/test.sock"
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        if os.path.exists(self._path):
            os.unlink(self._path)
        self._sock.bind(self._path)
        self._sock.settimeout(10)
        self._sock.connect(f"{lastack.config_file}.puppet")

    def say(self, *words):
        self._sock.send(" ".join(str(word) for word in words).encode())
        answer = json.loads(self._sock.recv(65536))
        if "error" in answer:
            raise Refused(answer["error"])
        return answer

    def listen(self, port, reuse=False):
        self.say("listen", port, int(reuse))

    def unlisten(self, port):
        self.say("unlisten", port)

    def connect(self, remote, local_port=0):
        return PuppetConnection(self, self.say("connect", local_port, remote)["id"])

    def accepted(self, port, remote_port, later_than=0):
        """The newest connection of these ports, once there is one."""
        def newest():
            number = self.say("accepted", port, remote_port)["id"]
            return number if number and number > later_than else None
        return PuppetConnection(self, until(newest, 5, "lastack accepts a connection"))

    def close(self):
        self._sock.close()


class PuppetConnection:
    def __init__(self, puppeteer, number):
        self._puppeteer, self.number = puppeteer, number

    def _say(self, verb, *words):
        return self._puppeteer.say(verb, self.number, *words)

    def send(self, count):
        return self._say("send", count)["sent"]

    def shutdown(self):
        self._say("shutdown")

    def close(self):
        self._say("close")

    def abort(self):
        self._say("abort")

    def read(self, on):
        self._say("read", int(on))

    def option(self, name, value):
        self._say("option", name, value)

    def show(self):
        return self._say("show")

    def becomes(self, patience=5, **wanted):
        """Waits until it shows all of `wanted`."""
        until(lambda: wanted.items() <= self.show().items(), patience,
              lambda: f"{wanted}, but it is {self.show()}")


class Pair:
    """One connection, by both its ends: `sock` of the kernel's, `puppet` of lastack's."""

    def __init__(self, role, sock, puppet):
        self.role, self.sock, self.puppet = role, sock, puppet
        self.kernel_port = sock.getsockname()[1]
        self.lastack_port = sock.getpeername()[1]
        self.lastack = f"{LASTACK}:{self.lastack_port}"
        self.kernel = f"{KERNEL}:{self.kernel_port}"

    def of(self, segment):
        return {segment.source, segment.destination} == {self.kernel_port, self.lastack_port}
