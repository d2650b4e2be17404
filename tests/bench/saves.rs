//! What a save costs beyond the build: one after the other, through the editor and through the disk. Called by `main`.

use std::io;
use std::time::{Duration, SystemTime};

use crate::client::{Client, generation};
use crate::execs::Execs;
use crate::figures::{Row, Times};
use crate::project::{Project, stamp};

/// Saves before those that count: the first ones read the program and its libraries from the disk.
const WARM_UP: usize = 5;
/// What a change on the disk waits for quiet.
pub(crate) const SETTLE: Duration = Duration::from_millis(50);

/// So long after a start what is written may be the service's own (product.md 2.9), and is looked at longer. With some room.
pub(crate) const OWN_TIME: Duration = Duration::from_millis(300);

/// The times of one save.
struct Trip {
    /// To the execution of the build's program.
    to_exec: Duration,
    /// To the first act of the build.
    to_build: Duration,
    to_run: Duration,
    /// All that is neither build nor stop nor the start of the service, looked at from outside.
    own: Duration,
    /// The same by the program's own account.
    told: Duration,
    /// The service said that it is ready → the client was told.
    to_client: Duration,
}

/// `saves` saves of the editor, each after the last one is ready.
pub(crate) fn through_the_editor(saves: usize) -> io::Result<Vec<Row>> {
    let trips = trips(saves, |project, client, content| {
        project.write(content)?;
        client.saved(&project.source())
    })?;
    let times = |of: fn(&Trip) -> Duration| Times::new(trips.iter().map(of).collect());
    let (to_build, own) = (times(|trip| trip.to_build), times(|trip| trip.own));
    let ms = Duration::from_millis;
    let (to_exec, [exec, act]) = (times(|trip| trip.to_exec), by_hand(saves)?);
    Ok(vec![
        Row::time("save → build process spawned, p50", to_exec.percentile(50), ms(1)),
        Row::time("save → build process spawned, p99", to_exec.percentile(99), ms(5)),
        Row::told("save → build process spawned", to_exec.summary()),
        Row::told("the benchmark alone → the same process spawned", exec.summary()),
        Row::told("save → first act of the build process", to_build.summary()),
        Row::told("the benchmark alone → first act of the same process", act.summary()),
        Row::told("save → new run spawned (build and stop included)", times(|trip| trip.to_run).summary()),
        Row::time("neither build nor stop nor service start, p99", own.percentile(99), ms(10)),
        Row::told("neither build nor stop nor service start", own.summary()),
        Row::told("the same by `lastReload`", times(|trip| trip.told).summary()),
        Row::told("service says ready → client knows", times(|trip| trip.to_client).summary()),
    ])
}

/// The same for a spawn by the benchmark alone: what no program can save.
fn by_hand(times: usize) -> io::Result<[Times; 2]> {
    let project = Project::new(0)?;
    let execs = Execs::of(&stamp()?)?;
    let (mut to_exec, mut to_act) = (Vec::with_capacity(times), Vec::with_capacity(times));
    for number in 0..times {
        let content = format!("spawn{number}");
        project.write(&content)?;
        let before = SystemTime::now();
        project.build_by_hand()?;
        to_exec.push(since(execs.first_after(before)?, before));
        to_act.push(since(project.start(&content, true)?.began, before));
    }
    Ok([Times::new(to_exec), Times::new(to_act)])
}

/// `saves` atomic replacements that no editor tells of.
pub(crate) fn through_the_disk(saves: usize) -> io::Result<Vec<Row>> {
    let trips = trips(saves, |project, client, content| {
        client.idle(OWN_TIME)?;
        let before = SystemTime::now();
        project.replace(content)?;
        Ok(before)
    })?;
    let to_exec = Times::new(trips.iter().map(|trip| trip.to_exec).collect());
    let budget = SETTLE + Duration::from_millis(10);
    Ok(vec![
        Row::time("atomic replace on disk → build process spawned, p99", to_exec.percentile(99), budget),
        Row::told("atomic replace on disk → build process spawned", to_exec.summary()),
    ])
}

fn trips(
    saves: usize,
    mut save: impl FnMut(&Project, &mut Client, &str) -> io::Result<SystemTime>,
) -> io::Result<Vec<Trip>> {
    let project = Project::new(0)?;
    let (mut client, _) = Client::open(&project)?;
    let mut last = client.ready()?;
    let execs = Execs::of(&stamp()?)?;
    let mut trips = Vec::with_capacity(saves);
    for number in 1..=WARM_UP + saves {
        let content = number.to_string();
        let told = save(&project, &mut client, &content)?;
        let status = client.reloaded(last)?;
        last = generation(&status);
        let build = project.start(&content, true)?;
        let run = project.start(&content, false)?;
        let reload = &status.message["params"]["services"][0]["lastReload"];
        let part = |name: &str| Duration::from_secs_f64(reload[name].as_f64().unwrap_or(0.0) / 1_000.0);
        let between = since(run.began, build.ready);
        if number > WARM_UP {
            trips.push(Trip {
                to_exec: since(execs.first_after(told)?, told),
                to_build: since(build.began, told),
                to_run: since(run.began, told),
                own: since(build.began, told) + between.saturating_sub(part("stopMs")),
                told: part("totalMs").saturating_sub(part("buildMs") + part("stopMs") + part("readyMs")),
                to_client: since(status.at, run.ready),
            });
        }
    }
    client.close()?;
    Ok(trips)
}

/// Zero if the clock was set back in between.
pub(crate) fn since(later: SystemTime, earlier: SystemTime) -> Duration {
    later.duration_since(earlier).unwrap_or_default()
}
