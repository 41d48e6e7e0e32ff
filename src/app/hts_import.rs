//! Makes a schedule of the official spreadsheet of the US tariff.

use crate::tariff::{
    Agreement, CleanedSheet, FolderHead, FolderOfLines, HeldAgreement, HtsExport, MissingColumns,
    Region, Schedule,
};
use jiff::civil::Date;

/// What is to be imported.
#[derive(Clone, Debug)]
pub struct HtsImportOrder<'a> {
    /// Rows of the sheet, the header first.
    pub sheet: &'a [Vec<String>],
    /// Rows of a cleaned sheet to compare with.
    pub cleaned: Option<&'a [Vec<String>]>,
    /// The schedule the new one adds to.
    pub base: &'a Schedule,
    /// Id of the new one.
    pub id: &'a str,
    /// Day the sheet came out.
    pub published: Date,
    /// First day of the lines.
    pub from: Date,
}

/// What was imported.
#[derive(Clone, Debug)]
pub struct HtsImport {
    /// The sheet as read.
    pub export: HtsExport,
    /// Beside the cleaned sheet, and what of that one could not be read.
    pub cleaned: Option<(Agreement, Vec<String>)>,
    /// Beside the lines the base holds.
    pub held: HeldAgreement,
    /// The new schedule.
    pub folder: FolderOfLines,
}

/// Why nothing was imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HtsImportError {
    /// Of the export.
    #[error("the export: {0}")]
    Export(MissingColumns),
    /// Of the cleaned sheet.
    #[error("the cleaned sheet: {0}")]
    Cleaned(MissingColumns),
    /// The base has another importer's law only.
    #[error("the schedule `{0}` does not hold the law of the United States")]
    NoImporter(String),
    /// An id that is no name of a folder.
    #[error("`{0}` is not an id: small letters, digits and hyphens")]
    MalformedId(String),
}

impl HtsImport {
    /// Reads the sheet, compares it and makes the files.
    ///
    /// # Errors
    /// [`HtsImportError`].
    pub fn run(order: &HtsImportOrder<'_>) -> Result<Self, HtsImportError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if order.id.is_empty() || !order.id.chars().all(plain) {
            return Err(HtsImportError::MalformedId(order.id.to_owned()));
        }
        let importer = "US".parse::<Region>().ok();
        let tariff = importer
            .and_then(|region| order.base.tariffs.get(&region))
            .ok_or_else(|| HtsImportError::NoImporter(order.base.id.clone()))?;
        let export = HtsExport::read(order.sheet).map_err(HtsImportError::Export)?;
        let cleaned = match order.cleaned {
            None => None,
            Some(sheet) => {
                let cleaned = CleanedSheet::read(sheet).map_err(HtsImportError::Cleaned)?;
                Some((export.agreement(&cleaned), cleaned.unreadable))
            }
        };
        let head = FolderHead {
            id: order.id.to_owned(),
            extends: order.base.id.clone(),
            as_of: order.base.as_of,
            published: order.published,
            from: order.from,
        };
        let agreement = export.held_by(tariff);
        let folder = export.folder(&head, tariff);
        Ok(Self { export, cleaned, held: agreement, folder })
    }
}
