// Reports what it is told to, and debugs nothing: `neighbor.stop` says that a thread stopped.
const vscode = require("vscode");

exports.activate = (context) => {
  const problems = vscode.languages.createDiagnosticCollection("neighbor");
  let adapter;
  class Adapter {
    constructor() {
      this.sent = new vscode.EventEmitter();
      this.onDidSendMessage = this.sent.event;
      adapter = this;
    }
    handleMessage({ seq, command }) {
      this.sent.fire({ type: "response", request_seq: seq, command, success: true, seq: 0, body: command === "threads" ? { threads: [{ id: 1, name: "one" }] } : {} });
      if (command === "initialize") this.event("initialized", {});
      if (command === "disconnect") this.event("terminated", {});
    }
    event(event, body) {
      this.sent.fire({ type: "event", event, body, seq: 0 });
    }
    dispose() {}
  }
  context.subscriptions.push(
    problems,
    vscode.commands.registerCommand("neighbor.report", (uri, line, character) => {
      if (line === undefined) return problems.delete(uri);
      const range = new vscode.Range(line, character, line, character + 1);
      const problem = new vscode.Diagnostic(range, "as the neighbor says", vscode.DiagnosticSeverity.Error);
      problem.source = "neighbor";
      problems.set(uri, [problem]);
    }),
    vscode.commands.registerCommand("neighbor.stop", () => adapter.event("stopped", { reason: "breakpoint", threadId: 1, allThreadsStopped: true })),
    vscode.commands.registerCommand("neighbor.terminate", () => adapter.event("terminated", {})),
    vscode.debug.registerDebugAdapterDescriptorFactory("fake", {
      createDebugAdapterDescriptor: () => new vscode.DebugAdapterInlineImplementation(new Adapter()),
    }),
  );
};
