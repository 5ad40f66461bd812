//! UpdateListItems (MS-LISTSWS 3.1.4.31).

use super::{Request, is_true, listing, text, truth};
use crate::error::{Error, Result};
use crate::row::{BAG, Field, Row};
use crate::soap::{format_code, parse_code};
use crate::xml::{Element, Writer};

/// Writes rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpdateListItems {
    /// GUID or title.
    pub list: String,
    /// What happens to the rest when one fails.
    pub on_error: OnError,
    /// Times are in UTC as ISO 8601, not in the zone of the site.
    pub utc: bool,
    /// What to do, in order.
    pub methods: Vec<Method>,
}

/// What happens to the rest of a batch when one row fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// The rest is not done.
    #[default]
    Return,
    /// The rest is done.
    Continue,
}

/// What to do to one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// The client's name for it.
    pub id: String,
    /// What.
    pub command: Command,
    /// The fields, `ID` among them unless it is new.
    pub fields: Row,
}

/// What can be done to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Makes a row.
    New,
    /// Changes fields.
    Update,
    /// Takes it away.
    Delete,
}

impl Command {
    /// As in messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Update => "Update",
            Self::Delete => "Delete",
        }
    }
}

impl Method {
    /// Number of the row.
    #[must_use]
    pub fn number(&self) -> Option<i64> {
        self.fields.get("ID")?.trim().parse().ok()
    }

    fn read(element: &Element) -> Result<Self> {
        let command = match element.attribute("Cmd") {
            Some("New") => Command::New,
            Some("Update") => Command::Update,
            Some("Delete") => Command::Delete,
            _ => {
                return Err(Error::malformed(
                    element.line,
                    "a Method with a Cmd that is not New, Update or Delete",
                ));
            }
        };
        let mut fields = Row::new();
        for field in element.all("Field") {
            let Some(name) = field.attribute("Name") else {
                return Err(Error::malformed(field.line, "a Field without Name"));
            };
            let property = field.attribute("Property").filter(|_| name == BAG);
            // Some clients write the name of a row's attribute.
            let (name, property) = match name.strip_prefix("MetaInfo_") {
                Some(property) => (BAG, Some(property)),
                None => (name, property),
            };
            let property = property.map(|property| property.to_owned().into());
            fields.fields.push(Field {
                name: name.to_owned().into(),
                property,
                value: field.text.clone().into(),
            });
        }
        Ok(Self { id: element.attribute("ID").unwrap_or_default().to_owned(), command, fields })
    }

    fn write(&self, out: &mut Writer) {
        out.open("Method", &[("ID", &self.id), ("Cmd", self.command.word())]);
        for field in &self.fields.fields {
            let mut attributes = vec![("Name", &*field.name)];
            attributes.extend(field.property.as_deref().map(|property| ("Property", property)));
            out.leaf_with("Field", &attributes, &field.value);
        }
        out.close("Method");
    }
}

impl Request for UpdateListItems {
    const NAME: &'static str = "UpdateListItems";

    fn read(element: &Element) -> Result<Self> {
        let batch = element.required("updates")?.required("Batch")?;
        let on_error = match batch.attribute("OnError") {
            Some(word) if word.eq_ignore_ascii_case("continue") => OnError::Continue,
            _ => OnError::Return,
        };
        Ok(Self {
            list: text(element, "listName"),
            on_error,
            utc: batch.attribute("DateInUtc").is_some_and(is_true),
            methods: batch.all("Method").map(Method::read).collect::<Result<_>>()?,
        })
    }

    fn write(&self, out: &mut Writer) {
        let on_error = if self.on_error == OnError::Continue { "Continue" } else { "Return" };
        out.leaf("listName", &self.list);
        out.open("updates", &[]);
        let utc = truth(self.utc);
        out.open(
            "Batch",
            &[("xmlns", ""), ("OnError", on_error), ("DateInUtc", utc), ("Properties", "TRUE")],
        );
        self.methods.iter().for_each(|method| method.write(out));
        out.close("Batch");
        out.close("updates");
    }
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The client's name for it.
    pub id: String,
    /// What was asked for.
    pub command: Command,
    /// [`crate::soap::code`].
    pub code: u32,
    /// Why it failed, for people.
    pub text: Option<String>,
    /// The row as it is now.
    pub row: Option<Row>,
}

/// `<Results>`.
pub fn results(out: &mut Writer, outcomes: &[Outcome]) {
    out.open("Results", &[]);
    for outcome in outcomes {
        out.open("Result", &[("ID", &format!("{},{}", outcome.id, outcome.command.word()))]);
        out.leaf("ErrorCode", &format_code(outcome.code));
        if let Some(text) = &outcome.text {
            out.leaf("ErrorText", text);
        } else if outcome.code == 0 && outcome.command == Command::New {
            // SharePoint writes the number of a new row here as well (MS-LISTSWS 3.1.4.31.2.2).
            out.empty("ID", &[]);
            out.empty("Properties", &[]);
        }
        outcome.row.iter().for_each(|row| listing::lone_row(out, row));
        out.close("Result");
    }
    out.close("Results");
}

/// Reads an answer.
///
/// # Errors
/// Malformed.
pub fn read_results(answer: &Element) -> Result<Vec<Outcome>> {
    let results = answer.children.first().map_or(answer, |result| result).required("Results")?;
    results.all("Result").map(read_result).collect()
}

fn read_result(element: &Element) -> Result<Outcome> {
    let wrong = || Error::malformed(element.line, "a Result that is not what it should be");
    let (id, command) = element.attribute("ID").and_then(|id| id.rsplit_once(',')).ok_or_else(wrong)?;
    let commands = [Command::New, Command::Update, Command::Delete];
    Ok(Outcome {
        id: id.to_owned(),
        command: commands.into_iter().find(|one| one.word() == command).ok_or_else(wrong)?,
        code: element.value("ErrorCode").and_then(parse_code).ok_or_else(wrong)?,
        text: element.value("ErrorText").map(str::to_owned),
        row: element.child("row").map(listing::read_row),
    })
}
