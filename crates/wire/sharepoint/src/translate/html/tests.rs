use super::*;

/// A body as Outlook sends it.
const WORD: &str = "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\"><head><style><!-- p {x} --></style></head>\
    <body lang=EN-US><!--[if gte mso 9]><xml>no</xml><![endif]--><div class=WordSection1>\
    <p class=MsoNormal>Agenda &amp; notes<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>\
    <p class=MsoNormal><b><span style='color:#1F497D'>Bring</span></b> the  plan<o:p></o:p></p></div></body></html>";

#[test]
fn words_are_taken_out() {
    let check = |html: &str, expect: &str| assert_eq!(plain(html), expect, "{html}");
    check(WORD, "Agenda & notes\n\nBring the plan");
    check("", "");
    check("a<br>b<br/><br />c", "a\nb\n\nc");
    check("<ul><li>one<li>two</ul>after", "- one\n- two\nafter");
    check("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a\tb\nc");
    check("1 < 2 && 3 &gt; 2 &eacute;&#8364;&nosuch;", "1 < 2 && 3 > 2 é€&nosuch;");
    check("<script>alert(1)</script>x<style>y</STYLE >z", "xz");
    check("<script>never closed", "");
    check("a<!-- b --!>", "a");
    check("<a href='x>y'>z</a", "z");
}

#[test]
fn text_becomes_html_and_comes_back() {
    for text in ["", "one", "a\nb\n\nc", "1 < 2 & \"x\"", "é€\u{1F600}"] {
        assert_eq!(plain(&of_text(text)), text);
    }
    assert_eq!(of_text("a\r\nb"), "<div>a<br>b</div>");
}

#[test]
fn the_same_body_in_other_words_is_the_same() {
    let same = |one: &str, two: &str| assert_eq!(essence(one), essence(two), "{one}\n{two}");
    let differ = |one: &str, two: &str| assert_ne!(essence(one), essence(two), "{one}\n{two}");
    same(WORD, "<div>Agenda &amp; notes<br><br><strong>Bring</strong> the plan</div>");
    same(&of_text("a\nb"), "<p>a</p>\r\n<p>b</p>");
    same("see http://x.example/", "see <a href='http://x.example'>http://x.example/</a>");
    same("<b></b>a", "a");
    same("<span style='color:red'>a</span>", "a");
    differ("a", "b");
    differ("a", "<b>a</b>");
    differ("<a href='http://x'>a</a>", "<a href='http://y'>a</a>");
    differ("a<br>b", "a b");
    differ("<ul><li>a</ul>", "<ol><li>a</ol>");
    differ("<img src='cid:1'>", "");
}

#[test]
fn nothing_that_acts_stays() {
    let check = |html: &str, expect: &str| assert_eq!(clean(html), expect, "{html}");
    check(
        WORD,
        "<div><p>Agenda &amp; notes</p><p>&nbsp;</p><p><b><span style=\"color:#1F497D\">Bring</span></b> the  plan</p></div>",
    );
    check("<p onclick='x()' id=a>t", "<p>t</p>");
    check("<a href='javascript:x()'>t</a>", "<a>t</a>");
    check("<a href=' javascript:x()'>t</a>", "<a>t</a>");
    check("<a href='HTTPS://x/?a=1&amp;b=2'>t</a>", "<a href=\"HTTPS://x/?a=1&amp;b=2\">t</a>");
    check("<img src='data:image/svg+xml,x' alt='\"'>", "<img alt=\"&quot;\">");
    check("<iframe src=x>no</iframe>yes", "yes");
    check("<p style='background:url(x);color:red;position:fixed'>t", "<p style=\"color:red\">t</p>");
    check("<p style=\"color:expression(1)\">t", "<p>t</p>");
    check("<b><i>x</b>y</i>", "<b><i>x</i></b>y");
    check("</p></div>x", "x");
    check("<scr<script>ipt>x", "ipt&gt;x");
    let deep = "<div>".repeat(5_000);
    assert!(clean(&deep).len() < 100 * 11 + 1);
}
