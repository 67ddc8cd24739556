//! Every French and English phrase that a person reads.
