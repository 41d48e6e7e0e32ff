//! The methods this server serves, as they are called in spans and metrics.

use std::{collections::HashMap, sync::Arc};

use prost::{DecodeError, Message};
use prost_types::FileDescriptorSet;

/// Packages of health and reflection: probed every few seconds, so traced only when debugging.
const INFRASTRUCTURE: &str = "grpc.";

/// What a method outside the set is called.
const OTHER: &str = "_OTHER";

/// One method. Shared, so that a call copies no text.
#[derive(Debug)]
pub(super) struct Method {
    /// `package.Service/Method`.
    pub(super) full_name: Arc<str>,
    /// Health or reflection, of little interest in a trace.
    pub(super) is_infrastructure: bool,
}

impl Method {
    fn new(service: &str, name: &str) -> Self {
        Self {
            full_name: format!("{service}/{name}").into(),
            is_infrastructure: service.starts_with(INFRASTRUCTURE),
        }
    }
}

/// Every method that may appear in telemetry by its own name.
///
/// A client can ask for any path. Were each to become an attribute, one client could make
/// metrics without number, so a path outside this set is called `_OTHER`, as the OpenTelemetry
/// conventions have it.
#[derive(Clone, Debug)]
pub struct Methods {
    by_path: HashMap<String, Arc<Method>>,
    unknown: Arc<Method>,
}

impl Methods {
    /// Reads the methods from encoded `google.protobuf.FileDescriptorSet`s.
    ///
    /// # Errors
    /// If one of them cannot be decoded.
    pub fn from_descriptors<'a>(
        encoded: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, DecodeError> {
        let mut by_path = HashMap::new();
        for bytes in encoded {
            for file in FileDescriptorSet::decode(bytes)?.file {
                let package = file.package().to_owned();
                for service in file.service {
                    let service_name = match package.as_str() {
                        "" => service.name().to_owned(),
                        package => format!("{package}.{}", service.name()),
                    };
                    for method in &service.method {
                        let method = Method::new(&service_name, method.name());
                        by_path.insert(format!("/{}", method.full_name), Arc::new(method));
                    }
                }
            }
        }
        let unknown = Method { full_name: OTHER.into(), is_infrastructure: false };
        Ok(Self { by_path, unknown: Arc::new(unknown) })
    }

    /// The method of the HTTP path `/package.Service/Method`.
    pub(super) fn of(&self, path: &str) -> Arc<Method> {
        Arc::clone(self.by_path.get(path).unwrap_or(&self.unknown))
    }
}
