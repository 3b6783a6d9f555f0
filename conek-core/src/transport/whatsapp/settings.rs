//! What the transport must be told: credentials, addresses, patience.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use chrono::NaiveDate;
use reqwest::Url;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::values::{
    error::{Error, Result},
    secret::Secret,
};

/// A version of the Graph API and the day that it stops working.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GraphVersion {
    /// For example `v25.0`.
    pub version: &'static str,
    /// The day as year, month, day; `None` while it is not announced.
    pub expires: Option<(i32, u32, u32)>,
}

/// The versions known when this library was made.
pub const GRAPH_VERSIONS: &[GraphVersion] = &[
    GraphVersion { version: "v21.0", expires: Some((2027, 1, 21)) },
    GraphVersion { version: "v22.0", expires: Some((2027, 5, 20)) },
    GraphVersion { version: "v23.0", expires: Some((2027, 10, 8)) },
    GraphVersion { version: "v24.0", expires: Some((2028, 2, 18)) },
    GraphVersion { version: "v25.0", expires: Some((2028, 7, 29)) },
    GraphVersion { version: "v26.0", expires: None },
];

/// The version that is used unless another one is named.
pub const DEFAULT_GRAPH_VERSION: &str = "v25.0";

/// The day on which a Graph version stops working, where it is known.
pub fn graph_version_expires(version: &str) -> Option<NaiveDate> {
    let (year, month, day) = GRAPH_VERSIONS.iter().find(|v| v.version == version)?.expires?;
    NaiveDate::from_ymd_opt(year, month, day)
}

/// How to reach WhatsApp. [`Settings::new`] fills in what is the same for everybody.
#[derive(Debug, Clone)]
pub struct Settings {
    /// A system user's token with `whatsapp_business_messaging`.
    pub access_token: Secret,
    /// The phone number ids that may send; empty allows every id the token can use.
    pub phone_number_ids: Vec<String>,
    /// The app's secrets that sign webhooks: the present one, and a former one while it is rotated.
    /// Without any, every webhook is refused.
    pub app_secrets: Vec<Secret>,
    /// The word that WhatsApp repeats when the webhook's address is registered.
    pub verify_token: Secret,
    /// Where the Graph API is. Plain `http` only on this computer.
    pub base_url: String,
    /// For example `v25.0`.
    pub graph_version: String,
    /// How long a connection may take, in milliseconds.
    pub connect_timeout_ms: u32,
    /// How long a whole call may take, in milliseconds. Longer than `connect_timeout_ms`.
    pub timeout_ms: u32,
    /// How long an upload may take, in milliseconds.
    pub upload_timeout_ms: u32,
    /// Certificates in PEM to trust beside the public roots, for an address of your own.
    pub extra_roots_pem: Option<String>,
}

impl Settings {
    /// Settings for Meta's own address: Graph v25.0, 10 s to connect, 30 s a call, 5 minutes an upload.
    pub fn new(access_token: Secret, app_secrets: Vec<Secret>, verify_token: Secret) -> Self {
        Self {
            access_token,
            phone_number_ids: Vec::new(),
            app_secrets,
            verify_token,
            base_url: "https://graph.facebook.com".to_owned(),
            graph_version: DEFAULT_GRAPH_VERSION.to_owned(),
            connect_timeout_ms: 10_000,
            timeout_ms: 30_000,
            upload_timeout_ms: 300_000,
            extra_roots_pem: None,
        }
    }

