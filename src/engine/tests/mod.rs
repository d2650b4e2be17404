//! Tests of the engine, without a clock.
