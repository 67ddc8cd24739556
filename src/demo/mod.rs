//! An invented company that sends signed deliveries through the real door.
