#!/usr/bin/env python3
"""Stands between an LSP client and a language server and writes down what they say.

    tee.py RECORD -- COMMAND [ARGUMENT...]

Bytes pass through unchanged. Every message becomes one line of RECORD, {"dir": "c2s" | "s2c", "msg": ...}, before it is
passed on, so that an answer never stands before its question; what is not LSP framing or not JSON becomes {"dir": ..., "bad": ...}.
The server's stderr goes to RECORD.stderr. Ends with the server, and with its exit status.
"""

import json
import os
import subprocess
import sys
import threading


class Record:
    """The file; written to by both directions."""

    def __init__(self, path):
        self.file = open(path, "w", encoding="utf-8", buffering=1)
        self.lock = threading.Lock()

    def write(self, entry):
        with self.lock:
            self.file.write(json.dumps(entry, ensure_ascii=False) + "\n")


class Splitter:
    """Cuts one direction's bytes into messages."""

    def __init__(self, direction, record):
        self.direction = direction
        self.record = record
        self.buffer = b""
        self.is_lost = False

    def feed(self, chunk):
        if self.is_lost:
            return
        self.buffer += chunk
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            length = content_length(self.buffer[:end])
            if length is None:
                self.is_lost = True
                self.bad(self.buffer)
                return
            body = self.buffer[end + 4 : end + 4 + length]
            if len(body) < length:
                return
            self.buffer = self.buffer[end + 4 + length :]
            self.message(body)

    def message(self, body):
        try:
            self.record.write({"dir": self.direction, "msg": json.loads(body)})
        except ValueError:
            self.bad(body)

    def bad(self, data):
        self.record.write({"dir": self.direction, "bad": data[:200].decode("latin1")})

    def close(self):
        if self.buffer and not self.is_lost:
            self.bad(self.buffer)


def content_length(head):
    """The value of the Content-Length header, or None."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    return None


def pump(source, sink, splitter):
    """Passes one direction on until it ends or nobody listens any more."""
    try:
        while chunk := os.read(source, 65536):
            splitter.feed(chunk)
            view = memoryview(chunk)
            while view:
                view = view[os.write(sink, view) :]
    except OSError:
        pass
    finally:
        splitter.close()
        os.close(sink)


def main():
    path, separator, *command = sys.argv[1:]
    if separator != "--" or not command:
        sys.exit(__doc__)
    record = Record(path)
    with open(path + ".stderr", "wb") as errors:
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors)
    down = threading.Thread(
        target=pump, args=(0, os.dup(server.stdin.fileno()), Splitter("c2s", record)), daemon=True
    )
    server.stdin.close()
    up = threading.Thread(target=pump, args=(server.stdout.fileno(), 1, Splitter("s2c", record)))
    down.start()
    up.start()
    status = server.wait()
    up.join()
    # The thread that reads from the client may still wait for it: end without asking it.
    os._exit(status if status >= 0 else 128 - status)


if __name__ == "__main__":
    main()
