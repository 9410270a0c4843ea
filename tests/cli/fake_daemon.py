# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers on a unix socket what it is told to, and remembers what it was asked."""

import http.server
import json
import os
import socketserver
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        self.server.asked.append((self.command, self.path, body))
        status, answer = self.server.answers.get(
            (self.command, self.path),
            (404, {"status": 404, "code": 1, "detail": "no such thing", "hint": ""}),
        )
        data = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_PUT = do_POST = do_DELETE = _answer

    def address_string(self):
        return "unix"

    def log_message(self, *_):
        pass


class FakeDaemon(socketserver.ThreadingUnixStreamServer):
    """answers: (method, target) -> (status, dict or text)."""

    daemon_threads = True

    def __init__(self, path):
        if os.path.exists(path):
            os.unlink(path)
        self.answers = {}
        self.asked = []
        super().__init__(path, Handler)
        # shutdown() waits for the next look.
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
