//! Elements of policy documents. Those look like XML and are not: expressions hold unescaped quotes and angle
//! brackets. So a document is searched for the few elements that matter, and nothing else is understood.

/// The document without its comments.
pub fn without_comments(xml: &str) -> String {
    let mut kept = String::with_capacity(xml.len());
    let mut rest = xml;
    while let Some((before, after)) = rest.split_once("<!--") {
        kept.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    kept
}

/// Elements of this name with their contents.
pub fn blocks(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut found = Vec::new();
    let mut rest = xml;
    while let Some(start) = rest.find(&open) {
        let tail = rest.get(start..).unwrap_or_default();
        let is_name = tail.get(open.len()..).is_some_and(|t| t.starts_with(['>', ' ', '\t', '\n', '\r', '/']));
        if is_name {
            // What is never closed is closed nowhere later either.
            let Some(end) = tail.find(&close) else { break };
            found.push(tail.get(..end + close.len()).unwrap_or_default().to_owned());
            rest = tail.get(end + close.len()..).unwrap_or_default();
        } else {
            rest = tail.get(open.len()..).unwrap_or_default();
        }
    }
    found
}

/// Opening tags of this name.
pub fn tags(xml: &str, name: &str) -> Vec<String> {
    let open = format!("<{name}");
    let parts = xml.split(&open).skip(1);
    parts
        .filter(|part| part.starts_with([' ', '\t', '\n', '\r']))
        .map(|part| part.split('>').next().unwrap_or("").to_owned())
        .collect()
}

/// The value of an attribute of an opening tag.
pub fn attribute(tag: &str, name: &str) -> Option<String> {
    tag.match_indices(name).find_map(|(at, _)| {
        let before = tag.get(..at)?.chars().next_back()?;
        let rest = tag.get(at + name.len()..)?.trim_start().strip_prefix('=')?.trim_start();
        let quote = rest.chars().next().filter(|c| before.is_whitespace() && ['"', '\''].contains(c))?;
        rest.get(1..)?.split(quote).next().map(str::to_owned)
    })
}
