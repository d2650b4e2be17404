//! Nothing survives the death of the supervisor, however sudden.
