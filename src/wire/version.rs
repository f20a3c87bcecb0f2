//! Versions and eras of the protocol.

use serde_json::{Map, Value};

/// The `_meta` key of 2026-07-28 that carries the version (specification: basic, "Per-request metadata").
pub const META_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
pub const META_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
pub const META_LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";
pub const META_CLIENT: &str = "io.modelcontextprotocol/clientInfo";
pub const META_SERVER: &str = "io.modelcontextprotocol/serverInfo";

/// The versions that begin with a handshake, newest first.
pub const HANDSHAKE: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
/// The stateless versions, newest first.
pub const MODERN: [&str; 1] = ["2026-07-28"];

/// A version that this server supports. The order is that of their dates.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub enum Version {
    #[serde(rename = "2024-11-05")]
    V2024_11_05,
    #[serde(rename = "2025-03-26")]
    V2025_03_26,
    #[serde(rename = "2025-06-18")]
    V2025_06_18,
    #[serde(rename = "2025-11-25")]
    V2025_11_25,
    #[serde(rename = "2026-07-28")]
    V2026_07_28,
}

impl Version {
    /// The version with this name, if the server supports it.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "2024-11-05" => Self::V2024_11_05,
            "2025-03-26" => Self::V2025_03_26,
            "2025-06-18" => Self::V2025_06_18,
            "2025-11-25" => Self::V2025_11_25,
            "2026-07-28" => Self::V2026_07_28,
            _ => return None,
        })
    }

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::V2024_11_05 => "2024-11-05",
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
        }
    }

    /// Whether the version is stateless: no handshake, no session.
    pub fn is_modern(self) -> bool {
        self >= Self::V2026_07_28
    }

    /// Whether implementations describe themselves with a title (from 2025-06-18).
    pub fn has_titles(self) -> bool {
        self >= Self::V2025_06_18
    }

    /// Whether implementations describe themselves with description, website and icons (from 2025-11-25).
    pub fn has_descriptions(self) -> bool {
        self >= Self::V2025_11_25
    }

    /// Whether a POST may carry several messages (JSON-RPC batches were removed in 2025-06-18).
    pub fn has_batches(self) -> bool {
        self <= Self::V2025_03_26
    }

    /// Whether content may be audio, and progress has a message (from 2025-03-26).
    pub fn has_audio(self) -> bool {
        self >= Self::V2025_03_26
    }

    /// Whether content may be a link to a resource (from 2025-06-18).
    pub fn has_resource_links(self) -> bool {
        self >= Self::V2025_06_18
    }

    /// Whether results may have structured content and tools an output schema and a title (from 2025-06-18).
    pub fn has_structured_content(self) -> bool {
        self >= Self::V2025_06_18
    }

    /// Whether tools carry annotations (from 2025-03-26).
    pub fn has_annotations(self) -> bool {
        self >= Self::V2025_03_26
    }

    /// The version for an `initialize`: the requested one, otherwise the newest with a handshake (specification:
    /// lifecycle, "Version negotiation").
    pub fn negotiate(asked: &str) -> Self {
        match Self::parse(asked) {
            Some(version) if !version.is_modern() => version,
            _ => Self::V2025_11_25,
        }
    }
}

/// The two eras of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Era {
    Handshake,
    Modern,
}

/// The era of a message: modern if it has the modern `_meta`, or a version header other than a handshake version.
pub fn era(header: Option<&str>, params: &Map<String, Value>) -> Era {
    let meta = params.get("_meta").and_then(Value::as_object);
    let header_is_modern = header.is_some_and(|name| !HANDSHAKE.contains(&name));
    if header_is_modern || meta.is_some_and(|meta| meta.contains_key(META_VERSION)) {
        Era::Modern
    } else {
        Era::Handshake
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_version_is_negotiated_never_a_modern_one() {
        for name in HANDSHAKE {
            assert_eq!(Version::negotiate(name).name(), name);
        }
        for asked in ["2026-07-28", "1999-01-01", "", "2024-10-07"] {
            assert_eq!(Version::negotiate(asked), Version::V2025_11_25);
        }
    }

    #[test]
    fn the_era_follows_meta_or_an_unknown_header() {
        let modern = json!({"_meta": {META_VERSION: "2026-07-28"}});
        let modern = modern.as_object().unwrap();
        assert_eq!(era(None, modern), Era::Modern);
        assert_eq!(era(Some("2025-06-18"), modern), Era::Modern);
        assert_eq!(era(Some("2026-07-28"), &Map::new()), Era::Modern);
        assert_eq!(era(Some("1999-01-01"), &Map::new()), Era::Modern);
        assert_eq!(era(None, &Map::new()), Era::Handshake);
        assert_eq!(era(Some("2025-11-25"), &Map::new()), Era::Handshake);
    }

    #[test]
    fn names_round_trip() {
        for name in HANDSHAKE.into_iter().chain(MODERN) {
            assert_eq!(Version::parse(name).map(Version::name), Some(name));
        }
    }
}
