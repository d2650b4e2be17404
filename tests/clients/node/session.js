// One language server with a client at its other end, and a copy of a demo project between them.
// Used by story.test.js. Speaks through Microsoft's own protocol library, with the capabilities of VS Code.
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');
const { pathToFileURL } = require('node:url');
const lsp = require('vscode-languageserver-protocol/node');

const TESTS = path.join(__dirname, '..', '..');
const TARGET = path.join(TESTS, '..', 'target');
const SERVER = process.env.RELOAD_LSP ?? path.join(TARGET, 'debug', 'reload-lsp');
const MODULES = process.env.NODE_PATH ?? path.join(TARGET, 'test-tools', 'node', 'node_modules');
const RECORDS = process.env.TEST_RECORDS ?? path.join(TARGET, 'test-records');
// Only a fault reaches this.
const LIMIT = 120_000;

const CAPABILITIES = {
  general: { positionEncodings: ['utf-16'] },
  window: { workDoneProgress: true, showDocument: { support: true }, showMessage: {} },
  workspace: { workspaceFolders: true, configuration: true, applyEdit: true },
  textDocument: {
    synchronization: { dynamicRegistration: true, willSave: true, willSaveWaitUntil: true, didSave: true },
    publishDiagnostics: {
      relatedInformation: true,
      codeDescriptionSupport: true,
      dataSupport: true,
      versionSupport: false,
      tagSupport: { valueSet: [1, 2] },
    },
  },
  experimental: { reload: { protocol: 1, status: true, log: true } },
};

/** A port that nobody listened on a moment ago. */
async function freePort() {
  const server = net.createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Copies a demo project to a folder of its own and gives it a port. */
async function copyProject(name) {
  const home = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), `node story ${name} `)));
  const root = path.join(home, name);
  fs.cpSync(path.join(TESTS, 'fixtures', 'projects', name), root, { recursive: true });
  if (fs.existsSync(path.join(root, 'package.json'))) {
    fs.symlinkSync(MODULES, path.join(root, 'node_modules'));
  }
  const port = await freePort();
  const configuration = path.join(root, 'reload.toml');
  fs.writeFileSync(configuration, fs.readFileSync(configuration, 'utf8').replaceAll('8080', String(port)));
  return { home, root, port };
}

/** The pids of living processes that inherited `mark` in their environment. Linux only; elsewhere none are seen. */
function bearersOf(mark) {
  if (!fs.existsSync('/proc/self/environ')) return [];
  const isBearer = (pid) => {
    try {
      return fs.readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark);
    } catch {
      return false; // It has ended, or is somebody else's.
    }
  };
  return fs.readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && isBearer(entry));
}

/** The name of a process; `null` if it has ended. */
function nameOf(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return null;
  }
}

/**
 * What is left of a session whose server has ended: nothing of the project at that very moment, and of the server's own guards,
 * which end when they see that it is gone, nothing after a moment more.
 */
async function survivorsOf(mark) {
  const left = bearersOf(mark).map((pid) => [pid, nameOf(pid)]).filter(([, name]) => name !== null);
  const isGuard = ([, name]) => name === 'reload-guard';
  const stays = ([pid]) => nameOf(pid) === 'reload-guard';
  const end = Date.now() + LIMIT;
  while (left.filter(isGuard).some(stays) && Date.now() < end) await delay(10);
  return left.filter((survivor) => !isGuard(survivor) || stays(survivor)).map((survivor) => survivor.join(' '));
}

class Session {
  static async open(project) {
    const session = new Session();
    Object.assign(session, await copyProject(project));
    session.connect(path.join(RECORDS, `node-${project}.jsonl`));
    return session;
  }

