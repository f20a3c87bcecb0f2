//! Normalizes client addresses, and parses lists of addresses and networks.

use ipnetwork::{IpNetwork, Ipv4Network, Ipv6Network};
use serde_json::{Value, json};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Prefix length of one IPv6 site: a site has all addresses with the same prefix (RFC 6177).
const SITE_BITS: u8 = 64;

/// Parse an address, with or without a zone. An IPv6 form of an IPv4 address becomes that IPv4 address: mapped
/// (`::ffff:192.0.2.1`), translated (`64:ff9b::192.0.2.1`, RFC 6052) or compatible (`::192.0.2.1`, RFC 4291 2.5.5.1).
pub fn parse(text: &str) -> Option<IpAddr> {
    let bare = text.trim();
    let bare = bare
        .split_once('%')
        .map_or(bare, |(address, _zone)| address);
    let address: IpAddr = bare.parse().ok()?;
    Some(match address.to_canonical() {
        IpAddr::V6(address) => embedded(address).map_or(IpAddr::V6(address), IpAddr::V4),
        v4 => v4,
    })
}

/// The IPv4 address in a translated or compatible IPv6 address.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [first, second, 0, 0, 0, 0, high, low] = address.segments() else {
        return None;
    };
    let translated = (first, second) == (0x64, 0xff9b);
    // `::` and `::1` are IPv6 addresses.
    let compatible = (first, second) == (0, 0) && high != 0;
    let bits = u32::from(high) << 16 | u32::from(low);
    (translated || compatible).then(|| Ipv4Addr::from_bits(bits))
}

/// The text by which failures are counted: the IPv4 address, or the 64-bit network of an IPv6 address, since a client
/// with one address of that network has all of them. A text that is not an address stays as it is.
pub fn counted_as(text: &str) -> String {
    let network = match parse(text) {
        Some(IpAddr::V6(address)) => Ipv6Network::new(address, SITE_BITS).ok(),
        Some(IpAddr::V4(address)) => return address.to_string(),
        None => None,
    };
    match network {
        Some(network) => format!("{}/{SITE_BITS}", network.network()),
        None => text
            .chars()
            .filter(|c| !c.is_control())
            .take(SITE_BITS.into())
            .collect(),
    }
}

/// Addresses and networks, one per line; `#` begins a comment.
#[derive(Debug, Default)]
pub struct Networks(Vec<IpNetwork>);

/// The reason why a line is neither an address nor a network.
#[derive(Debug, PartialEq)]
pub struct BadLine {
    number: usize,
    line: String,
    why: String,
}

impl fmt::Display for BadLine {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        let Self { number, line, why } = self;
        write!(out, "Line {number}, {line:?}: {why}")
    }
}

impl Networks {
    /// # Errors
    /// The first invalid line, and the expected format.
    pub fn parse(text: &str) -> Result<Self, BadLine> {
        let mut networks = Vec::new();
        for (at, whole) in text.lines().enumerate() {
            let line = whole.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let network = network(line).map_err(|why| BadLine {
                number: at + 1,
                line: line.chars().take(80).collect(),
                why,
            })?;
            networks.push(network);
        }
        Ok(Self(networks))
    }

    /// Whether an address is in one of the networks.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn network(line: &str) -> Result<IpNetwork, String> {
    let network: IpNetwork = line.parse().map_err(|_| {
        "neither an address nor a network. Write one a line, such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32."
            .to_owned()
    })?;
    if network.network() != network.ip() {
        let (first, bits) = (network.network(), network.prefix());
        let whole = if network.is_ipv4() { 32 } else { 128 };
        let address = network.ip();
        return Err(format!(
            "the address has bits beyond the {bits} of its network. Write {first}/{bits} for the network, or \
             {address}/{whole} for the one address."
        ));
    }
    Ok(match network {
        IpNetwork::V6(mapped) if mapped.prefix() >= 96 => {
            let plain = mapped.ip().to_ipv4_mapped();
            let plain = plain.and_then(|ip| Ipv4Network::new(ip, mapped.prefix() - 96).ok());
            plain.map_or(network, IpNetwork::V4)
        }
        other => other,
    })
}

/// Whether a strategy and its networks admit an address.
///
/// # Errors
/// The error in the strategy or in a line.
pub fn admits(strategy: &str, networks: &str, remote_addr: &str) -> Result<bool, String> {
    let networks = Networks::parse(networks).map_err(|bad| bad.to_string())?;
    let within = parse(remote_addr).map(|address| networks.contains(address));
    match strategy {
        "allow" => Ok(within == Some(true)),
        "deny" => Ok(within == Some(false)),
        other => Err(unknown(other)),
    }
}

fn unknown(strategy: &str) -> String {
    format!("The strategy must be off, allow or deny, not {strategy:?}.")
}

/// Whether a key with these networks may be used from an address. Without networks it may be used from anywhere; an
/// invalid list or address refuses.
pub fn is_within(networks: &str, remote_addr: &str) -> bool {
    match Networks::parse(networks) {
        Ok(networks) if networks.is_empty() => true,
        Ok(networks) => parse(remote_addr).is_some_and(|address| networks.contains(address)),
        Err(_) => false,
    }
}

