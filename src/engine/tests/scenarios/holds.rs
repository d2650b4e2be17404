//! Stories of product.md 2.4: holds.

use super::*;

const TTL: Duration = Duration::from_secs(60);

fn hold(world: &mut World, number: u64) -> Vec<Effect> {
    world.send(Event::HoldRequested { hold: HoldId(number), ttl: TTL })
}

fn release(world: &mut World, number: u64) -> Vec<Effect> {
    world.send(Event::ReleaseRequested { hold: Some(HoldId(number)) })
}

#[test]
fn a_hold_collects_from_every_source_and_ends_in_one_trip() {
    let mut world = World::ready(Policy::default());
    hold(&mut world, 1);
    assert_eq!(world.save("api", "/p/a.go"), vec![]);
    assert_eq!(world.disk("api", "/p/b.go"), vec![]);
    assert_eq!(world.send(auto_save("/p/c.go")), vec![]);
    let status = world.status("api");
    assert_eq!((status.state, status.message.as_str()), (State::Paused, "held; 3 changes collected"));
    let waiting = status.waiting.unwrap();
    assert_eq!((waiting.why, waiting.until), (Why::Hold, Some(world.now.after(TTL))));
    assert_eq!(starts_build(&release(&mut world, 1)), Some(Generation(2)));
    assert_eq!(world.status("api").trigger.unwrap().count, 3);
}

#[test]
fn a_hold_ends_by_itself() {
    let mut world = World::ready(Policy::default());
    hold(&mut world, 1);
    world.save("api", "/p/a.go");
    assert_eq!(world.engine.deadline(), Some(world.now.after(TTL)));
    world.wait();
    assert_eq!(world.status("api").state, State::Building);
}

#[test]
fn the_trip_is_made_when_the_last_hold_ends() {
    let mut world = World::ready(Policy::default());
    hold(&mut world, 1);
    world.save("api", "/p/a.go");
    world.pass(30 * 1000 * MS);
    hold(&mut world, 2);
    assert_eq!(release(&mut world, 1), vec![]);
    assert_eq!(release(&mut world, 1), vec![], "twice is once");
    assert_eq!(world.status("api").waiting.unwrap().until, Some(world.now.after(TTL)));
    assert!(starts_build(&release(&mut world, 2)).is_some());
}

#[test]
fn whoever_holds_again_holds_for_longer_but_for_no_more_than_an_hour() {
    let mut world = World::ready(Policy::default());
    hold(&mut world, 1);
    world.pass(40 * 1000 * MS);
    hold(&mut world, 1);
    assert_eq!(world.engine.deadline(), Some(world.now.after(TTL)));
    world.send(Event::HoldRequested { hold: HoldId(1), ttl: HOLD_LIMIT * 2 });
    assert_eq!(world.engine.deadline(), Some(world.now.after(HOLD_LIMIT)));
}

#[test]
fn a_person_need_not_wait_for_the_end_of_a_hold() {
    let mut world = World::ready(Policy::default());
    hold(&mut world, 1);
    world.save("api", "/p/a.go");
    assert!(starts_build(&world.ask("api", Request::Build)).is_some());
    let mut world = World::ready(Policy::default());
    hold(&mut world, 1);
    world.save("api", "/p/a.go");
    assert!(starts_build(&world.ask("api", Request::Resume)).is_some(), "resume ends every hold");
}

#[test]
fn what_is_paused_stays_so_when_a_hold_ends() {
    let mut world = World::ready(Policy::default());
    world.ask("api", Request::Pause);
    hold(&mut world, 1);
    world.save("api", "/p/a.go");
    assert_eq!(world.status("api").waiting.unwrap().until, None);
    assert_eq!(release(&mut world, 1), vec![]);
    assert_eq!(world.status("api").message, "paused; 1 change collected");
}

#[test]
fn a_build_that_is_under_way_goes_on_during_a_hold() {
    let mut world = World::ready(Policy::default());
    world.save("api", "/p/a.go");
    hold(&mut world, 1);
    assert_eq!(world.save("api", "/p/b.go"), vec![]);
    assert_eq!(starts_run(&world.build_passes("api")), None);
    assert_eq!(starts_run(&world.exits("api", Exit::Signal(15))), Some(Generation(2)));
    assert!(starts_build(&release(&mut world, 1)).is_some());
}
