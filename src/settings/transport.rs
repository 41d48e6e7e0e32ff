//! How calls and operations reach the server: encryption, and the port for those who run it.

use super::layers::Layers;
use super::sections::{HOUR_MS, number, table};
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
use toml::Table;

/// Where calls may come in plain text, where no certificate is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlainText {
    /// On an address of this machine alone.
    Loopback,
    /// On any address: something in front encrypts, or nothing does.
    Anywhere,
}

impl FromStr for PlainText {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "loopback" => Ok(Self::Loopback),
            "anywhere" => Ok(Self::Anywhere),
            _ => Err("must be \"loopback\" or \"anywhere\"".to_owned()),
        }
    }
}

impl fmt::Display for PlainText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loopback => "loopback",
            Self::Anywhere => "anywhere",
        })
    }
}

/// Encryption of calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSettings {
    /// What the server shows; unset: plain text. Default unset.
    pub identity: Option<TlsIdentity>,
    /// Between two looks at the files, 100 ms to 1 h. Default 10 s.
    pub reload_interval: Duration,
    /// Longest handshake, 1 ms to 1 min. Default 5 s.
    pub handshake_timeout: Duration,
}

/// Files of the server's certificate, and of those who may call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsIdentity {
    /// Certificate and what links it to its authority, PEM.
    pub certificate_file: PathBuf,
    /// Its private key, PEM.
    pub key_file: PathBuf,
    /// Authorities, PEM; set: callers without a certificate of one of them are
    /// refused.
    pub client_ca_file: Option<PathBuf>,
}

impl TlsSettings {
    pub(super) fn read(layers: &mut Layers) -> Option<Self> {
        let mut file = |key: &str| layers.optional_text(key, |text| Ok(PathBuf::from(text)));
        let certificate_file = file("tls.certificate_file");
        let key_file = file("tls.key_file");
        let client_ca_file = file("tls.client_ca_file");
        let identity = match (certificate_file, key_file) {
            (Some(certificate_file), Some(key_file)) => {
                Some(TlsIdentity { certificate_file, key_file, client_ca_file })
            }
            (None, None) => {
                if client_ca_file.is_some() {
                    let problem = "needs tls.certificate_file and tls.key_file";
                    layers.conflict("tls.client_ca_file", problem.to_owned());
                }
                None
            }
            (Some(_), None) => {
                layers.conflict("tls.certificate_file", "needs tls.key_file".to_owned());
                None
            }
            (None, Some(_)) => {
                layers.conflict("tls.key_file", "needs tls.certificate_file".to_owned());
                None
            }
        };
        let reload_interval = layers.millis("tls.reload_interval_ms", 100..=HOUR_MS);
        let handshake_timeout = layers.millis("tls.handshake_timeout_ms", 1..=60_000);
        Some(Self {
            identity,
            reload_interval: reload_interval?,
            handshake_timeout: handshake_timeout?,
        })
    }

    pub(super) fn to_table(&self) -> Table {
        let Self { identity, reload_interval, handshake_timeout } = self;
        let mut section = table([
            ("reload_interval_ms", number(reload_interval.as_millis())),
            ("handshake_timeout_ms", number(handshake_timeout.as_millis())),
        ]);
        if let Some(TlsIdentity { certificate_file, key_file, client_ca_file }) = identity {
            let mut file = |key: &str, path: &PathBuf| {
                section.insert(key.to_owned(), path.display().to_string().into());
            };
            file("certificate_file", certificate_file);
            file("key_file", key_file);
            if let Some(path) = client_ca_file {
                file("client_ca_file", path);
            }
        }
        section
    }
}

/// The port of those who run the server: health and metrics, always in plain
/// text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationsSettings {
    /// Address and port; unset: no such port. Default unset.
    pub listen: Option<SocketAddr>,
    /// Open connections to it, 1 to 10,000. Default 64.
    pub max_connections: usize,
}

impl OperationsSettings {
    pub(super) fn read(layers: &mut Layers) -> Option<Self> {
        let listen = layers.optional_text("operations.listen", |text| {
            text.parse()
                .map_err(|_| "must be an IP address and a port, such as 0.0.0.0:9464".to_owned())
        });
        let max_connections = layers.number("operations.max_connections", 1..=10_000);
        Some(Self { listen, max_connections: max_connections? })
    }

    pub(super) fn to_table(&self) -> Table {
        let Self { listen, max_connections } = self;
        let mut section = table([("max_connections", number(*max_connections))]);
        if let Some(listen) = listen {
            section.insert("listen".to_owned(), listen.to_string().into());
        }
        section
    }
}
