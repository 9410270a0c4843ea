#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A small web server for the testbed. Arguments: a name to answer with, then TCP ports.

GET / gives the name; GET /stream?seconds=N gives data for N seconds. Prints one line when it
listens.
"""

import http.server
import signal
import socket
import sys
import threading
import time
import urllib.parse

CHUNK = b"yett" * 4096
MOST_SECONDS = 300


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        if url.path == "/stream":
            self._stream(min(float(query.get("seconds", ["10"])[0]), MOST_SECONDS))
        else:
            self.wfile.write(f"{self.server.answer}\n".encode())

    def _stream(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.wfile.write(CHUNK)
            time.sleep(0.01)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    """Listens on IPv6 and IPv4 with one socket."""

    address_family = socket.AF_INET6
    request_queue_size = 128
    daemon_threads = True

    def __init__(self, port, answer):
        self.answer = answer
        super().__init__(("::", port), Handler)

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()

    def handle_error(self, request, client_address):
        """A client that goes away in the middle is no news."""


def main():
    servers = [Server(int(port), sys.argv[1]) for port in sys.argv[2:]]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    print("listening", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