    /// The address that every path hangs below, with version and a final slash.
    pub(super) fn root(&self) -> Result<Url> {
        let wrong = |detail: &str| Error::invalid("base_url", detail);
        let mut url = Url::parse(&self.base_url)
            .map_err(|_| wrong("must be an address like https://graph.facebook.com"))?;
        if !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return Err(wrong("must have no user, query or fragment"));
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            _ => return Err(wrong("must be https; plain http is only for 127.0.0.1, [::1] and localhost")),
        }
        if !is_version(&self.graph_version) {
            return Err(Error::invalid("graph_version", "must look like v25.0"));
        }
        let path = format!("{}/{}/", url.path().trim_end_matches('/'), self.graph_version);
        url.set_path(&path);
        Ok(url)
    }

    /// The HTTP client: one POST is one request, whatever happens.
    pub(super) fn http(&self) -> Result<reqwest::Client> {
        if self.timeout_ms <= self.connect_timeout_ms || self.connect_timeout_ms == 0 {
            // Otherwise a slow connection would look like a request that may have arrived.
            return Err(Error::invalid(
                "timeout_ms",
                "must be longer than connect_timeout_ms, and both above 0",
            ));
        }
        // `localhost` is pinned, so that plain http cannot leave this computer through a resolver.
        let here = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
        reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls()?)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .http1_only()
            .tcp_nodelay(true)
            .pool_max_idle_per_host(256)
            // A connection that the other side gave up meanwhile would put a send in doubt.
            .pool_idle_timeout(Duration::from_secs(30))
            .connect_timeout(millis(self.connect_timeout_ms))
            .timeout(millis(self.timeout_ms))
            .resolve_to_addrs("localhost", &here)
            .user_agent(concat!("conek/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| Error::internal("the HTTP client cannot be built"))
    }

    /// TLS with its own provider: an embedded library installs nothing for the whole process.
    fn tls(&self) -> Result<ClientConfig> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(pem) = &self.extra_roots_pem {
            let wrong = || Error::invalid("extra_roots_pem", "must hold certificates in PEM");
            let before = roots.len();
            for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                roots.add(certificate.map_err(|_| wrong())?).map_err(|_| wrong())?;
            }
            if roots.len() == before {
                return Err(wrong());
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| Error::internal("the TLS provider has no protocol versions"))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        // Early data could be replayed on the way; it stays off.
        debug_assert!(!config.enable_early_data);
        Ok(config)
    }
}

pub(super) fn millis(ms: u32) -> Duration {
    Duration::from_millis(u64::from(ms))
}

fn is_loopback(url: &Url) -> bool {
    match url.host_str().map(|h| h.trim_matches(['[', ']'])) {
        Some("localhost") => true,
        Some(host) => host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()),
        None => false,
    }
}

fn is_version(text: &str) -> bool {
    let digits = |s: &str| !s.is_empty() && s.len() <= 3 && s.bytes().all(|b| b.is_ascii_digit());
    text.strip_prefix('v').and_then(|v| v.split_once('.')).is_some_and(|(a, b)| digits(a) && digits(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(base_url: &str) -> Settings {
        Settings {
            base_url: base_url.to_owned(),
            ..Settings::new(Secret::from("t"), vec![Secret::from("s")], Secret::from("v"))
        }
    }

    #[test]
    fn plain_http_stays_on_this_computer() {
        for url in
            ["http://127.0.0.1:9", "http://[::1]:9", "http://localhost:9", "https://graph.facebook.com"]
        {
            assert!(at(url).root().is_ok(), "{url}");
        }
        for url in [
            "http://graph.facebook.com",
            "http://127.0.0.1.example.com",
            "ftp://127.0.0.1",
            "x",
            "http://10.0.0.1",
        ] {
            assert_eq!(at(url).root().unwrap_err().code(), "invalid_input", "{url}");
        }
    }

    #[test]
    fn an_address_carries_no_user_and_no_query() {
        for url in
            ["https://u:p@example.com", "https://example.com/?access_token=x", "https://example.com/#f"]
        {
            let error = at(url).root().unwrap_err();
            assert!(!error.to_string().contains("access_token"), "{error}");
        }
        assert_eq!(at("https://example.com/wa/").root().unwrap().as_str(), "https://example.com/wa/v25.0/");
    }

    #[test]
    fn a_version_looks_like_one() {
        for bad in ["25.0", "v25", "v25.0/../me", "", "vx.y"] {
            let settings = Settings { graph_version: bad.to_owned(), ..at("https://example.com") };
            assert!(settings.root().is_err(), "{bad}");
        }
        assert_eq!(graph_version_expires("v25.0"), NaiveDate::from_ymd_opt(2028, 7, 29));
        assert_eq!(graph_version_expires("v26.0"), None);
    }

    #[test]
    fn a_connection_may_not_outlast_the_call() {
        let settings = Settings { timeout_ms: 10_000, ..at("https://example.com") };
        assert!(settings.http().is_err());
        assert!(at("https://example.com").http().is_ok());
        let settings =
            Settings { extra_roots_pem: Some("not a certificate".to_owned()), ..at("https://example.com") };
        assert!(settings.http().is_err());
    }
}
