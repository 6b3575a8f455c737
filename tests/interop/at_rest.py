"""What holds after every test against the kernel, on whichever bed it ran: neither side keeps
anything but what the protocol asks for."""

import unittest

from bed import run, until

GUARDS = ("StaleHandle", "StaleTimer")
# The neighbour cache remembers on purpose.
CACHES = ("neighbour",)
# Mbufs that wait in a device's receive queue: net_tap keeps one for each of its 1024 descriptors but
# one, af_packet takes one when a frame is there.
WAITING_IN_DEVICE = {"tap": 1023, "veth": 0}


class Settings:
    lastackd = lastackctl = kind = ""
    bulk_bytes = 64 << 20
    connections = 10_000
    why_not = ""


class AtRest(unittest.TestCase):
    """What holds after every test, on whichever bed it ran."""

    def setUp(self):
        if Settings.why_not:
            self.skipTest(Settings.why_not)

    def remember(self, lastack):
        self.lastack = lastack
        self.memory_before = lastack.memory()
        self.before = lastack.counters()

    def moved(self, counter):
        return self.lastack.counters()[counter] - self.before[counter]

    def assert_at_rest(self):
        until(lambda: not self.lastack.states(), 15,
              lambda: f"lastack has no connection left: {self.lastack.states()}")
        until(lambda: self.memory_without_caches() == self.at_rest(), 5,
              lambda: f"everything is given back: {self.memory_without_caches()}, "
                      f"at first {self.at_rest()}")
        for guard in GUARDS:
            self.assertEqual(self.lastack.counters()[guard], 0, guard)
        until(lambda: set(self.bed.kernel_sockets()) <= {"TIME-WAIT"}, 15,
              lambda: f"the kernel has only TIME-WAIT: {self.bed.kernel_sockets()}")
        self.assertNotIn("error", self.lastack.log())

    def memory_without_caches(self):
        return {name: n for name, n in self.lastack.memory().items() if name not in CACHES}

    def at_rest(self):
        return {name: n for name, n in self.memory_before.items() if name not in CACHES}

    def listed(self, *which):
        """What `lastackctl ss` shows for a filter: how many in which state, listeners left out."""
        counts = {}
        for line in run(Settings.lastackctl, "--socket", self.lastack.socket, "ss", "-tanH",
                        *which).splitlines():
            state = line.split()[0]
            if state != "LISTEN":
                counts[state] = counts.get(state, 0) + 1
        return counts

    def assert_ends_well(self):
        """SIGTERM ends it with 0: by then its own conservation check (J-36) has passed."""
        self.assertEqual(self.lastack.stop(), 0, self.lastack.log())
        for unwanted in ("error", "warning", *GUARDS):
            self.assertNotIn(unwanted, self.lastack.log())
