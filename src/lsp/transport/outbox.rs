//! Everything that goes to the client: one queue, one writer, in the order of sending. Used by all of `lsp`.
//! Does not know: what the messages say.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};

use super::frame;

/// So many messages of workers may wait for a client that does not read.
const ROOM: usize = 8;
/// While so many bytes wait for a client that does not read, nothing more is read from it.
const CROWDED: usize = 8 * 1024 * 1024;

struct Item {
    body: Vec<u8>,
    // Given back when the message is written.
    _permit: Option<OwnedSemaphorePermit>,
}

/// The right to send one message of a worker. Whoever holds none has newer news to wait for.
#[derive(Debug)]
pub struct Room(OwnedSemaphorePermit);

/// The queue of messages to the client. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Outbox {
    queue: mpsc::UnboundedSender<Item>,
    room: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    written: Arc<Notify>,
}

/// The other end of the queue.
#[derive(Debug)]
pub struct Writer {
    queue: mpsc::UnboundedReceiver<Item>,
    waiting: Arc<AtomicUsize>,
    written: Arc<Notify>,
}

/// A queue and its writer.
pub fn outbox() -> (Outbox, Writer) {
    let (queue, items) = mpsc::unbounded_channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    let written = Arc::new(Notify::new());
    let room = Arc::new(Semaphore::new(ROOM));
    (
        Outbox { queue, room, waiting: waiting.clone(), written: written.clone() },
        Writer { queue: items, waiting, written },
    )
}

impl Outbox {
    /// Sends a message at once: an answer, or what a handler has to say. Such messages are bounded by what the client asks.
    pub fn send(&self, message: &impl Serialize) {
        self.push(message, None);
    }

    /// Waits until a worker may send. While the client does not read, this waits; what the worker then sends should be
    /// made afterwards, so that it is the newest. Dropping the future is safe. `None` once there is no client any more.
    pub async fn room(&self) -> Option<Room> {
        let permit = self.room.clone().acquire_owned().await.ok()?;
        (!self.queue.is_closed()).then_some(Room(permit))
    }

    /// Sends the message of a worker that waited for room.
    pub fn send_in(&self, room: Room, message: &impl Serialize) {
        self.push(message, Some(room.0));
    }

    /// Waits until so little waits for the client that more may be read from it. Dropping the future is safe.
    pub async fn uncrowded(&self) {
        loop {
            let written = self.written.notified();
            if self.waiting.load(Ordering::Acquire) < CROWDED || self.queue.is_closed() {
                return;
            }
            written.await;
        }
    }

    /// Waits until everything is written, or the client is gone. Dropping the future is safe.
    pub async fn flushed(&self) {
        loop {
            let written = self.written.notified();
            if self.waiting.load(Ordering::Acquire) == 0 || self.queue.is_closed() {
                return;
            }
            written.await;
        }
    }

    fn push(&self, message: &impl Serialize, permit: Option<OwnedSemaphorePermit>) {
        let body = match serde_json::to_vec(message) {
            Ok(body) => body,
            Err(error) => return tracing::error!("a message has no JSON form: {error}"),
        };
        self.waiting.fetch_add(body.len(), Ordering::AcqRel);
        // Nobody to send to: the ending is under way.
        let _ = self.queue.send(Item { body, _permit: permit });
    }
}

impl Writer {
    /// Writes what is sent until nobody can send any more, or the client is gone.
    ///
    /// # Errors
    ///
    /// When the client no longer takes anything.
    pub async fn run(mut self, mut stream: impl AsyncWrite + Unpin) -> std::io::Result<()> {
        let result = self.write_all(&mut stream).await;
        self.queue.close();
        self.written.notify_waiters();
        result
    }

    async fn write_all(&mut self, stream: &mut (impl AsyncWrite + Unpin)) -> std::io::Result<()> {
        while let Some(item) = self.queue.recv().await {
            let length = item.body.len();
            stream.write_all(&frame::encode(&item.body)).await?;
            if self.queue.is_empty() {
                stream.flush().await?;
            }
            drop(item);
            self.waiting.fetch_sub(length, Ordering::AcqRel);
            self.written.notify_waiters();
        }
        stream.flush().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_worker_waits_while_the_client_does_not_read_and_an_answer_does_not() {
        let (outbox, writer) = outbox();
        for n in 0..ROOM {
            outbox.send_in(outbox.room().await.unwrap(), &n);
        }
        assert_eq!(outbox.room.available_permits(), 0);
        outbox.send(&"answer");

        let mut written = Vec::new();
        let sender = outbox.clone();
        let send_one_more = async move { sender.send_in(sender.room().await.unwrap(), &"late") };
        drop(outbox);
        let (result, ()) = tokio::join!(writer.run(&mut written), send_one_more);
        result.unwrap();
        let text = String::from_utf8(written).unwrap();
        assert!(text.contains("\"answer\"") && text.ends_with("\"late\""), "{text}");
    }

    #[tokio::test]
    async fn nobody_waits_for_a_client_that_is_gone() {
        let (outbox, writer) = outbox();
        let (near, far) = tokio::io::duplex(64);
        drop(far);
        outbox.send(&1);
        assert!(writer.run(near).await.is_err());
        outbox.flushed().await;
        assert!(outbox.room().await.is_none());
    }
}
