//! Certificates: read at the start, looked at again while the server runs, and shown to callers.

use crate::settings::TlsIdentity;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Meter};
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{fmt, io};
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio::time::{interval, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;
use x509_parser::parse_x509_certificate;

/// Why certificate files cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct TlsFault {
    file: String,
    problem: String,
}

impl TlsFault {
    fn new(file: &Path, problem: &impl ToString) -> Self {
        Self { file: file.display().to_string(), problem: problem.to_string() }
    }
}

/// The server's certificate as it is now. Clones show the same one.
#[derive(Clone)]
pub struct Certificates {
    identity: TlsIdentity,
    handshake_timeout: Duration,
    shown: Arc<RwLock<Arc<ServerConfig>>>,
    /// Unix time in seconds.
    not_after: Arc<AtomicI64>,
    reloads: Counter<u64>,
    failed_handshakes: Counter<u64>,
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").field("identity", &self.identity).finish_non_exhaustive()
    }
}

/// What certificate files hold.
struct Files {
    certificate: Vec<u8>,
    key: Vec<u8>,
    client_ca: Option<Vec<u8>>,
}

impl Files {
    fn read(identity: &TlsIdentity) -> Result<Self, TlsFault> {
        let read = |path: &Path| std::fs::read(path).map_err(|error| TlsFault::new(path, &error));
        Ok(Self {
            certificate: read(&identity.certificate_file)?,
            key: read(&identity.key_file)?,
            client_ca: identity.client_ca_file.as_deref().map(read).transpose()?,
        })
    }

    fn same_as(&self, other: &Self) -> bool {
        (&self.certificate, &self.key, &self.client_ca)
            == (&other.certificate, &other.key, &other.client_ca)
    }

    /// What to show, and until when its certificate holds.
    fn config(&self, identity: &TlsIdentity) -> Result<(ServerConfig, i64), TlsFault> {
        let at = identity.certificate_file.as_path();
        let chain = certificates(&self.certificate, at)?;
        let not_after = chain.first().map_or(0, not_after);
        let key_fault = |error| TlsFault::new(&identity.key_file, &error);
        let key = PrivateKeyDer::from_pem_slice(&self.key)
            .map_err(|error| key_fault(error.to_string()))?;
        let builder = match (&self.client_ca, &identity.client_ca_file) {
            (Some(pem), Some(path)) => {
                let mut roots = RootCertStore::empty();
                for authority in certificates(pem, path)? {
                    roots.add(authority).map_err(|error| TlsFault::new(path, &error))?;
                }
                let verifier = WebPkiClientVerifier::builder(Arc::new(roots))
                    .build()
                    .map_err(|error| TlsFault::new(path, &error))?;
                ServerConfig::builder().with_client_cert_verifier(verifier)
            }
            _ => ServerConfig::builder().with_no_client_auth(),
        };
        let mut config = builder
            .with_single_cert(chain, key)
            .map_err(|error| key_fault(format!("with {}: {error}", at.display())))?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok((config, not_after))
    }
}

fn certificates(pem: &[u8], at: &Path) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match read {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        Ok(_) => Err(TlsFault::new(at, &"holds no certificate")),
        Err(error) => Err(TlsFault::new(at, &error)),
    }
}

