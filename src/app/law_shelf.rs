//! Laws found once and kept: an ERP system asks about the same days again and
//! again.

use crate::tariff::{LawDays, LawOnDay, Region, Revision, Schedule, Tariff};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Most laws kept. One holds some ten kilobytes; beyond, all are let go.
const MOST_LAWS: usize = 512;

type Key = (Revision, Region, [usize; 3]);

/// Laws on days, by the interval of days that share them. A copy shares what
/// is kept.
#[derive(Clone, Debug, Default)]
pub(super) struct LawShelf(Arc<RwLock<HashMap<Key, Arc<LawOnDay>>>>);

impl LawShelf {
    /// The law of an importer on the days.
    pub fn on(&self, schedule: &Schedule, tariff: &Arc<Tariff>, days: LawDays) -> Arc<LawOnDay> {
        let key = (schedule.revision, tariff.region, days.interval(tariff));
        // A law is put in whole or not at all: what a panic left behind is sound.
        if let Some(law) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return law.clone();
        }
        let law = Arc::new(LawOnDay::of(tariff, days));
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_LAWS {
            kept.clear();
        }
        kept.insert(key, law.clone());
        law
    }
}
