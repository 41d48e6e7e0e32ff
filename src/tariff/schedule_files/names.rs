//! Faults of a schedule's files and the ids its tables refer to each other by.

use super::load::ScheduleFault;
use super::tables::{ImporterFile, Named};
use super::tariff::tables;
use crate::tariff::condition::FactKind;
use crate::tariff::document::{Citation, Document};
use crate::tariff::goods_code::GoodsCode;
use crate::tariff::region::{Region, RegionSet};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

/// Faults, each with the table it was found in.
#[derive(Default)]
pub(super) struct Faults {
    pub(super) file: String,
    pub(super) item: String,
    pub(super) list: Vec<ScheduleFault>,
}

impl Faults {
    pub(super) fn within(&mut self, file: &str, item: impl Display) {
        file.clone_into(&mut self.file);
        self.item = item.to_string();
    }

    pub(super) fn push(&mut self, message: impl Display) {
        self.list.push(ScheduleFault {
            file: self.file.clone(),
            item: self.item.clone(),
            message: message.to_string(),
        });
    }

    pub(super) fn check<T, E: Display>(&mut self, key: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.push(format!("{key}: {error}"))).ok()
    }

    pub(super) fn parse<T: FromStr<Err: Display>>(&mut self, key: &str, text: &str) -> Option<T> {
        self.check(key, text.parse())
    }

    pub(super) fn found<T>(&mut self, key: &str, id: &str, found: Option<T>) -> Option<T> {
        if found.is_none() {
            self.push(format!("{key}: `{id}` is not defined"));
        }
        found
    }
}

/// What tables refer to by id.
#[derive(Default)]
pub(super) struct Names {
    pub(super) documents: BTreeMap<String, Arc<Document>>,
    pub(super) areas: HashMap<String, RegionSet>,
    pub(super) goods_lists: HashMap<String, Vec<GoodsCode>>,
    pub(super) programmes: HashMap<String, usize>,
    pub(super) preferences: HashMap<String, usize>,
    pub(super) certifications: HashMap<String, usize>,
    pub(super) facts: HashMap<String, (usize, FactKind)>,
    pub(super) quotas: HashMap<String, usize>,
    pub(super) credits: HashMap<String, usize>,
}

impl Names {
    pub(super) fn gather(&mut self, files: &[(String, ImporterFile)], faults: &mut Faults) {
        let mut seen = BTreeSet::new();
        let mut once = |faults: &mut Faults, kind: &'static str, id: &str| {
            if !seen.insert((kind, id.to_owned())) {
                faults.push("the id is taken already");
            }
        };
        for (file, raw) in tables!(files, document) {
            faults.within(file, raw.name());
            once(faults, "document", &raw.id);
            if let Some(published) = faults.parse("published", &raw.published) {
                self.documents.insert(
                    raw.id.clone(),
                    Arc::new(Document {
                        id: raw.id.clone(),
                        title: raw.title.clone(),
                        citation: raw.citation.clone(),
                        published,
                    }),
                );
            }
        }
        for (file, raw) in tables!(files, area) {
            faults.within(file, raw.name());
            once(faults, "area", &raw.id);
            let regions = self.regions("regions", &raw.regions, faults);
            self.areas.insert(raw.id.clone(), regions);
            self.citations(&raw.cite, faults);
        }
        for (file, raw) in tables!(files, goods_list) {
            faults.within(file, raw.name());
            once(faults, "goods_list", &raw.id);
            let codes = self.goods("codes", &raw.codes, faults);
            self.goods_lists.insert(raw.id.clone(), codes);
            self.citations(&raw.cite, faults);
        }
        for (index, (file, raw)) in tables!(files, programme).enumerate() {
            faults.within(file, raw.name());
            once(faults, "programme", &raw.id);
            self.programmes.insert(raw.id.clone(), index);
        }
        for (index, (file, raw)) in tables!(files, preference).enumerate() {
            faults.within(file, raw.name());
            once(faults, "preference", &raw.symbol);
            self.preferences.insert(raw.symbol.clone(), index);
        }
        for (index, (file, raw)) in tables!(files, certification).enumerate() {
            faults.within(file, raw.name());
            once(faults, "certification", &raw.id);
            self.certifications.insert(raw.id.clone(), index);
            self.citations(&raw.cite, faults);
        }
        for (index, (file, raw)) in tables!(files, fact).enumerate() {
            faults.within(file, raw.name());
            once(faults, "fact", &raw.id);
            if let Some(kind) = faults.parse("kind", &raw.kind) {
                self.facts.insert(raw.id.clone(), (index, kind));
            }
        }
        for (index, (file, raw)) in tables!(files, quota).enumerate() {
            faults.within(file, raw.name());
            once(faults, "quota", &raw.id);
            self.quotas.insert(raw.id.clone(), index);
        }
        for (index, (file, raw)) in tables!(files, credit).enumerate() {
            faults.within(file, raw.name());
            once(faults, "credit", &raw.id);
            self.credits.insert(raw.id.clone(), index);
        }
        for (file, raw) in tables!(files, measure) {
            faults.within(file, raw.name());
            once(faults, "measure", &raw.id);
        }
    }

    pub(super) fn regions(&self, key: &str, texts: &[String], faults: &mut Faults) -> RegionSet {
        let mut set = RegionSet::EMPTY;
        for text in texts {
            if text == "*" {
                set = RegionSet::ALL;
            } else if let Some(area) = text.strip_prefix('@') {
                if let Some(area) = faults.found(key, area, self.areas.get(area)) {
                    set.insert_all(area);
                }
            } else if let Some(region) = faults.parse::<Region>(key, text) {
                set.insert(region);
            }
        }
        set
    }

    pub(super) fn goods(&self, key: &str, texts: &[String], faults: &mut Faults) -> Vec<GoodsCode> {
        let mut codes = Vec::new();
        for text in texts {
            if let Some(list) = text.strip_prefix('@') {
                if let Some(list) = faults.found(key, list, self.goods_lists.get(list)) {
                    codes.extend_from_slice(list);
                }
            } else if let Some(code) = faults.check(key, GoodsCode::prefix(text)) {
                codes.push(code);
            }
        }
        codes
    }

    pub(super) fn document(
        &self,
        key: &str,
        id: &str,
        faults: &mut Faults,
    ) -> Option<Arc<Document>> {
        faults.found(key, id, self.documents.get(id).cloned())
    }

    pub(super) fn citations(&self, texts: &[String], faults: &mut Faults) -> Vec<Citation> {
        texts
            .iter()
            .filter_map(|text| {
                let (id, pinpoint) = text.split_once(": ").unwrap_or((text, ""));
                let document = self.document("cite", id, faults)?;
                Some(Citation { document, pinpoint: pinpoint.to_owned() })
            })
            .collect()
    }
}

pub(super) fn optional_date(text: Option<&str>, faults: &mut Faults) -> Option<jiff::civil::Date> {
    text.and_then(|text| faults.parse("to", text))
}
