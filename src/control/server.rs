//! Serves the socket: takes connections of ours, reads lines, answers each. One task for each connection, so that a client
//! that does not read holds up nobody. Called by `control`. Does not know: what the calls mean.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::answer::{self, bad_call};
use super::place::{self, Seat, Taken};
use super::protocol::{Answer, Failure, LINE, Outcome};
use crate::session::Handle;

/// So many clients at a time.
const CLIENTS: usize = 64;
/// A client that takes nothing for so long is gone.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves a session until it ends. Who is second for a root waits for the first to end.
pub(super) fn spawn(root: PathBuf, session: Handle) {
    #[expect(clippy::disallowed_methods, reason = "the one task of this worker; it ends with the session")]
    tokio::spawn(async move {
        let serving = session.clone();
        tokio::select! {
            () = session.ended() => {}
            () = serve(root, serving) => {}
        }
    });
}

async fn serve(root: PathBuf, session: Handle) {
    loop {
        let root = root.clone();
        let taken = tokio::task::spawn_blocking(move || place::take(&root)).await;
        match taken {
            Ok(Ok(Taken::Ours(seat))) => return listen(seat, &session).await,
            Ok(Ok(Taken::Theirs(other))) => {
                tracing::debug!("another session of this root has the control socket");
                ended(other).await;
            }
            Ok(Err(error)) => {
                return tracing::warn!("there is no control socket for scripts: {error}");
            }
            Err(error) => return tracing::error!("the control socket was not taken: {error}"),
        }
    }
}

/// Waits until the other session closes the connection.
async fn ended(other: std::os::unix::net::UnixStream) {
    let stream = other.set_nonblocking(true).and_then(|()| UnixStream::from_std(other));
    let Ok(mut stream) = stream else { return };
    let _ = stream.read(&mut [0]).await;
}

async fn listen(seat: Seat, session: &Handle) {
    let listener = seat.listener.try_clone().and_then(UnixListener::from_std);
    let listener = match listener {
        Ok(listener) => listener,
        Err(error) => return tracing::warn!("could not listen on the control socket: {error}"),
    };
    let places = Arc::new(Semaphore::new(CLIENTS));
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::debug!("could not take a control connection: {error}");
                // Out of descriptors, most likely: asking again at once would not help.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let is_ours = |peer: tokio::net::unix::UCred| peer.uid() == nix::unistd::geteuid().as_raw();
        if !stream.peer_cred().is_ok_and(is_ours) {
            tracing::warn!("somebody else has tried to use the control socket");
            continue;
        }
        let place = places.clone().try_acquire_owned();
        let session = session.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "one for each connection; it ends with it or the session"
        )]
        tokio::spawn(async move {
            let ending = session.clone();
            tokio::select! {
                () = ending.ended() => {}
                () = converse(stream, &session, place.is_ok()) => {}
            }
            drop(place);
        });
    }
}

/// What came instead of a line.
enum Read {
    Line(Vec<u8>),
    TooLong,
    End,
}

async fn converse(stream: UnixStream, session: &Handle, has_place: bool) {
    let (reader, mut writer) = stream.into_split();
    if !has_place {
        let message = format!("{CLIENTS} clients are connected already (help: close some)");
        let failure = Failure { kind: "busy".to_owned(), message };
        send(&mut writer, None, Outcome::Error(failure)).await;
        return;
    }
    let mut reader = BufReader::new(reader);
    loop {
        match next_line(&mut reader).await {
            Read::End => return,
            Read::TooLong => {
                let failure = bad_call(format!("the line is longer than {LINE} bytes"));
                send(&mut writer, None, Outcome::Error(failure)).await;
                return;
            }
            Read::Line(line) if line.iter().all(u8::is_ascii_whitespace) => {}
            Read::Line(line) => {
                let (id, outcome) = match answer::parse(&line) {
                    Err((id, failure)) => (id, Outcome::Error(failure)),
                    Ok(call) => {
                        let Some(outcome) = answered(&call, session, &mut reader).await else { return };
                        (Some(call.id), outcome)
                    }
                };
                if !send(&mut writer, id, outcome).await {
                    return;
                }
            }
        }
    }
}

/// The outcome of a call; `None` if the client has given up meanwhile.
async fn answered(
    call: &super::protocol::Call,
    session: &Handle,
    reader: &mut BufReader<OwnedReadHalf>,
) -> Option<Outcome> {
    let mut outcome = std::pin::pin!(answer::answer(call, session));
    tokio::select! {
        biased;
        outcome = &mut outcome => Some(outcome),
        more = reader.fill_buf() => match more {
            Ok([]) | Err(_) => None,
            // The next call waits for its turn.
            Ok(_) => Some(outcome.await),
        },
    }
}

async fn next_line(reader: &mut BufReader<OwnedReadHalf>) -> Read {
    let mut line = Vec::new();
    let limit = LINE as u64 + 1;
    match reader.take(limit).read_until(b'\n', &mut line).await {
        Err(_) | Ok(0) => Read::End,
        Ok(_) if line.last() != Some(&b'\n') && line.len() > LINE => Read::TooLong,
        Ok(_) => Read::Line(line),
    }
}

/// False if the client takes nothing any more.
async fn send(writer: &mut OwnedWriteHalf, id: Option<u64>, outcome: Outcome) -> bool {
    let mut text = match serde_json::to_vec(&Answer { id, outcome }) {
        Ok(text) => text,
        Err(error) => {
            tracing::error!("an answer has no JSON form: {error}");
            return false;
        }
    };
    text.push(b'\n');
    matches!(timeout(PATIENCE, writer.write_all(&text)).await, Ok(Ok(())))
}
