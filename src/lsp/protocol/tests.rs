//! The fixtures are what the types say, and there is one for each method.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::*;

fn fixture(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/protocol").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// Reads a part of a fixture as `T` and writes it again: nothing may be lost, nothing may be made up.
fn round_trip<T: DeserializeOwned + Serialize>(name: &str, part: &str) {
    let value = fixture(name)[part].clone();
    let read: T =
        serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{name} {part}: {error}"));
    assert_eq!(serde_json::to_value(read).unwrap(), value, "{name} {part}");
}

#[test]
fn every_method_has_a_fixture_with_its_name() {
    for method in NOTIFICATIONS.into_iter().chain(REQUESTS) {
        let name = method.strip_prefix("reload/").unwrap();
        assert_eq!(fixture(&format!("{name}.json"))["method"], method);
    }
}

#[test]
fn the_fixtures_are_what_the_types_say() {
    round_trip::<Snapshot>("status.json", "params");
    round_trip::<Log>("log.json", "params");
    round_trip::<Target>("getStatus.json", "params");
    round_trip::<Statuses>("getStatus.json", "result");
    for name in ["build", "start", "stop", "pause", "resume"] {
        round_trip::<Target>(&format!("{name}.json"), "params");
        round_trip::<Accepted>(&format!("{name}.json"), "result");
    }
    round_trip::<Restart>("restart.json", "params");
    round_trip::<Accepted>("restart.json", "result");
    round_trip::<Hold>("hold.json", "params");
    round_trip::<Held>("hold.json", "result");
    round_trip::<Release>("release.json", "params");
    round_trip::<Accepted>("release.json", "result");
    round_trip::<GetLog>("getLog.json", "params");
    round_trip::<Lines>("getLog.json", "result");
    round_trip::<Explain>("explain.json", "params");
    round_trip::<Explanation>("explain.json", "result");
    round_trip::<Allow>("allow.json", "params");
    round_trip::<Accepted>("allow.json", "result");
    round_trip::<ErrorData>("error.json", "data");
    round_trip::<OptIn>("optIn.json", "client");
    round_trip::<Offer>("optIn.json", "server");
}

#[test]
fn a_schema_can_be_made_of_every_message() {
    let schema = schemars::schema_for!(Snapshot);
    assert!(schema.to_value()["properties"]["services"].is_object());
}
