#!/usr/bin/env python3
"""Checks recorded LSP sessions against the protocol's own meta model, so that "it works with my client" is not the only proof.

    validate.py META_MODEL [--server] RECORD...

RECORD is what tee.py writes: one {"dir": "c2s" | "s2c", "msg": ...} a line. Of every message are checked: direction, required
members, types, enumerations, members the protocol does not know; that a response has a request, and exactly one of result and
error; that the server leaves no request unanswered; and that progress begins once, on a token that was created, and ends.
Methods outside the model (`reload/*`) are counted, not judged. With `--server` what the client sends is read and not judged. Exits with 1 if there is anything to complain about.
"""

import collections
import json
import sys

# Anything goes: these two are defined by each other in the model.
OPEN = {"LSPAny", "LSPObject"}
TEXT = {"string", "URI", "DocumentUri", "RegExp"}
PROGRESS = {"begin": "WorkDoneProgressBegin", "report": "WorkDoneProgressReport", "end": "WorkDoneProgressEnd"}
# The model describes what travels in the envelopes, not the envelopes.
RESPONSE_ERROR = {
    "code": {"type": {"kind": "base", "name": "integer"}},
    "message": {"type": {"kind": "base", "name": "string"}},
    "data": {"type": {"kind": "reference", "name": "LSPAny"}, "optional": True},
}
DIRECTION = {"c2s": "clientToServer", "s2c": "serverToClient"}
OPPOSITE = {"c2s": "s2c", "s2c": "c2s"}


