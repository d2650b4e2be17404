"""The story of every demo project, told by pytest-lsp: save, break, repair, leave.

Run by tests/run; by hand: target/test-tools/python/bin/pytest tests/clients/pytest
"""

import contextlib
import json
import pathlib
import shutil

import pytest
from lsprotocol import types
from session import Session

STORIES = json.loads((pathlib.Path(__file__).parent.parent / "stories.json").read_text())


@contextlib.asynccontextmanager
async def open_session(project):
    session = Session(project)
    await session.open()
    try:
        yield session
    finally:
        await session.close()


def assert_shows(diagnostics, broken):
    """What a diagnostic must be, exactly; the message only in part, as compilers reword it."""
    [diagnostic] = diagnostics
    start, end = broken["utf-8"]
    assert diagnostic.range == types.Range(
        types.Position(broken["line"], start), types.Position(broken["line"], end)
    )
    assert diagnostic.severity == types.DiagnosticSeverity.Error
    assert diagnostic.source == broken["source"]
    assert broken["message"] in diagnostic.message


async def assert_breaks(session, story, broken, text, run):
    """Saves the broken text, waits for the verdict, and looks at who answers meanwhile."""
    state = "buildFailed" if story["oldVersionServesOn"] else "crashed"
    session.save(story["file"], text.replace(broken["find"], broken["put"]))

    def is_judged():
        shown = session.diagnostics_of(story["file"])
        is_shown = any(broken["message"] in diagnostic.message for diagnostic in shown)
        return is_shown and session.service().state == state

    await session.until(f"\"{broken['message']}\" is shown, in state {state}", is_judged)
    assert_shows(session.diagnostics_of(story["file"]), broken)
    service = session.service()
    if story["oldVersionServesOn"]:
        assert service.stale, "what runs is older than the newest source"
        assert service.run.id == run, "the old run was not touched"
        assert service.build.errors == 1
        assert await session.answer() == "hello, two"
    else:
        assert not service.run or service.run.phase != "ready", "a crashed run is not ready"
        assert await session.answer() is None, "stop-first: the old run was stopped before the new one crashed"


@pytest.mark.parametrize("story", STORIES, ids=[story["project"] for story in STORIES])
async def test_a_project_is_built_reloaded_diagnosed_and_left_clean(story):
    if lacking := [program for program in story["needs"] if not shutil.which(program)]:
        pytest.skip(f"not installed: {', '.join(lacking)}")
    async with open_session(story["project"]) as session:
        file = story["file"]
        original = (session.root / file).read_text()
        two = original.replace("hello, one", "hello, two")

        answer = await session.initialize()
        assert answer.capabilities.position_encoding == types.PositionEncodingKind.Utf8
        session.open_document(file)
        run = await session.ready(0)
        assert await session.answer() == "hello, one"

        session.save(file, two)
        run = await session.ready(run)
        assert await session.answer() == "hello, two"

        for broken in story["broken"]:
            assert broken["find"] in two, "the story no longer fits the project"
            await assert_breaks(session, story, broken, two, run)

        session.save(file, original.replace("hello, one", "hello, three"))
        await session.ready(run)
        assert await session.answer() == "hello, three"
        await session.until("the diagnostics are gone", lambda: not session.diagnostics_of(file))

        assert await session.shutdown() == (0, [])
        assert await session.answer() is None
