//! Sets up tracing: to stderr or a file, never to stdout, which is the LSP wire.
