# SPDX-License-Identifier: GPL-2.0-or-later
"""Traffic from outside the machine: datagrams to ports of it, and which an application got."""

import contextlib
import socket
import threading
import time

import netns
from machine import HOST, PATIENCE

OPEN, CLOSED = 5000, 5001


class Knocks:
    """Knocks at an open and at a closed port, in turns, as long as it stands; counts at the
    sockets of the machine what came in. Ends by itself after some minutes."""

    PAUSE = 0.0005
    LONGEST = 300.0

    def __init__(self, machine, ports=(OPEN, CLOSED)):
        self.sent = 0
        self.came = dict.fromkeys(ports, 0)
        self._sockets = {port: self._listen(machine, port) for port in ports}
        self._out = netns.open_socket(machine.outside, socket.AF_INET, socket.SOCK_DGRAM)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._knock, daemon=True)]
        for port in ports:
            counter = threading.Thread(target=self._count, args=(port,), daemon=True)
            self._threads.append(counter)
        for thread in self._threads:
            thread.start()

    @staticmethod
    def _listen(machine, port):
        made = netns.open_socket(machine.net, socket.AF_INET, socket.SOCK_DGRAM)
        made.bind(("0.0.0.0", port))
        made.settimeout(0.1)
        return made

    def _knock(self):
        end = time.monotonic() + self.LONGEST
        while not self._stop.wait(self.PAUSE) and time.monotonic() < end:
            for port in self._sockets:
                # Nobody answers for the address as long as the interface is down.
                with contextlib.suppress(OSError):
                    self._out.sendto(b"knock", (HOST, port))
                    self.sent += 1

    def _count(self, port):
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                self._sockets[port].recv(64)
                self.came[port] += 1

    def wait_for_more(self, port=OPEN, more=50, seconds=PATIENCE):
        """Until that many more have come in at the port: the way is open, and knocks are made."""
        goal = self.came[port] + more
        what = f"{more} knocks at port {port}"
        netns.wait_for(lambda: self.came[port] >= goal, what, seconds)

    def stop(self):
        """(came in at the open port, came in at the closed one)"""
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        for one in (*self._sockets.values(), self._out):
            one.close()
        return tuple(self.came.values())


@contextlib.contextmanager
def knocking(machine, **options):
    knocks = Knocks(machine, **options)
    try:
        yield knocks
    finally:
        knocks.stop()
