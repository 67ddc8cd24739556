//! `POST /webhooks/gitlab`: what is promised to the sender.

mod contents;
mod durability;
mod limits;
mod proof;
mod silence;