class Model:
    """The meta model, and whether a value is of one of its types. Every check gives a list of complaints."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            model = json.load(file)
        self.structures = {entry["name"]: entry for entry in model["structures"]}
        self.enumerations = {entry["name"]: entry for entry in model["enumerations"]}
        self.aliases = {entry["name"]: entry for entry in model["typeAliases"]}
        self.requests = {entry["method"]: entry for entry in model["requests"]}
        self.notifications = {entry["method"]: entry for entry in model["notifications"]}

    def check(self, kind, value, at):
        return getattr(self, "check_" + kind["kind"])(kind, value, at)

    def check_base(self, kind, value, at):
        name = kind["name"]
        if name == "null":
            fits = value is None
        elif name == "boolean":
            fits = isinstance(value, bool)
        elif name in TEXT:
            fits = isinstance(value, str)
        elif isinstance(value, bool):
            fits = False
        elif name == "decimal":
            fits = isinstance(value, (int, float))
        else:
            lowest = 0 if name == "uinteger" else -(2**31)
            fits = isinstance(value, int) and lowest <= value < 2**31
        return [] if fits else [wanted(at, name, value)]

    def check_reference(self, kind, value, at):
        name = kind["name"]
        if name in OPEN:
            return []
        if name in self.aliases:
            return self.check(self.aliases[name]["type"], value, at)
        if name in self.enumerations:
            return self.check_enumeration(self.enumerations[name], value, at)
        return self.check_members(self.members(name), value, at, name)

    def check_enumeration(self, enumeration, value, at):
        complaints = self.check(enumeration["type"], value, at)
        if complaints or enumeration.get("supportsCustomValues"):
            return complaints
        known = [entry["value"] for entry in enumeration["values"]]
        return [] if value in known else [wanted(at, enumeration["name"], value)]

    def check_array(self, kind, value, at):
        if not isinstance(value, list):
            return [wanted(at, "array", value)]
        return flat(self.check(kind["element"], item, f"{at}[{index}]") for index, item in enumerate(value))

    def check_map(self, kind, value, at):
        if not isinstance(value, dict):
            return [wanted(at, "map", value)]
        return flat(self.check(kind["value"], item, f"{at}.{key}") for key, item in value.items())

    def check_tuple(self, kind, value, at):
        if not isinstance(value, list) or len(value) != len(kind["items"]):
            return [wanted(at, "tuple", value)]
        pairs = enumerate(zip(kind["items"], value))
        return flat(self.check(inner, item, f"{at}[{index}]") for index, (inner, item) in pairs)

    def check_literal(self, kind, value, at):
        members = {member["name"]: member for member in kind["value"]["properties"]}
        return self.check_members(members, value, at, "literal")

    def check_stringLiteral(self, kind, value, at):
        return [] if value == kind["value"] else [wanted(at, repr(kind["value"]), value)]

    def check_or(self, kind, value, at):
        """One of several; if none fits, the complaints about the one that came nearest."""
        return min((self.check(inner, value, at) for inner in kind["items"]), key=len)

    def check_and(self, kind, value, at):
        members = {}
        for inner in kind["items"]:
            members.update(self.members(inner["name"]))
        return self.check_members(members, value, at, "literal")

    def members(self, name):
        structure = self.structures[name]
        members = {}
        for parent in structure.get("extends", []) + structure.get("mixins", []):
            members.update(self.members(parent["name"]))
        members.update({member["name"]: member for member in structure["properties"]})
        return members

    def check_members(self, members, value, at, name):
        if not isinstance(value, dict):
            return [wanted(at, name, value)]
        required = (key for key, member in members.items() if not member.get("optional"))
        complaints = [f"{at}: {name}.{key} is missing" for key in required if key not in value]
        for key, item in value.items():
            if key in members:
                complaints += self.check(members[key]["type"], item, f"{at}.{key}")
            elif members:
                complaints.append(f"{at}: {name} has no member {key!r}")
        return complaints


class Session:
    """One recorded session: what is still open in it, and what is wrong with it."""

    def __init__(self, model):
        self.model = model
        self.requests = {}
        self.tokens = {}
        self.methods = collections.Counter()
        self.complaints = []

    def read(self, number, entry):
        direction = entry["dir"]
        message = entry.get("msg")
        if not isinstance(message, dict):
            self.complaints.append(f"line {number} {direction}: no LSP message: {entry}"[:200])
            return
        what = message.get("method", "response")
        complaints = [] if message.get("jsonrpc") == "2.0" else ["jsonrpc is not '2.0'"]
        complaints += self.call(direction, message) if "method" in message else self.response(direction, message)
        self.complaints += [f"line {number} {direction} {what}: {complaint}" for complaint in complaints]

    def call(self, direction, message):
        """A request or a notification."""
        method, params = message["method"], message.get("params")
        self.methods[method] += 1
        is_request = "id" in message
        if is_request:
            self.requests[direction, message["id"]] = method
        here, there = self.model.requests, self.model.notifications
        definition = (here if is_request else there).get(method)
        if definition is None:
            is_other = method in (there if is_request else here)
            return ["a request is no notification, nor the other way round"] if is_other else []
        complaints = []
        if definition["messageDirection"] not in ("both", DIRECTION[direction]):
            complaints.append("wrong direction")
        if "params" in definition:
            complaints += self.model.check(definition["params"], params, "params")
        elif params not in (None, {}, []):
            complaints.append("has no params")
        return complaints + self.progress(method, params)

    def response(self, direction, message):
        method = self.requests.pop((OPPOSITE[direction], message.get("id")), None)
        if method is None and message.get("id") is not None:
            return [f"there is no request {message['id']!r}"]
        if ("result" in message) == ("error" in message):
            return ["exactly one of result and error is wanted"]
        if "error" in message:
            return self.model.check_members(RESPONSE_ERROR, message["error"], "error", "ResponseError")
        definition = self.model.requests.get(method)
        return self.model.check(definition["result"], message["result"], "result") if definition else []

    def progress(self, method, params):
        """Tokens are created, then begin once and end once. Those that the client made up are not followed."""
        if method == "window/workDoneProgress/create":
            if self.tokens.get(params["token"]) in ("created", "begun"):
                return [f"token {params['token']!r} is in use"]
            self.tokens[params["token"]] = "created"
            return []
        if method != "$/progress" or params["value"].get("kind") not in PROGRESS:
            return []
        value = params["value"]
        complaints = self.model.check({"kind": "reference", "name": PROGRESS[value["kind"]]}, value, "params.value")
        stage = self.tokens.get(params["token"])
        if stage != ("created" if value["kind"] == "begin" else "begun"):
            complaints.append(f"progress {params['token']!r} says {value['kind']} when it is {stage or 'unknown'}")
        self.tokens[params["token"]] = "ended" if value["kind"] == "end" else "begun"
        return complaints

    def close(self):
        unanswered = [method for (direction, _), method in self.requests.items() if direction == "c2s"]
        self.complaints += [f"end: {method} was never answered" for method in unanswered]
        endless = [token for token, stage in self.tokens.items() if stage == "begun"]
        self.complaints += [f"end: progress {token!r} never ended" for token in endless]


def wanted(at, name, value):
    return f"{at}: {name} wanted, got {value!r}"[:160]


def flat(lists):
    return [item for inner in lists for item in inner]


def validate(model, path, only_server):
    """Prints what there is to say about one record, and returns whether it is all right."""
    session = Session(model)
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            session.read(number, json.loads(line))
    session.close()
    count = sum(session.methods.values())
    known = {**model.requests, **model.notifications}
    own = {method: times for method, times in session.methods.items() if method not in known}
    complaints = [said for said in session.complaints if not (only_server and " c2s " in said)]
    is_valid = count > 0 and not complaints
    print(f"{'ok' if is_valid else 'NOT OK'} {path}: {count} calls, not in the model: {own}")
    for complaint in complaints:
        print("   ", complaint)
    return is_valid


def main():
    arguments = [word for word in sys.argv[1:] if word != "--server"]
    if len(arguments) < 2:
        sys.exit(__doc__)
    model = Model(arguments[0])
    verdicts = [validate(model, path, "--server" in sys.argv) for path in arguments[1:]]
    print(f"{sum(verdicts)} passed, {len(verdicts) - sum(verdicts)} failed")
    sys.exit(not all(verdicts))


if __name__ == "__main__":
    main()
