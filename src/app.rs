//! All wiring on one screen.
