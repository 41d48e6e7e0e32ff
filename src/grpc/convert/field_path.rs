//! Paths of fields in a request, written out only where there is a fault.

use std::fmt;

/// The path of a field: `entry.lines[0].goods.goods_code`.
#[derive(Clone, Copy)]
pub(super) struct FieldPath<'a> {
    parent: Option<&'a FieldPath<'a>>,
    name: &'a str,
    place: Option<usize>,
}

impl<'a> FieldPath<'a> {
    /// The request itself.
    pub const ROOT: FieldPath<'static> = FieldPath { parent: None, name: "", place: None };

    /// A field of this one.
    pub fn field(&'a self, name: &'a str) -> Self {
        Self { parent: Some(self), name, place: None }
    }

    /// An element of a list in this one.
    pub fn item(&'a self, name: &'a str, place: usize) -> Self {
        Self { parent: Some(self), name, place: Some(place) }
    }
}

impl fmt::Display for FieldPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
            if !parent.name.is_empty() {
                f.write_str(".")?;
            }
        }
        f.write_str(self.name)?;
        self.place.map_or(Ok(()), |place| write!(f, "[{place}]"))
    }
}

#[cfg(test)]
mod tests {
    use super::FieldPath;

    #[test]
    fn a_path_reads_as_the_request_is_built() {
        let entry = FieldPath::ROOT.field("entry");
        assert_eq!(entry.to_string(), "entry");
        let line = entry.item("lines", 2);
        let goods = line.field("goods");
        assert_eq!(goods.field("goods_code").to_string(), "entry.lines[2].goods.goods_code");
    }
}
