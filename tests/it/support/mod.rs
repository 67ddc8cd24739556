//! What several promises are tested with.

mod app;
mod delivery;
pub(crate) mod fake_gitlab;
pub(crate) mod process;
pub(crate) mod proxy;
mod samples;

pub(crate) use app::{Answer, NOON, Plan, TestApp, exchange, wait_until};
pub(crate) use delivery::{Delivery, SECRET_TOKEN, SIGNING_TOKEN, deployment, deployment_hook};
pub(crate) use samples::Samples;
