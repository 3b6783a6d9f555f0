//! How long the Graph API's version works, and the warning before it does not any more.

use super::{GraphStatus, Inner};
use crate::transport::whatsapp::graph_version_expires;

/// From so many days before the end on there is a warning.
const NEAR: i64 = 90;

impl Inner {
    /// The version that is used, and how long it works.
    pub(crate) fn graph_status(&self) -> Option<GraphStatus> {
        let version = self.graph_version.clone()?;
        let until = graph_version_expires(&version);
        let today = self.clock.now().date_naive();
        Some(GraphStatus {
            version,
            works_until: until.map(|day| day.to_string()),
            days_left: until.map(|day| (day - today).num_days()),
        })
    }

    /// Warns where the version's end is near or over.
    pub(crate) fn warn_of_graph_version(&self) {
        let Some(GraphStatus { version, works_until: Some(until), days_left: Some(days_left) }) =
            self.graph_status()
        else {
            return;
        };
        if days_left < 0 {
            tracing::error!(version, until, "the Graph API's version has expired; set a newer graph_version");
        } else if days_left <= NEAR {
            tracing::warn!(
                version,
                until,
                days_left,
                "the Graph API's version expires; set a newer graph_version"
            );
        }
    }
}
