//! `kontor demo`.

use super::Place;
use crate::{Outcome, demo, office, terminal};
use clap::Args;

/// Fill a new data folder with a small demo office of four people
#[derive(Debug, Args)]
#[command(after_help = "Example:
  kontor --data ./kontor-data demo && kontor --data ./kontor-data serve

The passwords are random and told this once; `kontor user password NAME` sets another.")]
pub(crate) struct Demo {}

impl Demo {
    pub(crate) fn run(self, place: &Place) -> Outcome {
        let applied = place.configuration()?.apply()?;
        let people = office::runtime()?.block_on(async {
            let opened = office::open(&place.data, &applied).await.map_err(|why| {
                why.unwrap_or_else(|| format!("a server uses {}: stop it first", place.data.display()))
            })?;
            let made = demo::fill(&opened.office).await;
            office::close(opened).await?;
            made.map_err(crate::Failure::from)
        })?;
        let head = ["NAME", "PASSWORD", "FULL NAME", ""].map(str::to_owned).to_vec();
        let row = |one: &demo::Made| {
            let note = if one.admin { "administrator" } else { "" };
            vec![one.name.into(), one.password.clone(), one.full_name.into(), note.into()]
        };
        terminal::table(&std::iter::once(head).chain(people.iter().map(row)).collect::<Vec<_>>());
        Ok(())
    }
}
