//! The table `environment`.

use super::column::Column;
use super::row::{Cells, Register, Row, Slots, row};
use crate::delivery::{Environment, Timestamp};

row!(Environment { name; tier, seen_at });
