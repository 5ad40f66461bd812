//! DAV:mkcol-response and CALDAV:mkcalendar-response (RFC 5689 3, RFC 4791 9.3).

use super::condition::ErrorBody;
use super::read::Propstat;
use super::status;
use crate::error::Result;
use crate::name::{Name, dav};
use crate::request::Make;
use crate::xml::{self, Limits, Writer};

/// Why a collection was not made, property by property; or, rarely, what became of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MkcolResponse {
    /// Groups of properties with the same fate.
    pub propstats: Vec<Propstat>,
}

impl MkcolResponse {
    /// Properties refused with their status and condition, and the others, which failed with them (424).
    pub fn refused(status: u16, refused: Vec<Name>, error: ErrorBody, others: Vec<Name>) -> Self {
        let mut propstats = vec![Propstat::of(status, refused)];
        propstats.iter_mut().for_each(|propstat| propstat.error = Some(error.clone()));
        if !others.is_empty() {
            propstats.push(Propstat::of(424, others));
        }
        MkcolResponse { propstats }
    }

    /// Writes the body.
    pub fn write(&self, make: Make, out: &mut Vec<u8>) {
        let root = make.response();
        let mut w = Writer::new(out);
        w.root(&root);
        for propstat in &self.propstats {
            w.nest(&dav::PROPSTAT, |w| {
                w.nest(&dav::PROP, |w| propstat.props.iter().for_each(|prop| w.element(prop)));
                let mut line = Vec::new();
                status::write_line(&mut line, propstat.status);
                w.nest(&dav::STATUS, |w| w.raw(&line));
                if let Some(error) = &propstat.error {
                    w.nest(&dav::ERROR, |w| error.conditions.iter().for_each(|condition| condition.write(w)));
                }
                if let Some(text) = &propstat.description {
                    w.leaf(&dav::RESPONSEDESCRIPTION, text);
                }
            });
        }
        w.close(&root);
    }

    /// Reads a body.
    pub fn parse(make: Make, body: &[u8], limits: &Limits) -> Result<Self> {
        let root = xml::parse(body, limits)?;
        if root.name != make.response() {
            return Err(root.malformed(format!("expected a {} body, found {}", make.response(), root.name)));
        }
        let propstats = root.children().filter(|child| child.name == dav::PROPSTAT);
        Ok(MkcolResponse { propstats: propstats.map(Propstat::read).collect::<Result<_>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Condition;

    #[test]
    fn refusals_go_there_and_back() {
        let error =
            ErrorBody { conditions: vec![Condition::Bare(dav::VALID_RESOURCETYPE)], description: None };
        let answer = MkcolResponse::refused(403, vec![dav::RESOURCETYPE], error, vec![dav::DISPLAYNAME]);
        for make in [Make::Collection, Make::Calendar] {
            let mut out = Vec::new();
            answer.write(make, &mut out);
            assert_eq!(MkcolResponse::parse(make, &out, &Limits::default()), Ok(answer.clone()));
        }
        assert_eq!(answer.propstats.iter().map(|p| p.status).collect::<Vec<_>>(), [403, 424]);
    }
}
