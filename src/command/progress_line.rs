//! How far a call has come, on one line.

use std::io::{IsTerminal, Write, stderr};

/// One line on standard error, written over; nothing where that is no terminal.
pub(super) struct ProgressLine {
    is_shown: bool,
    width: usize,
}

impl ProgressLine {
    pub fn new() -> Self {
        Self { is_shown: stderr().is_terminal(), width: 0 }
    }

    /// Writes over what is shown.
    pub fn show(&mut self, text: &str) {
        if !self.is_shown {
            return;
        }
        let padding = self.width.saturating_sub(text.chars().count());
        self.width = text.chars().count();
        // Progress is a courtesy: where it cannot be shown, the call goes on.
        let _ = write!(stderr(), "\r{text}{}", " ".repeat(padding));
        let _ = stderr().flush();
    }

    /// Leaves the line, if there is one.
    pub fn end(&mut self) {
        if std::mem::take(&mut self.width) > 0 {
            let _ = writeln!(stderr());
        }
    }
}
