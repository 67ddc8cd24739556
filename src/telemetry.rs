//! Logs of this process: text or JSON, without secrets or personal data.
