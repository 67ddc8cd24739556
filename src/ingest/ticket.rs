//! How the outcome of a commit travels from the writer's thread back to whoever waits for it.
//!
//! A commit ends many waits at once. Waking a task of another thread costs a system call when that
//! thread sleeps, waking one of the own thread costs next to nothing: so the writer wakes one
//! waiter per thread, and hands it the baton with the wakers of its neighbours. The baton wakes
//! them when it is dropped, and it is always dropped: by the waiter that finds it, or with the
//! slot of a waiter that has gone away.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::ThreadId;

use super::NotDurable;
use crate::store::Outcome;

/// What became of one entry.
pub(super) type Answer = Result<Outcome, NotDurable>;

/// Both ends of a wait: the writer's and the waiter's.
pub(super) fn pair() -> (Reply, Ticket) {
    let slot = Arc::new(Slot::default());
    (Reply(Some(Arc::clone(&slot))), Ticket(slot))
}

#[derive(Debug, Default)]
struct Slot(Mutex<Inside>);

#[derive(Debug, Default)]
struct Inside {
    answer: Option<Answer>,
    waiter: Option<(ThreadId, Waker)>,
    baton: Option<Baton>,
}

impl Slot {
    /// A panic cannot happen while the lock is held, so a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn settle(&self, answer: Answer) -> Option<(ThreadId, Waker)> {
        let mut inside = self.lock();
        inside.answer = Some(answer);
        inside.waiter.take()
    }
}

/// Wakers of one thread's waiters; wakes them when dropped.
#[derive(Debug)]
struct Baton(Vec<Waker>);

impl Drop for Baton {
    fn drop(&mut self) {
        for waker in self.0.drain(..) {
            waker.wake();
        }
    }
}

/// The writer's end. Dropped without an answer, it says that the writer is gone.
#[derive(Debug)]
pub(super) struct Reply(Option<Arc<Slot>>);

impl Reply {
    /// Answers the waiters of a whole batch, with one wake-up per thread.
    pub(super) fn answer_all(answers: impl IntoIterator<Item = (Self, Answer)>) {
        let mut threads: Vec<Leader> = Vec::new();
        for (mut reply, answer) in answers {
            let Some(slot) = reply.0.take() else { continue };
            let Some((thread, waker)) = slot.settle(answer) else { continue };
            match threads.iter_mut().find(|leader| leader.thread == thread) {
                Some(leader) => leader.others.push(waker),
                None => threads.push(Leader { thread, slot, waker, others: Vec::new() }),
            }
        }
        for leader in threads {
            if !leader.others.is_empty() {
                leader.slot.lock().baton = Some(Baton(leader.others));
            }
            leader.waker.wake();
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if let Some(slot) = self.0.take()
            && let Some((_, waker)) = slot.settle(Err(NotDurable::WriterGone))
        {
            waker.wake();
        }
    }
}

struct Leader {
    thread: ThreadId,
    slot: Arc<Slot>,
    waker: Waker,
    others: Vec<Waker>,
}

/// The waiter's end: a future of the answer. Dropping it changes nothing for the entry.
#[derive(Debug)]
pub(super) struct Ticket(Arc<Slot>);

impl Future for Ticket {
    type Output = Answer;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        let mut inside = self.0.lock();
        // Dropped after the lock, because it wakes others.
        let baton = inside.baton.take();
        let poll = inside.answer.map_or(Poll::Pending, Poll::Ready);
        if poll.is_pending() {
            let thread = std::thread::current().id();
            match &mut inside.waiter {
                Some((known, waker)) if *known == thread => waker.clone_from(context.waker()),
                waiter => *waiter = Some((thread, context.waker().clone())),
            }
        }
        drop(inside);
        drop(baton);
        poll
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    #[derive(Debug, Default)]
    struct Bell(AtomicUsize);

    impl Wake for Bell {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    impl Bell {
        fn rung(&self) -> usize {
            self.0.load(Ordering::SeqCst)
        }
    }

    struct Waiting {
        ticket: Ticket,
        bell: Arc<Bell>,
    }

    impl Waiting {
        fn poll(&mut self) -> Poll<Answer> {
            let waker = Waker::from(Arc::clone(&self.bell));
            Pin::new(&mut self.ticket).poll(&mut Context::from_waker(&waker))
        }
    }

    fn waiting(number: usize) -> (Vec<Reply>, Vec<Waiting>) {
        let pairs = (0..number).map(|_| {
            let (reply, ticket) = pair();
            let mut waiting = Waiting { ticket, bell: Arc::default() };
            assert!(waiting.poll().is_pending());
            (reply, waiting)
        });
        pairs.unzip()
    }

    fn stored(replies: Vec<Reply>) -> impl Iterator<Item = (Reply, Answer)> {
        replies.into_iter().map(|reply| (reply, Ok(Outcome::New)))
    }

    fn rung(waiters: &[Waiting]) -> Vec<usize> {
        waiters.iter().map(|waiting| waiting.bell.rung()).collect()
    }

    #[test]
    fn one_waiter_of_a_thread_is_woken_and_wakes_its_neighbours() {
        let (replies, mut waiters) = waiting(3);
        Reply::answer_all(stored(replies));
        assert_eq!(rung(&waiters), [1, 0, 0]);

        assert_eq!(waiters[0].poll(), Poll::Ready(Ok(Outcome::New)));
        assert_eq!(rung(&waiters), [1, 1, 1]);
        assert_eq!(waiters[2].poll(), Poll::Ready(Ok(Outcome::New)));
    }

    #[test]
    fn a_leader_that_has_gone_away_before_the_commit_still_wakes_its_neighbours() {
        let (replies, mut waiters) = waiting(3);
        let bell = Arc::clone(&waiters[0].bell);
        waiters.remove(0);
        Reply::answer_all(stored(replies));
        assert_eq!((bell.rung(), rung(&waiters)), (1, vec![1, 1]));
    }

    #[test]
    fn a_leader_that_goes_away_instead_of_looking_wakes_its_neighbours() {
        let (replies, mut waiters) = waiting(3);
        Reply::answer_all(stored(replies));
        waiters.remove(0);
        assert_eq!(rung(&waiters), [1, 1]);
    }

    #[test]
    fn waiters_of_different_threads_are_woken_each() {
        let (mut replies, mut waiters) = waiting(1);
        let other = std::thread::spawn(|| waiting(1)).join().unwrap();
        replies.extend(other.0);
        waiters.extend(other.1);
        Reply::answer_all(stored(replies));
        assert_eq!(rung(&waiters), [1, 1]);
    }

    #[test]
    fn a_dropped_reply_says_that_the_writer_is_gone() {
        let (replies, mut waiters) = waiting(1);
        drop(replies);
        assert_eq!(rung(&waiters), [1]);
        assert_eq!(waiters[0].poll(), Poll::Ready(Err(NotDurable::WriterGone)));
    }
}
