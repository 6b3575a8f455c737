#!/usr/bin/env python3
"""Two lastackd processes on one machine, over net_memif: shared memory, and no kernel between them.

    memif_test.py LASTACKD

    [ lastackd: http, 198.18.0.1, role=server ]== memif ==[ lastackd: load, 198.18.0.2, role=client ]

An ordinary user can run it, where huge pages are reserved: net_memif has no use for others.
"""

import json
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support")]

import bed
import tap

REQUESTS = 2000
MEMORY_MIB = 192
HTTP = '[[service]]\nkind = "http"\nlisten = ":80"\n'
LOAD = f"""
[[service]]
kind = "load"
target = "198.18.0.1:80"
count = {REQUESTS}
concurrency = 16
"""

lastackd = ""


def config(role, host, folder, service):
    return f"""
[eal]
memory_mib = {MEMORY_MIB}
[[port]]
device = "net_memif0,role={role},id=0,socket={folder}/memif.sock,socket-abstract=no,rsize=13"
addresses = ["198.18.0.{host}/24"]
[tcp]
msl = "500ms"
[limits]
mbufs = 16384
max_connections = 1024
max_half_open = 1024
max_time_wait = 4096
[control]
socket = "@SOCKET@"
{service}
"""


def huge_pages_free():
    text = pathlib.Path("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages").read_text()
    return int(text)


class Memif(unittest.TestCase):
    def setUp(self):
        if huge_pages_free() * 2 < 2 * MEMORY_MIB:
            self.skipTest("net_memif needs huge pages, and two processes of them are not free")
        self.folder = tempfile.mkdtemp(prefix=f"lastack-{os.getpid()}-memif-")
        self.addCleanup(shutil.rmtree, self.folder, True)

    def start(self, role, host, service):
        folder = pathlib.Path(self.folder) / role
        folder.mkdir()
        lastack = bed.Lastack(lastackd, folder, config(role, host, self.folder, service))
        self.addCleanup(lastack.kill)
        return lastack

    def test_a_load_is_served_over_shared_memory_and_both_sides_give_everything_back(self):
        server = self.start("server", 1, HTTP)
        server.wait_until_ready()
        client = self.start("client", 2, LOAD)
        self.assertEqual(client.wait(60), 0, client.log())
        load = json.loads(client.report)["load"]
        self.assertEqual((load["succeeded"], load["failed"]), (REQUESTS, 0), client.report)
        self.assertEqual(server.counters()["PassiveOpens"], REQUESTS)
        self.assertEqual(server.stop(), 0, server.log())
        for side in (server, client):
            self.assertNotIn("error", side.log())

    def test_a_client_whose_server_is_not_there_is_told_what_to_start_first(self):
        client = self.start("client", 2, LOAD)
        self.assertEqual(client.wait(30), 4, client.log())
        self.assertIn("start the other side first, or use role=server", client.log())


def main():
    global lastackd
    lastackd = str(pathlib.Path(sys.argv[1]).resolve())
    bed.clean_up_at_the_end()
    tap.main()


if __name__ == "__main__":
    main()
