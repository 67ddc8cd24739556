//! Who sent this: proof of origin, and the identity of a delivery.
