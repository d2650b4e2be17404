"""One language server with a client at its other end, and a copy of a demo project between them.

Used by test_story.py. Speaks through pytest-lsp, with the capabilities of Neovim, in a folder whose name has blanks and accents.
Unlike the Node story it opts into `reload/status` by initializationOptions, names the root only by rootUri, and tells the server
of every document it opens and changes, though the server did not ask for it: some editors do.
"""

import asyncio
import os
import pathlib
import select
import shutil
import signal
import socket
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

TESTS = pathlib.Path(__file__).resolve().parent.parent.parent
TARGET = TESTS.parent / "target"
SERVER = os.environ.get("RELOAD_LSP", str(TARGET / "debug" / "reload-lsp"))
MODULES = os.environ.get("NODE_PATH", str(TARGET / "test-tools" / "node" / "node_modules"))
RECORDS = pathlib.Path(os.environ.get("TEST_RECORDS", TARGET / "test-records"))
LIMIT = 120
"""Seconds; only a fault reaches this."""


def free_port():
    """A port that nobody listened on a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def bearers_of(mark):
    """The pids of living processes that inherited `mark` in their environment. Linux only; elsewhere none are seen."""
    bearers = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (entry / "environ").read_bytes():
                bearers.append(int(entry.name))
        except OSError:
            pass  # It has ended, or is somebody else's.
    return bearers


def survivors_of(mark):
    """What is left of a session whose server has ended: nothing of the project at that very moment, and of the server's own
    guards, which end when they see that it is gone, nothing after a moment more."""
    survivors = []
    for pid in bearers_of(mark):
        try:
            handle = os.pidfd_open(pid)
            name = pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
        except OSError:
            continue  # It has ended by now.
        patience = LIMIT if name == "reload-guard" else 0
        has_ended, _, _ = select.select([handle], [], [], patience)
        os.close(handle)
        if not (has_ended and name == "reload-guard"):
            survivors.append(f"{pid} {name}")
    return survivors


class Session:
    def __init__(self, project):
        self.project = project
        self.home = pathlib.Path(tempfile.mkdtemp(prefix=f"récit de {project} ")).resolve()
        self.root = self.home / project
        self.mark = f"RELOAD_STORY={self.home.name}"
        self.port = free_port()
        self.statuses = []
        self.diagnostics = {}
        self.news = asyncio.Event()
        self.version = 0

    def copy_project(self):
        shutil.copytree(TESTS / "fixtures" / "projects" / self.project, self.root)
        if (self.root / "package.json").exists():
            (self.root / "node_modules").symlink_to(MODULES)
        configuration = self.root / "reload.toml"
        configuration.write_text(configuration.read_text().replace("8080", str(self.port)))

    async def open(self):
        self.copy_project()
        RECORDS.mkdir(parents=True, exist_ok=True)
        self.record = RECORDS / f"pytest-{self.project}.jsonl"
        environment = {
            **os.environ,
            "RELOAD_STORY": self.home.name,
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_RUNTIME_DIR": str(self.home),
        }
        tee = TESTS / "clients" / "tee.py"
        config = ClientServerConfig(
            server_command=[sys.executable, str(tee), str(self.record), "--", SERVER, "--stdio"],
            server_env=environment,
            client_factory=self.make_client,
        )
        self.client = await config.start()

    def make_client(self):
        # Functions, as pygls cannot register methods.
        def note_status(params):
            self.statuses.append(params)
            self.news.set()

        def note_diagnostics(params):
            self.diagnostics[urllib.parse.unquote(params.uri)] = params.diagnostics
            self.news.set()

        client = LanguageClient(converter_factory=default_converter)
        own = {types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: note_diagnostics, "reload/status": note_status}
        register_lsp_features(client, {**DEFAULT_CLIENT_FEATURES, **own})
        return client

    async def until(self, what, predicate):
        """Waits until `predicate` gives something true, looking again after every message; gives that."""
        try:
            async with asyncio.timeout(LIMIT):
                while not (value := predicate()):
                    assert not self.client.stopped, self.explain(f"the server ended before {what}")
                    self.news.clear()
                    await self.news.wait()
                return value
        except TimeoutError:
            raise AssertionError(self.explain(f"waited in vain until {what}")) from None

    def explain(self, what):
        status = self.statuses[-1] if self.statuses else None
        stderr = pathlib.Path(f"{self.record}.stderr").read_text(errors="replace")[-2000:]
        return (
            f"{what}\nlast status: {status}\ndiagnostics: {self.diagnostics}\n"
            f"all messages: {self.record}\nstderr: {stderr}"
        )

    async def initialize(self):
        capabilities = client_capabilities("neovim")
        capabilities.general.position_encodings = [
            types.PositionEncodingKind.Utf8,
            types.PositionEncodingKind.Utf16,
        ]
        return await self.client.initialize_session(
            types.InitializeParams(
                capabilities=capabilities,
                root_uri=self.root.as_uri(),
                initialization_options={
                    "reload": {"protocol": 1, "status": True, "trust": {"granted": True}}
                },
            )
        )

    def open_document(self, file):
        path = self.root / file
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(
                types.TextDocumentItem(
                    uri=path.as_uri(), language_id=self.project, version=self.version, text=path.read_text()
                )
            )
        )

    def save(self, file, text):
        """Tells of the change, replaces the file as careful editors do, and says that it was saved."""
        path = self.root / file
        self.version += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                text_document=types.VersionedTextDocumentIdentifier(uri=path.as_uri(), version=self.version),
                content_changes=[types.TextDocumentContentChangeWholeDocument(text=text)],
            )
        )
        beside = path.with_name(f".{path.name}.new")
        beside.write_text(text)
        beside.replace(path)
        self.client.text_document_did_save(
            types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri=path.as_uri()))
        )

    def service(self):
        return self.statuses[-1].services[0] if self.statuses and self.statuses[-1].services else None

    def diagnostics_of(self, file):
        return self.diagnostics.get(urllib.parse.unquote((self.root / file).as_uri()), [])

    async def ready(self, run):
        """Waits for a run that is younger than `run` and ready; gives its number."""

        def is_ready():
            service = self.service()
            if not service or service.state != "ready" or service.stale or not service.run:
                return None
            return service.run.phase == "ready" and service.run.id > run and service.run.id

        return await self.until(f"a run after {run} is ready", is_ready)

    async def answer(self):
        """What the service answers; `None` if nobody listens."""

        def get():
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=LIMIT) as response:
                    return response.read().decode()
            except urllib.error.URLError as error:
                assert isinstance(error.reason, ConnectionRefusedError), error
                return None

        return await asyncio.to_thread(get)

    async def shutdown(self):
        """Says goodbye as the protocol wants it; gives the exit code and what was left behind."""
        await self.client.shutdown_session()
        # pytest-lsp has no public word for how the server ended.
        return self.client._server.returncode, survivors_of(self.mark)

    async def close(self):
        """Ends whatever a failed test left."""
        server = self.client._server
        server.stdin.close()
        await server.wait()
        for pid in bearers_of(self.mark):
            os.kill(pid, signal.SIGKILL)
        await self.client.stop()
        shutil.rmtree(self.home, ignore_errors=True)
