//! Address ranges.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::template::functions::call::{Call, Fault, Outcome};
use crate::template::value::{Key, Kind, Object, Value};

/// A range of addresses.
struct Network {
    first: u128,
    prefix: u32,
    /// How many bits an address has.
    width: u32,
}

fn wrong(text: &str) -> Fault {
    Fault::Wrong(format!("`{text}` is not an address range"))
}

fn parse(text: &str) -> Result<Network, Fault> {
    let (address, prefix) = text.split_once('/').ok_or_else(|| wrong(text))?;
    let prefix: u32 = prefix.parse().map_err(|_| wrong(text))?;
    let (bits, width) = match address.parse().map_err(|_| wrong(text))? {
        IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    };
    if prefix > width {
        return Err(wrong(text));
    }
    let network = Network { first: 0, prefix, width };
    Ok(Network { first: bits & !network.hosts(), ..network })
}

impl Network {
    /// The bits that tell the addresses of the range apart.
    fn hosts(&self) -> u128 {
        let free = self.width.saturating_sub(self.prefix);
        1u128.checked_shl(free).map_or(u128::MAX, |size| size - 1)
    }

    fn last(&self) -> u128 {
        self.first | self.hosts()
    }

    fn show(&self, address: u128) -> String {
        match u32::try_from(address) {
            Ok(address) if self.width == 32 => Ipv4Addr::from(address).to_string(),
            _ => Ipv6Addr::from(address).to_string(),
        }
    }
}

pub(super) fn parse_cidr(call: &Call<'_>) -> Outcome {
    let network = parse(call.text(0)?)?;
    let all = if network.width == 32 { u128::from(u32::MAX) } else { u128::MAX };
    let is_v4 = network.width == 32;
    let mut entries = Vec::new();
    let mut add = |name: &str, kind: Kind| {
        entries.push((Key::new(name, call.span), Value::new(kind, call.span)));
    };
    let text = |address: u128| Kind::String(network.show(address).into());
    add("network", text(network.first));
    add("netmask", text(all & !network.hosts()));
    let small = network.hosts() < 2;
    if is_v4 {
        add("broadcast", text(network.last()));
    }
    let edge = u128::from(is_v4 && !small);
    add("firstUsable", text(network.first + edge));
    add("lastUsable", text(network.last() - edge));
    add("cidr", Kind::Int(i64::from(network.prefix)));
    Ok(Value::object(Object::new(entries), call.span))
}

pub(super) fn cidr_subnet(call: &Call<'_>) -> Outcome {
    let text = call.text(0)?;
    let network = parse(text)?;
    let too_large = || Fault::Wrong(format!("`{text}` has no such range"));
    let prefix = u32::try_from(call.int(1)?).map_err(|_| too_large())?;
    let number = u128::try_from(call.int(2)?).map_err(|_| too_large())?;
    if prefix < network.prefix || prefix > network.width {
        return Err(too_large());
    }
    let more = prefix - network.prefix;
    if more < 128 && number >= (1u128 << more) {
        return Err(too_large());
    }
    let offset = number.checked_shl(network.width - prefix).unwrap_or(0);
    let first = network.first.checked_add(offset).ok_or_else(too_large)?;
    Ok(Value::string(format!("{}/{prefix}", network.show(first)), call.span))
}

pub(super) fn cidr_host(call: &Call<'_>) -> Outcome {
    let text = call.text(0)?;
    let network = parse(text)?;
    let too_large = || Fault::Wrong(format!("`{text}` has no such address"));
    let number = u128::try_from(call.int(1)?).map_err(|_| too_large())?;
    let address = network.first.checked_add(number + 1).filter(|address| *address <= network.last());
    Ok(Value::string(network.show(address.ok_or_else(too_large)?), call.span))
}
