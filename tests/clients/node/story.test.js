// The story of every demo project, told by Microsoft's own client library: save, break, repair, leave.
// Run by tests/run; by hand: NODE_PATH=target/test-tools/node/node_modules node --test tests/clients/node/
'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { Session } = require('./session.js');

const stories = JSON.parse(fs.readFileSync(path.join(__dirname, '..', 'stories.json'), 'utf8'));

const missing = (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0;

/** What a diagnostic must be, exactly; the message only in part, as compilers reword it. */
function assertShows(diagnostics, broken) {
  const [start, end] = broken['utf-16'];
  assert.equal(diagnostics.length, 1, JSON.stringify(diagnostics));
  const [{ range, severity, source, message }] = diagnostics;
  assert.deepEqual(range, {
    start: { line: broken.line, character: start },
    end: { line: broken.line, character: end },
  });
  assert.equal(severity, 1);
  assert.equal(source, broken.source);
  assert.ok(message.includes(broken.message), message);
}

/** Saves the broken text, waits for the verdict, and looks at who answers meanwhile. */
async function assertBreaks(session, story, broken, text, run) {
  const state = story.oldVersionServesOn ? 'buildFailed' : 'crashed';
  await session.save(story.file, text.replace(broken.find, broken.put));
  await session.until(`"${broken.message}" is shown, in state ${state}`, () => {
    const isShown = session.diagnosticsOf(story.file).some(({ message }) => message.includes(broken.message));
    return isShown && session.service().state === state;
  });
  assertShows(session.diagnosticsOf(story.file), broken);
  const service = session.service();
  if (story.oldVersionServesOn) {
    assert.equal(service.stale, true, 'what runs is older than the newest source');
    assert.equal(service.run.id, run, 'the old run was not touched');
    assert.equal(service.build.errors, 1);
    assert.equal(await session.answer(), 'hello, two');
  } else {
    assert.ok(service.run?.phase !== 'ready', 'a crashed run is not ready');
    assert.equal(await session.answer(), null, 'stop-first: the old run was stopped before the new one crashed');
  }
}

for (const story of stories) {
  const lacking = story.needs.filter(missing);
  const skip = lacking.length > 0 && `not installed: ${lacking.join(', ')}`;
  test(`the ${story.project} project is built, reloaded, diagnosed and left clean`, { skip }, async (t) => {
    const session = await Session.open(story.project);
    t.after(() => session.close());
    const original = fs.readFileSync(path.join(session.root, story.file), 'utf8');
    const two = original.replace('hello, one', 'hello, two');

    const { capabilities } = await session.initialize();
    assert.equal(capabilities.positionEncoding ?? 'utf-16', 'utf-16', 'nothing else was offered');
    const { save, ...rest } = capabilities.textDocumentSync;
    assert.deepEqual(rest, { openClose: false, change: 0, willSave: true }, 'only saves are of interest');
    assert.ok(save && !save.includeText, 'the text is read from the disk');
    let run = await session.ready(0);
    assert.equal(await session.answer(), 'hello, one');

    await session.save(story.file, two);
    run = await session.ready(run);
    assert.equal(await session.answer(), 'hello, two');

    for (const broken of story.broken) {
      assert.ok(two.includes(broken.find), `the story no longer fits the project: ${broken.find}`);
      await assertBreaks(session, story, broken, two, run);
    }

    await session.save(story.file, original.replace('hello, one', 'hello, three'));
    await session.ready(run);
    assert.equal(await session.answer(), 'hello, three');
    await session.until('the diagnostics are gone', () => session.diagnosticsOf(story.file).length === 0);

    assert.deepEqual(await session.shutdown(), { code: 0, survivors: [] });
    assert.equal(await session.answer(), null);
  });
}
