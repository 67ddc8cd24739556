//! Configuration: layers in, settings valid by construction out.
