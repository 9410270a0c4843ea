# SPDX-License-Identifier: GPL-2.0-or-later
"""What the two sides send: honest TCP, and frames by hand. All is bounded in count and time."""

import errno
import math
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time

import netns

# linux/if_packet.h
SOL_PACKET, PACKET_AUXDATA, TP_STATUS_VLAN_VALID = 263, 8, 1 << 4
SO_RCVBUFFORCE = 33  # asm-generic/socket.h: the limit of the host is for others
TOTAL_RETRANS = 100  # where tcpi_total_retrans stands: linux/tcp.h
HERE = os.path.dirname(os.path.abspath(__file__))
# Seconds for what must come. A quick machine does not wait, and a busy one may need them.
PATIENCE = 20.0


def serve(lab, node, *ports):
    """A web server in that node, listening when this returns."""
    words = [sys.executable, "-B", os.path.join(HERE, "serve.py"), node, *map(str, ports)]
    process = lab.spawn(node, *words, stdout=subprocess.PIPE)
    if process.stdout.readline() != b"listening\n":
        raise RuntimeError(f"the web server of {node} did not start")
    return process


def _connect(name, address, port, seconds):
    """(connected socket, how often its SYN had to be sent again). Raises TimeoutError,
    ConnectionRefusedError (with the same figure as `repeats`) or another OSError."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = netns.open_socket(name, family, socket.SOCK_STREAM)
    try:
        made.setblocking(False)
        code = made.connect_ex((address, port))
        repeats = 0
        if code == errno.EINPROGRESS:
            if not select.select([], [made], [], seconds)[1]:
                raise TimeoutError(f"{address}:{port} does not answer within {seconds:g} s")
            info = made.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TOTAL_RETRANS + 4)
            repeats = struct.unpack_from("=I", info, TOTAL_RETRANS)[0]
            code = made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code != 0:
            error = OSError(code, os.strerror(code))
            error.repeats = repeats
            raise error
    except BaseException:
        made.close()
        raise
    made.settimeout(seconds)
    return made, repeats


def connect(name, address, port, seconds=PATIENCE):
    """A connected TCP socket inside a namespace. Raises TimeoutError or ConnectionRefusedError."""
    return _connect(name, address, port, seconds)[0]


def _page(connection, path="/"):
    """The body of a page."""
    connection.sendall(f"GET {path} HTTP/1.0\r\nHost: testbed\r\n\r\n".encode())
    data = b""
    while chunk := connection.recv(65536):
        data += chunk
    return data.partition(b"\r\n\r\n")[2].decode()


def _ask(name, address, port, seconds):
    """(what reach() gives, how often the SYN was sent again)"""
    try:
        connection, repeats = _connect(name, address, port, seconds)
    except ConnectionRefusedError as error:
        return "refused", error.repeats
    except OSError:
        return "silence", 0
    with connection:
        try:
            return ("served" if _page(connection).strip() else "connected"), repeats
        except OSError:
            return "connected", repeats


def reach(name, address, port, seconds=0.5):
    """What a side gets that asks and does not wait long: "served", "refused" (an answer, but no),
    "connected" (but no page) or "silence". For what must not come; else see answer()."""
    return _ask(name, address, port, seconds)[0]


def answer(name, address, port, repeats=False):
    """What a side gets that waits as long as a busy machine may take. Only the first SYN counts,
    so that what lets it pass did so from the beginning; with `repeats`, where the link itself may
    lose one (a veth that changes over, a flood), the repeated ones, too."""
    got, again = _ask(name, address, port, PATIENCE)
    return got if repeats or not again else f"{got} after {again} repeats"


def pings(name, target, size=32, seconds=PATIENCE):
    """True when an echo request with that many octets is answered in time by the same."""
    ipv6 = ":" in target
    family = socket.AF_INET6 if ipv6 else socket.AF_INET
    protocol = socket.IPPROTO_ICMPV6 if ipv6 else socket.IPPROTO_ICMP
    request, reply = (128, 129) if ipv6 else (8, 0)
    data = bytes(n % 251 for n in range(size))
    head = struct.pack("!HH", os.getpid() & 0xFFFF, size & 0xFFFF)
    sent = bytes([request, 0]) + checksum(bytes([request, 0, 0, 0]) + head + data) + head + data
    with netns.open_socket(name, family, socket.SOCK_RAW, protocol) as made:
        made.sendto(sent, (target, 0))
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and select.select([made], [], [], left)[0]:
            got = made.recv(65536)
            got = got if ipv6 else got[(got[0] & 15) * 4 :]
            if got[0] == reply and got[4:] == head + data:
                return True
    return False


def checksum(octets):
    """RFC 1071, as two octets."""
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    total = (total >> 16) + (total & 0xFFFF)
    return struct.pack("!H", ~(total + (total >> 16)) & 0xFFFF)


class Download:
    """A long download in the background; knows how far it is and whether it broke."""

    def __init__(self, name, address, seconds=300, port=80):
        self.bytes = 0
        self.longest_pause = 0.0
        self.error = None
        self._stop = threading.Event()
        self._socket = connect(name, address, port)
        request = f"GET /stream?seconds={seconds} HTTP/1.0\r\nHost: testbed\r\n\r\n"
        self._socket.sendall(request.encode())
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        last = time.monotonic()
        try:
            while not self._stop.is_set():
                chunk = self._socket.recv(65536)
                if not chunk:
                    self.error = self.error or "the server closed"
                    return
                now = time.monotonic()
                self.longest_pause = max(self.longest_pause, now - last)
                last = now
                self.bytes += len(chunk)
        except OSError as error:
            self.error = str(error)

    def wait_for_more(self, more=100_000, seconds=PATIENCE):
        """True when that many more octets arrive in time."""
        goal = self.bytes + more
        try:
            netns.wait_for(lambda: self.bytes >= goal or self.error, "download", seconds)
        except TimeoutError:
            return False
        return self.error is None

    def stop(self):
        """Ends it; true when nothing had broken until now."""
        good = self.error is None and self._thread.is_alive()
        self._stop.set()
        self._thread.join(PATIENCE + 1)
        self._socket.close()
        return good


class Knocker:
    """Fetches one page again and again; remembers when each try that was served, or not, began."""

    def __init__(self, name, address, port=80, seconds=0.25):
        self.served = []
        self.missed = []
        self._arguments = (name, address, port, seconds)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._stop.is_set():
            began = time.monotonic()
            good = reach(*self._arguments) == "served"
            (self.served if good else self.missed).append(began)

    def wait_for_tries(self, count, seconds=60.0):
        goal = len(self.served) + len(self.missed) + count
        question = lambda: len(self.served) + len(self.missed) >= goal  # noqa: E731
        netns.wait_for(question, "knocks", seconds)

    def wait_for_pages(self, count, seconds=60.0):
        netns.wait_for(lambda: len(self.served) >= count, f"{count} pages", seconds)

    def served_since(self, moment):
        return sum(1 for began in self.served if began >= moment)

    def stop(self):
        self._stop.set()
        self._thread.join(PATIENCE * 2)


class Received:
    """How many frames an interface has taken from its ring, as its namespace counts them."""

    def __init__(self, name, interface):
        self._interface = interface.encode() + b":"
        with netns.inside(name):
            self._file = open("/proc/thread-self/net/dev", "rb", buffering=0)

    def count(self):
        self._file.seek(0)
        for line in self._file.read(1 << 16).splitlines():
            words = line.split()
            if words[:1] == [self._interface]:
                return int(words[2])
        return 0

    def close(self):
        self._file.close()


class Wire:
    """Sends whole frames from an interface of a node, as they are. A veth has room for 256 and
    loses the rest, where the other end is busy: no more than half of that are ever on their way,
    and who counts what was sent counts what arrives."""

    WINDOW = 64

    def __init__(self, lab, node, interface="eth0", gate_interface="eth0"):
        self.source = netns.mac(lab.name(node), interface)
        self.gate = netns.mac(lab.name("gate"), gate_interface)
        self._received = Received(lab.name("gate"), gate_interface)
        self._socket = netns.raw_socket(lab.name(node), interface)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 21)

    def ethernet(self, payload, kind):
        """A frame to the gate around an IP packet."""
        macs = bytes.fromhex((self.gate + self.source).replace(":", ""))
        return macs + struct.pack("!H", kind) + payload

    def send(self, frames):
        """Sends each frame; one that finds the queue full waits for its turn. Gives the count."""
        count = 0
        begin = self._received.count()
        for frame in frames:
            if count % self.WINDOW == 0 and count > 0:
                begin = self._wait_for(begin, count - self.WINDOW)
            self._send_one(frame)
            count += 1
        return count

    def _wait_for(self, begin, count):
        """Until that many frames have arrived since `begin`. What does not come was lost on a way
        that is not ours: the frames behind it begin anew."""
        end = time.monotonic() + PATIENCE
        while (missing := begin + count - self._received.count()) > 0:
            if time.monotonic() > end:
                return begin - missing
            time.sleep(0)
        return begin

    def _send_one(self, frame):
        while True:
            try:
                self._socket.send(frame)
                return
            except OSError as error:
                if error.errno not in (errno.EAGAIN, errno.ENOBUFS):
                    raise
                select.select([], [self._socket], [], 0.01)

    def packets(self, packets):
        """Sends scapy packets (IP or IPv6 and above) to the gate."""
        return self.send([self.frame(p) for p in packets])

    def frame(self, packet):
        return self.ethernet(bytes(packet), 0x86DD if packet.name == "IPv6" else 0x0800)

    def close(self):
        self._socket.close()
        self._received.close()


def receive(sock):
    """(frame, origin) of a raw socket. The kernel has taken the outermost VLAN tag out; it is put
    back."""
    frame, auxiliary, _, origin = sock.recvmsg(65536, 128)
    for level, kind, data in auxiliary:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            status, _, _, _, _, tci, tpid = struct.unpack("=IIIHHHH", data[:20])
            if status & TP_STATUS_VLAN_VALID:
                tag = struct.pack("!HH", tpid or 0x8100, tci)
                frame = frame[:12] + tag + frame[12:]
    return frame, origin


class Witness:
    """Counts the frames that arrive at an interface and that a question says yes to; keeps the
    first `keep` of them in `frames`."""

    def __init__(self, name, interface, question, keep=0):
        self.count = 0
        self.frames = []
        self._keep = keep
        self._question = question
        self._socket = netns.raw_socket(name, interface)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
        self._socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self._stop = threading.Event()
        self._end = math.inf
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while time.monotonic() < self._end:
            if not select.select([self._socket], [], [], 0.05)[0]:
                if self._stop.is_set():
                    return
                continue
            frame, origin = receive(self._socket)
            if origin[2] != socket.PACKET_OUTGOING and self._question(frame):
                self.count += 1
                if len(self.frames) < self._keep:
                    self.frames.append(frame)

    def stop(self):
        """Reads what has arrived, ends, and gives the count."""
        self._end = time.monotonic() + 2  # where others' frames never end
        self._stop.set()
        self._thread.join(PATIENCE + 1)
        self._socket.close()
        return self.count


def from_sources(*addresses):
    """A question for a Witness: is the frame from one of these IPv4 or IPv6 addresses?"""
    wanted4 = {socket.inet_aton(a) for a in addresses if ":" not in a}
    wanted6 = {socket.inet_pton(socket.AF_INET6, a) for a in addresses if ":" in a}

    def question(frame):
        if frame[12:14] == b"\x86\xdd":
            return frame[22:38] in wanted6
        return frame[12:14] == b"\x08\x00" and frame[26:30] in wanted4

    return question
