//! `stssync://` links, by which Outlook takes a list into its folders (MS-STSSYN 2.2).

use crate::guid::Guid;

/// Longest link that Outlook takes, in characters.
pub const LONGEST: usize = 500;
/// Names are cut to so many characters first, when a link is too long.
const SHORT_NAME: usize = 20;

/// What a link says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link<'a> {
    /// `calendar`, `contacts`, `tasks`.
    pub kind: &'a str,
    /// Address of the site with its port, without slash at the end.
    pub base_url: &'a str,
    /// Path of the list below the site's, which begins with a slash.
    pub list_url: &'a str,
    /// Names the list.
    pub guid: Guid,
    /// The site's name for people.
    pub site_name: &'a str,
    /// The list's name for people.
    pub list_name: &'a str,
}

impl Link<'_> {
    /// The link; names are cut where it would be longer than Outlook takes. `None` if not even that helps.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let names = [usize::MAX, SHORT_NAME, 8, 1].into_iter();
        names.map(|most| self.with_names(most)).find(|text| text.len() <= LONGEST)
    }

    fn with_names(&self, most: usize) -> String {
        let cut = |name: &str| name.chars().take(most).collect::<String>();
        let mut out = format!("stssync://sts/?ver=1.1&type={}&cmd=add-folder", self.kind);
        let guid = self.guid.to_string().to_lowercase();
        for (name, value) in [
            ("base-url", self.base_url),
            ("list-url", self.list_url),
            ("guid", &guid),
            ("site-name", &cut(self.site_name)),
            ("list-name", &cut(self.list_name)),
        ] {
            out.push('&');
            out.push_str(name);
            out.push('=');
            escape(&mut out, value);
        }
        out
    }
}

/// MS-STSSYN 2.2.1: letters and digits stand for themselves; other ASCII is `%XX`, with `|` before what
/// means something in a link; runs of anything else are UTF-16 in hexadecimal between brackets.
fn escape(out: &mut String, text: &str) {
    let mut wide = false;
    for c in text.chars() {
        if c.is_ascii() && wide {
            out.push(']');
            wide = false;
        }
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' => out.push(c),
            '&' | '\\' | '[' | ']' | '|' => {
                out.push('|');
                percent(out, c);
            }
            c if c.is_ascii() => percent(out, c),
            c => {
                if !wide {
                    out.push('[');
                    wide = true;
                }
                let mut units = [0; 2];
                c.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("{unit:04x}")));
            }
        }
    }
    if wide {
        out.push(']');
    }
}

fn percent(out: &mut String, c: char) {
    out.push_str(&format!("%{:02X}", u32::from(c)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link<'a>(list_name: &'a str, base_url: &'a str) -> Link<'a> {
        Link {
            kind: "calendar",
            base_url,
            list_url: "/ann/calendar",
            guid: Guid(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef),
            site_name: "Kontor",
            list_name,
        }
    }

    #[test]
    fn a_link_is_written() {
        let text = link("Work & [Home]", "https://office.example:443/lists").text().unwrap();
        assert_eq!(
            text,
            "stssync://sts/?ver=1.1&type=calendar&cmd=add-folder\
             &base-url=https%3A%2F%2Foffice%2Eexample%3A443%2Flists&list-url=%2Fann%2Fcalendar\
             &guid=%7B01234567%2D89ab%2Dcdef%2D0123%2D456789abcdef%7D&site-name=Kontor\
             &list-name=Work%20|%26%20|%5BHome|%5D"
        );
    }

    #[test]
    fn other_scripts_are_utf_16_in_brackets() {
        let escaped = |text: &str| {
            let mut out = String::new();
            escape(&mut out, text);
            out
        };
        assert_eq!(escaped("Задачи 2"), "[041704300434043004470438]%202");
        assert_eq!(escaped("ü🙂x"), "[00fcd83dde42]x");
    }

    #[test]
    fn long_links_lose_the_end_of_their_names() {
        let long = "Календарь отдела ".repeat(9);
        let text = link(&long, "https://office.example:443/lists").text().unwrap();
        assert!(text.len() <= LONGEST, "{text}");
        assert!(text.contains("&list-name=[041a04300"), "{text}");
        assert_eq!(link("x", &format!("https://{}", "x".repeat(500))).text(), None);
    }
}
