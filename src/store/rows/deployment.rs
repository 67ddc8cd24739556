//! The table `deployment`; one without an end is open.

use super::column::Column;
use super::row::{Cells, Register, Row, Slots, row};
use crate::delivery::register::Progress;
use crate::delivery::{Deployment, Timestamp};

row!(
    Deployment {
        id;
        environment, sha, ref_name, job, status, started_at, succeeded_at, rejected
    }
    open(own) own.status.state().is_some_and(|status| !status.is_end())
);
