//! Thunderbird, headless: the detection of its account wizard, then reading, making, editing and deleting.

use std::time::Duration;

use kontor_e2e::Marionette;
use kontor_testkit::{Client, Server, until};
use serde_json::{Value, json};

use crate::office::{ANNA, CALENDAR, CARDS, STAMP, TASKS, card, component, event};

const BOUND: Duration = Duration::from_secs(30);

/// Runs before each script: modules, the calendar by the end of its address, and bounded waiting.
const BEGIN: &str = r#"
const { cal } = ChromeUtils.importESModule("resource:///modules/calendar/calUtils.sys.mjs");
const { CalEvent } = ChromeUtils.importESModule("resource:///modules/CalEvent.sys.mjs");
const { CalTodo } = ChromeUtils.importESModule("resource:///modules/CalTodo.sys.mjs");
const calendar = end => cal.manager.getCalendars().find(c => c.uri.spec.endsWith(end));
const until = async (what, ready) => {
  for (let i = 0; i < 300; i++) {
    const value = await ready();
    if (value) return value;
    await new Promise(go => setTimeout(go, 100));
  }
  throw new Error(`waited 30 s for ${what}`);
};
"#;

/// A Thunderbird with an account at `server`.
struct Thunderbird(Marionette);

impl Thunderbird {
    #[track_caller]
    fn script(&mut self, body: &str, args: Value) -> Value {
        self.0.script(&format!("{BEGIN}{body}"), args)
    }

    /// What a person does: user name, password, the server's address; then subscribes to all that is found.
    /// Returns the addresses found, sorted.
    fn subscribe(&mut self, server: &Server) -> Vec<String> {
        let found = self.script(
            r#"
            Services.prefs.setBoolPref("signon.rememberSignons", true); // Marionette turns it off
            const detected = await cal.provider.detection.detect(args.user, args.password, args.url, true, [], {});
            await until("the password to be saved", async () => (await Services.logins.getAllLogins()).length);
            const found = [...detected.values()].flat();
            for (const one of found) {
              one.setProperty("cache.enabled", true); // as the wizard's check box does
              cal.manager.registerCalendar(one);
            }
            return found.map(c => c.uri.pathQueryRef);"#,
            json!({"user": ANNA.name, "password": ANNA.password, "url": server.url("/")}),
        );
        let mut found: Vec<String> =
            found.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect();
        found.sort();
        found
    }

    /// Waits until an item has this title (`null`: until it is gone), asking the server again each second.
    #[track_caller]
    fn wait_for(&mut self, calendar: &str, uid: &str, title: Option<&str>) {
        self.script(
            r#"
            let asked = 0;
            await until(`${args.uid} to be ${args.title}`, async () => {
              if (asked++ % 10 == 0) calendar(args.calendar).refresh();
              const item = await calendar(args.calendar).getItem(args.uid);
              return (item?.title ?? null) === args.title;
            });"#,
            json!({"calendar": calendar, "uid": uid, "title": title}),
        );
    }

    #[track_caller]
    fn add_event(&mut self, calendar: &str, lines: &str) {
        let text = format!("BEGIN:VEVENT\r\n{lines}END:VEVENT\r\n");
        let body = "await calendar(args.calendar).addItem(new CalEvent(args.text));";
        self.script(body, json!({"calendar": calendar, "text": text}));
    }

    #[track_caller]
    fn edit_title(&mut self, calendar: &str, uid: &str, title: &str) {
        self.script(
            "const old = await calendar(args.calendar).getItem(args.uid);
             const edited = old.clone();
             edited.title = args.title;
             await calendar(args.calendar).modifyItem(edited, old);",
            json!({"calendar": calendar, "uid": uid, "title": title}),
        );
    }

    #[track_caller]
    fn delete(&mut self, calendar: &str, uid: &str) {
        let body =
            "await calendar(args.calendar).deleteItem(await calendar(args.calendar).getItem(args.uid));";
        self.script(body, json!({"calendar": calendar, "uid": uid}));
    }
}

/// Waits until the server's text of an item holds `part` (`None`: until the item is gone).
#[track_caller]
fn on_server(anna: &Client, path: &str, part: Option<&str>) {
    until(&format!("{path} to hold {part:?}"), BOUND, || match (anna.get(path), part) {
        (None, None) => Some(()),
        (Some(text), Some(part)) => text.contains(part).then_some(()),
        _ => None,
    });
}

