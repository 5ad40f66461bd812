//! Several reads as one consistent view.

use crate::postgres::fault::Trouble;
use crate::postgres::pool::{Loan, Readers};
use crate::postgres::session::Line;
use crate::sql::postgres;
use kontor_model::Result;
use std::sync::Arc;

/// What is found in one view. Where views are serializable, one can meet a write and be undone: then it is taken again,
/// from its start. A macro, for what is asked borrows from around it, and may be asked in any thread.
macro_rules! viewed {
    ($readers:expr, |$line:ident| $ask:expr) => {{
        let mut attempts = 0;
        loop {
            let mut view = $crate::postgres::read::View::begin($readers).await?;
            let $line = &mut view.line;
            let answer = $ask.await;
            attempts += 1;
            let again = view.is_undone() && attempts < $crate::postgres::read::ATTEMPTS;
            let answer = view.end(answer);
            if !again {
                break answer;
            }
        }
    }};
}
pub(in crate::postgres) use viewed;

/// How often a view is taken that meets writes.
pub(in crate::postgres) const ATTEMPTS: u32 = 8;

/// A transaction that only reads, on a connection of its own.
pub(in crate::postgres) struct View {
    loan: Loan,
    pub(in crate::postgres) line: Line,
}

impl View {
    /// Begins one; what is seen is settled by its first read.
    pub(in crate::postgres) async fn begin(readers: &Arc<Readers>) -> Result<Self> {
        let loan = readers.lend().await?;
        let mut line = Line::new(Arc::clone(&loan.session));
        line.plain(postgres::BEGIN_VIEW).await?;
        Ok(Self { loan, line })
    }

    /// Whether the database undid it, because it met a write.
    pub(in crate::postgres) fn is_undone(&self) -> bool {
        matches!(self.line.trouble, Some(Trouble::Retry(_)))
    }

    /// Ends it and hands the answer on.
    pub(in crate::postgres) fn end<T>(mut self, answer: Result<T>) -> Result<T> {
        if self.line.trouble != Some(Trouble::Lost) {
            // Nobody waits for the answer: whatever comes next on this connection comes after it.
            self.line.over();
            self.loan.back();
        }
        answer
    }
}
