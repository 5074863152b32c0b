//! A story as a bar that moves.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use sluice_client::{Update, v1::EventType};

use super::{picture::Picture, plain};

const WITH_TOTAL: &str = "{bar:24.cyan} {wide_msg}\n  {prefix}";
const WITHOUT_TOTAL: &str = "{spinner:.cyan} {wide_msg}";

/// A bar, and above it the lines worth reading.
pub(crate) struct Bar {
    drawn: ProgressBar,
    total: u64,
    away: bool,
}

impl Bar {
    pub(crate) fn new(bar: ProgressBar) -> Self {
        bar.enable_steady_tick(Duration::from_millis(120));
        let bar = Self {
            drawn: bar,
            total: 0,
            away: false,
        };
        bar.dress();
        bar
    }

    pub(crate) fn show(&mut self, update: &Update, picture: &Picture) {
        match update {
            Update::Event(event) if event.r#type() != EventType::Progress => {
                self.drawn.println(plain::told(event));
            }
            // Said once; the bar shows that it lasts.
            Update::Interrupted { error, .. } if !self.away => {
                self.drawn.println(plain::interrupted(&error.message));
            }
            _ => {}
        }
        self.away = matches!(update, Update::Interrupted { .. });
        let counters = picture.counters();
        let total = u64::try_from(counters.rows_total).unwrap_or(0);
        if total != self.total {
            self.total = total;
            self.dress();
        }
        self.drawn
            .set_position(u64::try_from(counters.rows_done).unwrap_or(0));
        self.drawn.set_message(picture.line());
        self.drawn.set_prefix(picture.outcomes());
    }

    pub(crate) fn close(&self) {
        self.drawn.finish_and_clear();
    }

    fn dress(&self) {
        let template = if self.total > 0 {
            WITH_TOTAL
        } else {
            WITHOUT_TOTAL
        };
        self.drawn.set_length(self.total.max(1));
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.drawn.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_can_be_read() {
        for template in [WITH_TOTAL, WITHOUT_TOTAL] {
            assert!(ProgressStyle::with_template(template).is_ok());
        }
    }
}
