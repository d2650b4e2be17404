"""The validator itself: one planted fault each, and it must be found. A check that finds nothing proves nothing."""

import copy
import pathlib
import sys

import pytest

CLIENTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CLIENTS))

import validate  # noqa: E402

MODEL = validate.Model(CLIENTS.parent / "fixtures" / "lsp" / "metaModel.json")
RANGE = {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 4}}
GOOD = [
    ("c2s", {"id": 1, "method": "shutdown"}),
    ("s2c", {"id": 1, "result": None}),
    ("s2c", {"id": 2, "method": "window/workDoneProgress/create", "params": {"token": "reload-lsp/build/1"}}),
    ("c2s", {"id": 2, "result": None}),
    ("s2c", {"method": "$/progress", "params": {"token": "reload-lsp/build/1", "value": {"kind": "begin", "title": "Build"}}}),
    ("s2c", {"method": "$/progress", "params": {"token": "reload-lsp/build/1", "value": {"kind": "end"}}}),
    (
        "s2c",
        {
            "method": "textDocument/publishDiagnostics",
            "params": {"uri": "file:///a", "diagnostics": [{"range": RANGE, "severity": 1, "message": "no"}]},
        },
    ),
    ("s2c", {"method": "reload/status", "params": {"anything": "goes"}}),
]


def complaints_about(messages):
    session = validate.Session(MODEL)
    for number, (direction, message) in enumerate(messages, 1):
        session.read(number, {"dir": direction, "msg": {"jsonrpc": "2.0", **message}})
    session.close()
    return session.complaints


def change(path, value):
    """The good messages with one value changed, `path` leading to it; `None` removes it."""
    messages = copy.deepcopy(GOOD)
    *steps, last = path
    place = messages
    for step in steps:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return messages


def test_a_session_without_faults_is_not_complained_about():
    assert complaints_about(GOOD) == []


DIAGNOSTIC = (6, 1, "params", "diagnostics", 0)


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ((*DIAGNOSTIC, "message"), None, "Diagnostic.message is missing"),
        ((*DIAGNOSTIC, "severity"), 7, "DiagnosticSeverity wanted, got 7"),
        ((*DIAGNOSTIC, "range", "start", "line"), "1", "uinteger wanted, got '1'"),
        ((*DIAGNOSTIC, "range", "start", "line"), -1, "uinteger wanted, got -1"),
        ((*DIAGNOSTIC, "colour"), "red", "Diagnostic has no member 'colour'"),
        ((6, 1, "jsonrpc"), "1.0", "jsonrpc is not '2.0'"),
        ((6, 1, "id"), 9, "a request is no notification"),
        ((1,), None, "shutdown was never answered"),
        ((1, 1, "error"), {"code": 1, "message": "no"}, "exactly one of result and error"),
        ((1, 1, "id"), 8, "there is no request 8"),
        ((2,), None, "says begin when it is unknown"),
        ((5,), None, "never ended"),
        ((6,), ("c2s", GOOD[6][1]), "wrong direction"),
    ],
)
def test_a_planted_fault_is_found(path, value, complaint):
    assert complaint in "\n".join(complaints_about(change(path, value)))