/// Unix time until which a certificate holds; 0 for one that cannot be read.
fn not_after(certificate: &CertificateDer<'_>) -> i64 {
    parse_x509_certificate(certificate)
        .map_or(0, |(_, certificate)| certificate.validity().not_after.timestamp())
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

impl Certificates {
    /// Reads the files.
    ///
    /// # Errors
    /// If they cannot be read, or do not belong together.
    pub fn load(
        identity: &TlsIdentity,
        handshake_timeout: Duration,
        meter: &Meter,
    ) -> Result<(Self, CertificateWatch), TlsFault> {
        let files = Files::read(identity)?;
        let (config, until) = files.config(identity)?;
        let not_after = Arc::new(AtomicI64::new(until));
        let shown_until = Arc::clone(&not_after);
        meter
            .i64_observable_gauge("portolan.tls.certificate.not_after.timestamp")
            .with_unit("s")
            .with_description("Until when the certificate holds, in Unix time.")
            .with_callback(move |gauge| gauge.observe(shown_until.load(Ordering::Relaxed), &[]))
            .build();
        let certificates = Self {
            identity: identity.clone(),
            handshake_timeout,
            shown: Arc::new(RwLock::new(Arc::new(config))),
            not_after,
            reloads: meter
                .u64_counter("portolan.tls.reloads")
                .with_description("Changes of certificate files, and what became of them.")
                .build(),
            failed_handshakes: meter
                .u64_counter("portolan.tls.failed_handshakes")
                .with_description("Connections that did not get through their handshake.")
                .build(),
        };
        for outcome in ["loaded", "kept_old"] {
            // From the start: an alert must see the first.
            certificates.reloads.add(0, &[KeyValue::new("outcome", outcome)]);
        }
        certificates.failed_handshakes.add(0, &[]);
        certificates.tell(until);
        Ok((certificates.clone(), CertificateWatch { certificates, files }))
    }

    fn is_expired(&self) -> bool {
        self.not_after.load(Ordering::Relaxed) <= now()
    }

    fn tell(&self, until: i64) {
        let left = until - now();
        let file = self.identity.certificate_file.display();
        let mutual = self.identity.client_ca_file.is_some();
        if left > 0 {
            tracing::info!(%file, days_left = left / 86_400, mutual, "certificate loaded");
        } else {
            tracing::error!(%file, "the certificate has expired: callers will refuse it");
        }
    }

    /// Shakes hands on a connection.
    ///
    /// # Errors
    /// If the caller does not keep to TLS, refuses the certificate or shows none
    /// that is asked for, or takes too long.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let config = Arc::clone(&self.shown.read().unwrap_or_else(PoisonError::into_inner));
        let handshake = TlsAcceptor::from(config).accept(stream);
        let shaken = match timeout(self.handshake_timeout, handshake).await {
            Ok(shaken) => shaken,
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "the handshake took too long")),
        };
        if shaken.is_err() {
            self.failed_handshakes.add(1, &[]);
        }
        shaken
    }
}

/// Looks at the certificate files again and again.
pub struct CertificateWatch {
    certificates: Certificates,
    files: Files,
}

impl CertificateWatch {
    /// Reads the files at every interval, for ever, and shows what is new and in
    /// order to new connections. Contents are compared, not times: a mounted
    /// secret is replaced by a link.
    pub async fn watch(mut self, every: Duration) {
        let mut ticks = interval(every);
        ticks.tick().await;
        // What was told of already.
        let mut faulty = None;
        let mut was_expired = self.certificates.is_expired();
        loop {
            ticks.tick().await;
            let is_expired = self.certificates.is_expired();
            if is_expired && !was_expired {
                self.certificates.tell(self.certificates.not_after.load(Ordering::Relaxed));
            }
            was_expired = is_expired;
            let identity = self.certificates.identity.clone();
            let read = spawn_blocking(move || {
                let files = Files::read(&identity)?;
                let config = files.config(&identity);
                Ok::<_, TlsFault>((files, config))
            });
            let (files, config) = match read.await {
                Ok(Ok((files, config))) => (Some(files), config),
                Ok(Err(fault)) => (None, Err(fault)),
                Err(_) => continue,
            };
            match (files, config) {
                (Some(files), Ok(_)) if files.same_as(&self.files) => faulty = None,
                (Some(files), Ok((config, until))) => {
                    let shown = &self.certificates.shown;
                    *shown.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
                    self.certificates.not_after.store(until, Ordering::Relaxed);
                    self.certificates.reloads.add(1, &[KeyValue::new("outcome", "loaded")]);
                    self.certificates.tell(until);
                    (self.files, faulty) = (files, None);
                    was_expired = self.certificates.is_expired();
                }
                (_, Err(fault)) => {
                    let fault = fault.to_string();
                    if faulty.as_ref() != Some(&fault) {
                        let until = self.certificates.not_after.load(Ordering::Relaxed);
                        tracing::error!(
                            fault,
                            days_left = (until - now()).div_euclid(86_400),
                            "new certificate files are faulty; the old are kept"
                        );
                        self.certificates.reloads.add(1, &[KeyValue::new("outcome", "kept_old")]);
                        faulty = Some(fault);
                    }
                }
                (None, Ok(_)) => {}
            }
        }
    }
}
