//! Every error answer: status, body, and what is said in the log. Bodies are constant, but for
//! questions about numbers, whose mistakes are named. Nothing of a request is ever echoed, no
//! answer is a redirect, and no answer tells a cause to a stranger.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use serde_json::json;

use crate::ingest::{NotDurable, ReceiveError};
use crate::proof::Refusal;
use crate::scoreboard::AskError;

/// Seconds after which a sender that listens to `Retry-After` may try again; GitLab does not.
const RETRY_AFTER_SECONDS: &str = "10";

/// Why a request was not answered with success.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    /// 401: proof of origin missing or wrong; the answer is the same for every cause.
    #[error("proof refused: {}", .0.reason())]
    Proof(Refusal),
    /// 404: no such page.
    #[error("no such page")]
    NotFound,
    /// 405: not with this method, but with these.
    #[error("method not allowed")]
    Method(&'static str),
    /// 408: the body came too slowly.
    #[error("body too slow")]
    Stalled,
    /// 413: the body is larger than any that GitLab sends.
    #[error("body too large")]
    TooLarge,
    /// 415: the body is encoded; nothing is decompressed for a stranger.
    #[error("body is encoded")]
    Encoded,
    /// 400: the body broke off or its framing is wrong.
    #[error("body broken")]
    Broken,
    /// 503: no memory for the body until the deadline.
    #[error("no room for the body until the deadline")]
    NoRoom,
    /// 503: not durable in time.
    #[error("delivery not durable: {0}")]
    NotDurable(NotDurable),
    /// 422: a question that cannot be answered; what is said of it repeats nothing of it.
    #[error("question cannot be answered: {0}")]
    Question(String),
    /// 404: a question about somebody who is not known.
    #[error("question about nobody known: {0}")]
    Unknown(String),
    /// 400 or 404: a question in GitLab's words, refused in its words.
    #[error("refused as GitLab does: {1}")]
    AsGitlab(StatusCode, String),
    /// 503: the owner of the history has no time for the question.
    #[error("question not answered: {0}")]
    Unanswered(AskError),
    /// 503: a handler panicked, which is a defect. Nothing was acknowledged.
    #[error("a handler panicked")]
    Defect,
}

impl Problem {
    /// The reason under which a refused delivery is counted.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Proof(refusal) => refusal.reason(),
            Self::NotFound
            | Self::Question(_)
            | Self::Unknown(_)
            | Self::AsGitlab(..)
            | Self::Unanswered(_)
            | Self::Defect => "other",
            Self::Method(_) => "method",
            Self::Stalled => "stalled",
            Self::TooLarge => "too_large",
            Self::Encoded => "encoding",
            Self::Broken => "malformed",
            Self::NoRoom => "no_room",
            Self::NotDurable(reason) => reason.reason(),
        }
    }

    const fn parts(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Proof(_) => (StatusCode::UNAUTHORIZED, r#"{"error":"unauthorized"}"#),
            Self::NotFound => (StatusCode::NOT_FOUND, r#"{"error":"not found"}"#),
            Self::Method(_) => {
                (StatusCode::METHOD_NOT_ALLOWED, r#"{"error":"method not allowed"}"#)
            }
            Self::Stalled => (StatusCode::REQUEST_TIMEOUT, r#"{"error":"body too slow"}"#),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, r#"{"error":"body too large"}"#),
            Self::Encoded => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, r#"{"error":"content encoding not accepted"}"#)
            }
            Self::Broken => (StatusCode::BAD_REQUEST, r#"{"error":"broken body"}"#),
            Self::Question(_) => {
                (StatusCode::UNPROCESSABLE_ENTITY, r#"{"error":"no such question"}"#)
            }
            Self::Unknown(_) => (StatusCode::NOT_FOUND, r#"{"error":"not known"}"#),
            Self::AsGitlab(status, _) => (*status, r#"{"message":"refused"}"#),
            Self::Unanswered(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, r#"{"error":"not answered, try again"}"#)
            }
            Self::NoRoom | Self::NotDurable(_) | Self::Defect => {
                (StatusCode::SERVICE_UNAVAILABLE, r#"{"error":"not stored, try again"}"#)
            }
        }
    }

    /// Whoever asks for an explanation is told what is wrong with the question.
    fn body(&self) -> String {
        match self {
            Self::Question(detail) | Self::Unknown(detail) => {
                json!({ "error": detail }).to_string()
            }
            Self::AsGitlab(_, body) => body.clone(),
            _ => self.parts().1.to_owned(),
        }
    }

    /// Whether the answer may leave before the body was read, so that the connection must end.
    const fn is_early(&self) -> bool {
        !matches!(
            self,
            Self::NotFound
                | Self::NotDurable(_)
                | Self::Question(_)
                | Self::Unknown(_)
                | Self::AsGitlab(..)
                | Self::Unanswered(_)
        )
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.parts().0
    }

    fn error_response(&self) -> HttpResponse {
        let (status, _) = self.parts();
        let mut answer = HttpResponseBuilder::new(status);
        answer.insert_header((header::CONTENT_TYPE, "application/json"));
        match self {
            Self::NoRoom | Self::NotDurable(_) | Self::Unanswered(_) | Self::Defect => {
                answer.insert_header((header::RETRY_AFTER, RETRY_AFTER_SECONDS));
            }
            Self::Proof(_) => {
                answer.insert_header((header::WWW_AUTHENTICATE, "Webhook"));
            }
            Self::Method(allowed) => {
                answer.insert_header((header::ALLOW, *allowed));
            }
            _ => {}
        }
        if self.is_early() {
            answer.force_close();
        }
        answer.body(self.body())
    }
}

impl From<ReceiveError> for Problem {
    fn from(error: ReceiveError) -> Self {
        match error {
            ReceiveError::Refused(refusal) => Self::Proof(refusal),
            ReceiveError::NotDurable(reason) => Self::NotDurable(reason),
        }
    }
}
