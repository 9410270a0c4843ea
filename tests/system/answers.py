#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a host asks the world for, answered: DNS (UDP 53), time (UDP 123), and a
session whose server speaks first (TCP 22). Prints one line when it listens.
"""

import signal
import socket
import socketserver
import struct
import threading

BANNER = b"SSH-2.0-testbed\r\n"


def dns_answer(question):
    """The same question with one A record, 192.0.2.80."""
    name = question[12 : question.index(b"\0", 12) + 5]
    record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + socket.inet_aton("192.0.2.80")
    return question[:2] + b"\x81\x80" + struct.pack("!HHHH", 1, 1, 0, 0) + name + record


def ntp_answer(request):
    """RFC 5905 7.3: mode 4, stratum 2, the request's transmit time as the origin."""
    return b"\x24\x02\0\0" + b"\0" * 20 + request[40:48] + b"\xe0" + b"\0" * 15


class DnsUdp(socketserver.BaseRequestHandler):
    def handle(self):
        data, reply = self.request
        reply.sendto(dns_answer(data), self.client_address)


class NtpUdp(socketserver.BaseRequestHandler):
    def handle(self):
        data, reply = self.request
        reply.sendto(ntp_answer(data), self.client_address)


class Session(socketserver.StreamRequestHandler):
    """Says who it is, then gives back each line."""

    def handle(self):
        self.wfile.write(BANNER)
        for line in self.rfile:
            self.wfile.write(line)


class Udp6(socketserver.ThreadingUDPServer):
    address_family = socket.AF_INET6
    daemon_threads = True


class Tcp6(socketserver.ThreadingTCPServer):
    address_family = socket.AF_INET6
    allow_reuse_address = True
    daemon_threads = True


class Udp4(Udp6):
    address_family = socket.AF_INET


def main():
    """UDP answers leave by the address that was asked: one socket for each family and address."""
    servers = [Tcp6(("::", 22), Session)]
    for address, kind in (("192.0.2.10", Udp4), ("2001:db8:1::10", Udp6)):
        servers += [kind((address, 53), DnsUdp), kind((address, 123), NtpUdp)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    print("listening", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
