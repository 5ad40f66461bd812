//! QR codes as SVG.

use qrcodegen::{QrCode, QrCodeEcc};

/// The text as a code that cameras read, with its quiet zone; empty if it is longer than a code can be.
pub(super) fn svg(text: &str) -> String {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else { return String::new() };
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            path.push_str(&format!("M{},{y}h1v1h-1z", x + 4, y = y + 4));
        }
    }
    let size = code.size() + 8;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" role=\"img\" \
         aria-label=\"QR code\" shape-rendering=\"crispEdges\"><path d=\"{path}\" fill=\"#000\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_drawn() {
        let drawn = svg("https://office.example/");
        assert!(drawn.starts_with("<svg") && drawn.contains("M4,4h1v1h-1z"), "{drawn}");
        assert_eq!(svg(&"x".repeat(4_000)), "");
    }
}
