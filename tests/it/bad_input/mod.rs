//! Everything that people, disks and editors get wrong: it is named with its remedy where it is seen, and reload-lsp goes on
//! as soon as it is mended, without being started again.

mod commands;
mod configuration;
mod disk;
mod garbage;
mod waiting;
