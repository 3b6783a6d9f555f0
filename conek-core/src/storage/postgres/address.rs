//! Where the database is and how it is reached: the URL, with conek's own parameters taken out.

use std::{str::FromStr, sync::Arc, time::Duration};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio_postgres::{
    Config,
    config::{Host, SslMode, TargetSessionAttrs},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::values::error::{Error, Result};

/// The form of an address, for whoever gave another.
const FORM: &str = "must be a URL, postgres://user:password@host:port/database";
/// The schema that holds the tables, unless the URL names another.
const SCHEMA: &str = "conek";

/// What was said of the database. It has no `Debug`: the password is in it.
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) tls: MakeRustlsConnect,
    /// A plain word, so that it can stand in a statement.
    pub(super) schema: String,
}

/// An address that does not fit. The URL itself is never part of an error.
pub(super) fn unfit(detail: impl Into<String>) -> Error {
    Error::invalid("database", detail)
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(unfit(FORM));
        }
        let (front, parameters) = url.split_once('?').unwrap_or((url, ""));
        let (mut schema, mut mode, mut roots, mut cert, mut key) = (None, None, None, None, None);
        let mut rest = Vec::new();
        for pair in parameters.split('&').filter(|p| !p.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or_else(|| unfit(FORM))?;
            let mine = match name {
                "schema" => &mut schema,
                "sslmode" => &mut mode,
                "sslrootcert" => &mut roots,
                "sslcert" => &mut cert,
                "sslkey" => &mut key,
                _ => {
                    rest.push(pair);
                    continue;
                }
            };
            *mine = Some(decode(value).ok_or_else(|| unfit(FORM))?);
        }
        let plain = if rest.is_empty() { front.to_owned() } else { format!("{front}?{}", rest.join("&")) };
        let mut config = Config::from_str(&plain).map_err(|_| unfit(FORM))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(unfit(FORM));
        }
        let schema = schema.unwrap_or_else(|| SCHEMA.to_owned());
        if !is_plain(&schema) {
            return Err(unfit("schema must be lower-case letters, digits and _, at most 63, a letter first"));
        }
        config.ssl_mode(match mode.as_deref() {
            Some("disable") => SslMode::Disable,
            Some("require" | "verify-ca" | "verify-full") => SslMode::Require,
            None if is_here(&config) => SslMode::Disable,
            None => SslMode::Require,
            Some(_) => return Err(unfit("sslmode must be verify-full or disable; conek does not guess")),
        });
        if config.get_application_name().is_none() {
            config.application_name("conek");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(10));
        }
        // With several hosts the primary is looked for; with one, a standby gets an error of its own.
        if config.get_hosts().len().max(config.get_hostaddrs().len()) > 1 {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        // A connection whose other end is gone is noticed within a minute.
        config.keepalives_idle(Duration::from_secs(20));
        config.keepalives_interval(Duration::from_secs(5));
        config.keepalives_retries(3);
        config.tcp_user_timeout(Duration::from_secs(40));
        let tls = MakeRustlsConnect::new(tls(roots, cert, key)?);
        Ok(Self { config, tls, schema })
    }
}

fn tls(roots: Option<String>, cert: Option<String>, key: Option<String>) -> Result<ClientConfig> {
    let read = |what: &'static str, path: &str| {
        std::fs::read(path)
            .map_err(|e| unfit(format!("{what} names a file that cannot be read: {}", e.kind())))
    };
    let trusted = match roots {
        // A server's own authority stands for all others.
        Some(path) => {
            let wrong = || unfit("sslrootcert must name a file of certificates in PEM");
            let mut trusted = RootCertStore::empty();
            for certificate in CertificateDer::pem_slice_iter(&read("sslrootcert", &path)?) {
                trusted.add(certificate.map_err(|_| wrong())?).map_err(|_| wrong())?;
            }
            if trusted.is_empty() {
                return Err(wrong());
            }
            trusted
        }
        None => RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() },
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Error::internal("the TLS provider has no protocol versions"))?
        .with_root_certificates(trusted);
    match (cert, key) {
        (None, None) => Ok(builder.with_no_client_auth()),
        (Some(cert), Some(key)) => {
            let wrong = || unfit("sslcert and sslkey must name a certificate and its key in PEM");
            let chain = CertificateDer::pem_slice_iter(&read("sslcert", &cert)?)
                .collect::<Result<Vec<_>, _>>()
                .map_err(|_| wrong())?;
            let key = PrivateKeyDer::from_pem_slice(&read("sslkey", &key)?).map_err(|_| wrong())?;
            builder.with_client_auth_cert(chain, key).map_err(|_| wrong())
        }
        _ => Err(unfit("sslcert and sslkey go together")),
    }
}

/// Whether what is sent never leaves this machine.
fn is_here(config: &Config) -> bool {
    config.get_hostaddrs().iter().all(|a| a.is_loopback())
        && config.get_hosts().iter().all(|host| match host {
            Host::Tcp(name) => {
                name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
            }
            #[cfg(unix)]
            Host::Unix(_) => true,
        })
}

fn is_plain(name: &str) -> bool {
    name.len() <= 63
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        // PostgreSQL keeps these for itself.
        && !name.starts_with("pg_")
}

/// Undoes the encoding of a URL's parameter.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(b) = rest.next() {
        bytes.push(match b {
            b'%' => {
                let digit = |b: Option<u8>| char::from(b?).to_digit(16);
                u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?
            }
            b => b,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart_and_tls_is_a_must_beyond_this_machine() {
        for (url, schema, mode) in [
            ("postgres://u:p@127.0.0.1:5433/db", "conek", SslMode::Disable),
            ("postgres://u@localhost/db?sslmode=require", "conek", SslMode::Require),
            ("postgresql://u:p@db.example/db", "conek", SslMode::Require),
            ("postgres://u:p@db.example/db?sslmode=disable&schema=shop_2", "shop_2", SslMode::Disable),
            ("postgres://u:p@a.example,b.example/db?connect_timeout=3", "conek", SslMode::Require),
            ("postgres://u@/db?host=%2Frun%2Fpostgresql&schema=a%62c", "abc", SslMode::Disable),
        ] {
            let address = Address::parse(url).unwrap();
            assert_eq!((address.schema.as_str(), address.config.get_ssl_mode()), (schema, mode), "{url}");
        }
    }

    #[test]
    fn a_wrong_address_is_refused_without_repeating_it() {
        for url in [
            "conek.db",
            "mysql://u:hunter2@host/db",
            "postgres://",
            "postgres://u:hunter2@host:port/db",
            "postgres://u:hunter2@host/db?sslmode=prefer",
            "postgres://u:hunter2@host/db?schema=Bad-One",
            "postgres://u:hunter2@host/db?schema=pg_x",
            "postgres://u:hunter2@host/db?unheard=of",
            "postgres://u:hunter2@host/db?sslrootcert=/no/such/file",
            "postgres://u:hunter2@host/db?sslcert=/no/such/file",
            "postgres://u:hunter2@host/db?schema=%zz",
        ] {
            let Err(error) = Address::parse(url) else { panic!("{url} was taken") };
            assert_eq!(error.code(), "invalid_input", "{url}");
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
    }
}