/// Checks networks before they are stored. Returns `{"problem": text or null, "admits": whether
/// the networks admit the address}`; `admits` is null without an address or with a problem.
pub fn examine(networks: &str, strategy: &str, remote_addr: &str) -> Value {
    let problem = match Networks::parse(networks) {
        Err(bad) => Some(bad.to_string()),
        Ok(_) if !["off", "allow", "deny"].contains(&strategy) => Some(unknown(strategy)),
        Ok(networks) if networks.is_empty() && strategy == "allow" => {
            Some("No network is listed, so nobody could enter. List at least one.".into())
        }
        Ok(_) => None,
    };
    let admits = match remote_addr.is_empty() {
        true => None,
        false => admits(strategy, networks, remote_addr).ok(),
    };
    json!({"problem": problem, "admits": admits})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may_come(strategy: &str, networks: &str, address: &str) -> bool {
        admits(strategy, networks, address) == Ok(true)
    }

    #[test]
    fn an_address_has_one_form() {
        for (text, form) in [
            ("192.0.2.7", "192.0.2.7"),
            (" ::ffff:192.0.2.7 ", "192.0.2.7"),
            ("::ffff:c000:207", "192.0.2.7"),
            ("64:ff9b::192.0.2.7", "192.0.2.7"),
            ("::192.0.2.7", "192.0.2.7"),
            ("64:ff9b:1::192.0.2.7", "64:ff9b:1::c000:207"),
            ("::1", "::1"),
            ("::", "::"),
            ("2001:DB8:0:0::7", "2001:db8::7"),
            ("fe80::1%eth0", "fe80::1"),
        ] {
            assert_eq!(parse(text).unwrap().to_string(), form, "{text}");
        }
        for text in [
            "",
            "localhost",
            "192.0.2.7:80",
            "192.0.2.0/24",
            "192.0.2.07",
            "1",
            "[::1]",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn all_addresses_of_a_site_count_as_one() {
        assert_eq!(counted_as("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(counted_as("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(
            counted_as("2001:db8:1:2::"),
            counted_as("2001:db8:1:2:ffff::1")
        );
        assert_ne!(counted_as("2001:db8:1:2::"), counted_as("2001:db8:1:3::"));
        assert_eq!(counted_as(&"x\n".repeat(100)), "x".repeat(64));
    }

    #[test]
    fn lists_are_of_addresses_and_networks() {
        let list =
            "10.0.0.0/8\n\n192.0.2.7  # the office\r\n2001:db8::/32\n::ffff:198.51.100.0/120\n";
        for inside in [
            "10.255.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "::10.0.0.1",
            "192.0.2.7",
            "2001:db8:ffff::1",
            "198.51.100.9",
        ] {
            assert!(may_come("allow", list, inside), "{inside}");
            assert!(!may_come("deny", list, inside), "{inside}");
        }
        for outside in ["11.0.0.1", "192.0.2.8", "2001:db9::1", "198.51.101.0"] {
            assert!(!may_come("allow", list, outside), "{outside}");
            assert!(may_come("deny", list, outside), "{outside}");
        }
        // All of IPv4 includes nothing of IPv6. A text that is not an address is on no list.
        assert!(!may_come("allow", "0.0.0.0/0", "::1") && may_come("allow", "::/0", "::1"));
        for odd in ["", "unix:", "10.0.0.1, 10.0.0.2", "10.0.0.1:80"] {
            assert!(
                !may_come("allow", "0.0.0.0/0\n::/0", odd) && !may_come("deny", "", odd),
                "{odd}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_keeps_everybody_out() {
        for (strategy, list) in [
            ("allow", "10.0.0.0/8\n10.0.0/8"),
            ("deny", "10.0.0.0/33"),
            ("deny", "somewhere"),
            ("alow", "0.0.0.0/0"),
            ("True", ""),
        ] {
            assert!(!may_come(strategy, list, "10.0.0.1"), "{strategy} {list}");
            assert!(!may_come(strategy, list, "192.0.2.7"), "{strategy} {list}");
        }
        assert!(!may_come("allow", "", "192.0.2.7"));
    }

    #[test]
    fn the_bad_line_is_named_with_its_cure() {
        let text = |list: &str| {
            examine(list, "deny", "")["problem"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        assert!(text("10.0.0.0/8\n\nlocalhost").starts_with("Line 3, \"localhost\""));
        let bits = text("10.1.2.3/8");
        assert!(
            bits.contains("10.0.0.0/8") && bits.contains("10.1.2.3/32"),
            "{bits}"
        );
        assert!(text("2001:db8::1/32").contains("2001:db8::/32"));
        assert!(text("10.0.0.1, 10.0.0.2").contains("one a line"));
        assert_eq!(
            examine("10.0.0.0/8", "deny", "10.0.0.1"),
            json!({"problem": null, "admits": false})
        );
        assert_eq!(
            examine("10.0.0.0/8", "allow", "::ffff:10.0.0.1")["admits"],
            true
        );
        assert!(examine(" # nothing", "allow", "")["problem"].is_string());
        assert_eq!(examine("", "deny", "")["problem"], Value::Null);
    }

    #[test]
    fn a_keys_networks() {
        assert!(is_within("", "nowhere") && is_within("10.0.0.0/8", "10.0.0.1"));
        assert!(!is_within("10.0.0.0/8", "11.0.0.1") && !is_within("10.0.0.0/8", ""));
        assert!(!is_within("10.0.0.0/8\noops", "10.0.0.1"));
    }
}