#[test]
fn events_are_read_made_edited_and_deleted() {
    let server = Server::start(&[ANNA]);
    let anna = server.client_of(ANNA);
    anna.put(&format!("{CALENDAR}ours.ics"), &event("ours", "20260302T100000Z", "From the server"));
    let mut bird = Thunderbird(Marionette::start());
    let found = bird.subscribe(&server);
    assert_eq!(found, [CALENDAR, TASKS]);

    bird.wait_for(CALENDAR, "ours", Some("From the server"));
    bird.add_event(
        CALENDAR,
        "UID:theirs\r\nDTSTART:20260303T100000Z\r\nDURATION:PT1H\r\nSUMMARY:From Thunderbird\r\n",
    );
    let theirs = format!("{CALENDAR}theirs.ics");
    on_server(&anna, &theirs, Some("SUMMARY:From Thunderbird"));
    bird.edit_title(CALENDAR, "theirs", "Moved to room 2");
    on_server(&anna, &theirs, Some("SUMMARY:Moved to room 2"));
    bird.edit_title(CALENDAR, "ours", "Edited in Thunderbird");
    on_server(&anna, &format!("{CALENDAR}ours.ics"), Some("SUMMARY:Edited in Thunderbird"));

    anna.put(&theirs, &event("theirs", "20260304T100000Z", "Edited on the server"));
    bird.wait_for(CALENDAR, "theirs", Some("Edited on the server"));
    bird.delete(CALENDAR, "theirs");
    on_server(&anna, &theirs, None);
    anna.delete(&format!("{CALENDAR}ours.ics"));
    bird.wait_for(CALENDAR, "ours", None);
    series(&mut bird, &anna);
    tasks(&mut bird, &anna);
    contacts(&mut bird, &server, &anna);
}

/// A weekly meeting of which one occurrence is renamed in Thunderbird.
fn series(bird: &mut Thunderbird, anna: &Client) {
    let lines = "UID:weekly\r\nDTSTART:20260302T090000Z\r\nDTEND:20260302T093000Z\r\nRRULE:FREQ=WEEKLY;COUNT=5\r\nSUMMARY:Weekly\r\n";
    bird.add_event(CALENDAR, lines);
    bird.script(
        r#"
        const series = await calendar(args.calendar).getItem("weekly");
        const third = series.recurrenceInfo.getOccurrenceFor(cal.createDateTime("20260316T090000Z"));
        const renamed = third.clone();
        renamed.title = "Weekly, with guests";
        await calendar(args.calendar).modifyItem(renamed, third);"#,
        json!({"calendar": CALENDAR}),
    );
    let path = format!("{CALENDAR}weekly.ics");
    on_server(anna, &path, Some("SUMMARY:Weekly\\, with guests"));
    on_server(anna, &path, Some("RECURRENCE-ID:20260316T090000Z"));
    let occurrences = bird.script(
        r#"
        const all = Ci.calICalendar.ITEM_FILTER_ALL_ITEMS | Ci.calICalendar.ITEM_FILTER_CLASS_OCCURRENCES;
        const [from, to] = ["20260301T000000Z", "20260401T000000Z"].map(t => cal.createDateTime(t));
        const found = await calendar(args.calendar).getItemsAsArray(all, 0, from, to);
        return found.map(item => item.title);"#,
        json!({"calendar": CALENDAR}),
    );
    let renamed = occurrences.as_array().unwrap().iter().filter(|t| *t == "Weekly, with guests").count();
    assert_eq!((occurrences.as_array().unwrap().len(), renamed), (5, 1), "{occurrences}");
}

/// A task from the server, completed in Thunderbird.
fn tasks(bird: &mut Thunderbird, anna: &Client) {
    let path = format!("{TASKS}task.ics");
    anna.put(&path, &component("VTODO", "task", &format!("{STAMP}SUMMARY:Order chairs\r\n")));
    bird.wait_for(TASKS, "task", Some("Order chairs"));
    bird.script(
        r#"
        const old = await calendar(args.calendar).getItem("task");
        const done = old.clone();
        done.isCompleted = true;
        await calendar(args.calendar).modifyItem(done, old);"#,
        json!({"calendar": TASKS}),
    );
    on_server(anna, &path, Some("STATUS:COMPLETED"));
}

/// The address book, found by Thunderbird's own detection: a card is read, one is made, one deleted.
fn contacts(bird: &mut Thunderbird, server: &Server, anna: &Client) {
    anna.put(&format!("{CARDS}berta.vcf"), &card("berta", "Berta"));
    bird.script(
        r#"
        const { CardDAVUtils } = ChromeUtils.importESModule("resource:///modules/CardDAVUtils.sys.mjs");
        const found = await CardDAVUtils.detectAddressBooks(args.user, args.password, args.url, false);
        const book = found.find(b => b.url.pathname.endsWith(args.book));
        if (!book) throw new Error(`found ${found.map(b => b.url)}`);
        const directory = await book.create();
        await until("the card", () => directory.childCards.some(c => c.displayName == "Berta"));
        const card = Cc["@mozilla.org/addressbook/cardproperty;1"].createInstance(Ci.nsIAbCard);
        card.displayName = "Carl from Thunderbird";
        card.primaryEmail = "carl@example.org";
        directory.addCard(card);"#,
        json!({"user": ANNA.name, "password": ANNA.password, "url": server.url("/"), "book": CARDS}),
    );
    let made = until("Thunderbird's card on the server", BOUND, || {
        anna.members(CARDS).into_iter().find(|name| name != "berta.vcf")
    });
    on_server(anna, &format!("{CARDS}{made}"), Some("Carl from Thunderbird"));
}