  connect(record) {
    fs.mkdirSync(RECORDS, { recursive: true });
    this.record = record;
    this.mark = `RELOAD_STORY=${path.basename(this.home)}`;
    const env = {
      ...process.env,
      RELOAD_STORY: path.basename(this.home),
      XDG_STATE_HOME: path.join(this.home, 'state'),
      XDG_RUNTIME_DIR: this.home,
    };
    const command = [path.join(TESTS, 'clients', 'tee.py'), record, '--', SERVER, '--stdio'];
    this.server = spawn('python3', command, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.exit = new Promise((done) => this.server.on('exit', (code) => done(code)));
    this.statuses = [];
    this.diagnostics = new Map();
    this.listeners = new Set();
    this.connection = lsp.createProtocolConnection(
      new lsp.StreamMessageReader(this.server.stdout),
      new lsp.StreamMessageWriter(this.server.stdin),
    );
    this.connection.onNotification('reload/status', (status) => this.note(() => this.statuses.push(status)));
    this.connection.onNotification(lsp.PublishDiagnosticsNotification.type, ({ uri, diagnostics }) =>
      this.note(() => this.diagnostics.set(decodeURIComponent(uri), diagnostics)),
    );
    this.connection.onRequest(lsp.WorkDoneProgressCreateRequest.type, () => null);
    this.connection.onRequest(lsp.ConfigurationRequest.type, ({ items }) => items.map(() => null));
    this.connection.listen();
  }

  note(remember) {
    remember();
    this.listeners.forEach((listener) => listener());
  }

  /** Waits until `predicate` gives something true, looking again after every message; gives that. */
  until(what, predicate) {
    return new Promise((done, fail) => {
      const stop = (settle, value) => {
        clearTimeout(timer);
        this.listeners.delete(look);
        settle(value);
      };
      const look = () => {
        const value = predicate();
        if (value) stop(done, value);
      };
      const timer = setTimeout(() => stop(fail, new Error(this.explain(`waited in vain until ${what}`))), LIMIT);
      void this.exit.then((code) => stop(fail, new Error(this.explain(`the server ended with ${code} before ${what}`))));
      this.listeners.add(look);
      look();
    });
  }

  /** Sends a request; fails if the server ends instead of answering. */
  request(type, params) {
    const ended = this.exit.then((code) => {
      throw new Error(this.explain(`the server ended with ${code} instead of answering ${type.method}`));
    });
    return Promise.race([this.connection.sendRequest(type, params), ended]);
  }

  explain(what) {
    const status = JSON.stringify(this.statuses.at(-1), null, 1);
    const diagnostics = JSON.stringify([...this.diagnostics], null, 1);
    const stderr = fs.readFileSync(`${this.record}.stderr`, 'utf8').slice(-2000);
    return `${what}\nlast status: ${status}\ndiagnostics: ${diagnostics}\nall messages: ${this.record}\nstderr: ${stderr}`;
  }

  async initialize() {
    const uri = pathToFileURL(this.root).href;
    const result = await this.request(lsp.InitializeRequest.type, {
      processId: process.pid,
      clientInfo: { name: 'node story' },
      rootUri: uri,
      workspaceFolders: [{ uri, name: path.basename(this.root) }],
      capabilities: CAPABILITIES,
      initializationOptions: { reload: { trust: { granted: true } } },
    });
    await this.connection.sendNotification(lsp.InitializedNotification.type, {});
    return result;
  }

  /** Writes a file and says so, as VS Code does when a person presses the key. */
  async save(file, text) {
    const target = path.join(this.root, file);
    const textDocument = { uri: pathToFileURL(target).href };
    const reason = lsp.TextDocumentSaveReason.Manual;
    await this.connection.sendNotification(lsp.WillSaveTextDocumentNotification.type, { textDocument, reason });
    fs.writeFileSync(target, text);
    await this.connection.sendNotification(lsp.DidSaveTextDocumentNotification.type, { textDocument });
  }

  service() {
    return this.statuses.at(-1)?.services[0];
  }

  diagnosticsOf(file) {
    return this.diagnostics.get(decodeURIComponent(pathToFileURL(path.join(this.root, file)).href)) ?? [];
  }

  /** Waits for a run that is younger than `run` and ready; gives its number. */
  ready(run) {
    return this.until(`a run after ${run} is ready`, () => {
      const service = this.service();
      const isReady = service?.state === 'ready' && service.run?.phase === 'ready' && !service.stale;
      return isReady && service.run.id > run && service.run.id;
    });
  }

  /** What the service answers; `null` if nobody listens. */
  answer() {
    return new Promise((done, fail) => {
      const request = http.get({ port: this.port, host: '127.0.0.1', agent: false }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text) => (body += text)).on('end', () => done(body));
      });
      request.on('error', (error) => (error.code === 'ECONNREFUSED' ? done(null) : fail(error)));
    });
  }

  /** Says goodbye as the protocol wants it; gives the exit code and what was left behind. */
  async shutdown() {
    await this.request(lsp.ShutdownRequest.type);
    await this.connection.sendNotification(lsp.ExitNotification.type);
    const code = await this.exit;
    return { code, survivors: await survivorsOf(this.mark) };
  }

  /** Ends whatever a failed test left. */
  async close() {
    this.server.stdin.destroy();
    await this.exit;
    bearersOf(this.mark).forEach((pid) => process.kill(Number(pid), 'SIGKILL'));
    this.connection.dispose();
    fs.rmSync(this.home, { recursive: true, force: true });
  }
}

module.exports = { Session };
