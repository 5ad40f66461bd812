//! Several reads as one consistent view.

use crate::postgres::fault::Trouble;
use crate::postgres::pool::{Loan, Readers};
use crate::postgres::session::Line;
use crate::sql::postgres;
use kontor_model::Result;
use std::sync::Arc;

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
