//! How text for people looks: what the caller knows about where it goes.

use owo_colors::Style as Ink;
use terravet_diagnostics::Severity;

use crate::safe_text;

/// What the place that text goes to can show. The caller decides; nothing here looks at the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether escape sequences for colour are written.
    pub colour: bool,
    /// Whether characters beyond ASCII are used for drawing.
    pub unicode: bool,
    /// Whether links are written as escape sequences (OSC 8).
    pub links: bool,
    /// Columns, to wrap prose at.
    pub width: usize,
}

impl Style {
    /// For files and pipes.
    #[must_use]
    pub fn plain() -> Self {
        Self { colour: false, unicode: true, links: false, width: 100 }
    }

    /// The ink for a severity.
    pub(crate) fn severity(self, severity: Severity) -> Ink {
        let ink = match severity {
            Severity::Critical => Ink::new().red().bold(),
            Severity::High => Ink::new().red(),
            Severity::Medium => Ink::new().yellow(),
            Severity::Low => Ink::new().cyan(),
            Severity::Info => Ink::new().dimmed(),
        };
        self.ink(ink)
    }

    /// Ink for what matters.
    pub(crate) fn strong(self) -> Ink {
        self.ink(Ink::new().bold())
    }

    /// Ink for what matters less.
    pub(crate) fn faint(self) -> Ink {
        self.ink(Ink::new().dimmed())
    }

    /// Ink for what is good.
    pub(crate) fn good(self) -> Ink {
        self.ink(Ink::new().green().bold())
    }

    /// Ink for code in prose.
    pub(crate) fn code(self) -> Ink {
        self.ink(Ink::new().cyan())
    }

    fn ink(self, ink: Ink) -> Ink {
        if self.colour { ink } else { Ink::new() }
    }

    /// Text as a link to `url`, where links can be shown.
    pub(crate) fn link(self, text: &str, url: &str) -> String {
        if !self.links {
            return text.to_owned();
        }
        let url = safe_text::inline(url);
        format!("\u{1b}]8;;{url}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
    }
}
