//! Who sent this: proof of origin, and the identity of a delivery.

use bytes::Bytes;

use crate::delivery::InstanceId;

/// A delivery whose proof holds.
#[derive(Debug)]
pub struct Verified {
    /// The source whose credential verified.
    pub source: InstanceId,
    /// The exact bytes.
    pub body: Bytes,
}
