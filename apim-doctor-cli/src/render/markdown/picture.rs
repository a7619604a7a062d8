//! A picture of an access path, in Mermaid's language.

use std::io::Result;

use apim_doctor_core::Verdict;
use apim_doctor_core::v1::Path;

use crate::output::{Page, plain};

/// Characters of one label.
const LONGEST: usize = 60;

/// Prints the gates of a path between its caller and its target.
pub(super) fn print(path: &Path, page: &mut Page<'_>) -> Result<()> {
    let caller = format!("{} {}", path.consumer_noun, path.label);
    let target = path.target.host.as_deref().unwrap_or(&path.target.kind);
    page.line("")?;
    page.line("```mermaid")?;
    page.line("flowchart LR")?;
    page.line(&format!("  caller([\"{}\"])", label(&caller)))?;
    for gate in &path.gates {
        let (mark, class) = match gate.verdict {
            Verdict::Pass => ("pass", "pass"),
            Verdict::Fail => ("FAIL", "fail"),
            Verdict::Unknown => ("unknown", "open"),
            Verdict::NotApplicable => ("not applicable", "none"),
        };
        page.line(&format!("  {0}[\"{0}<br/>{mark}\"]:::{class}", gate.gate.name()))?;
    }
    page.line(&format!("  destination([\"{}\"])", label(target)))?;
    let gates = path.gates.iter().map(|gate| gate.gate.name());
    let chain: Vec<&str> = std::iter::once("caller").chain(gates).chain(std::iter::once("destination")).collect();
    page.line(&format!("  {}", chain.join(" --> ")))?;
    page.line("  classDef pass fill:#dafbe1,stroke:#1a7f37,color:#1f2328")?;
    page.line("  classDef fail fill:#ffebe9,stroke:#cf222e,color:#1f2328,stroke-width:3px")?;
    page.line("  classDef open fill:#fff8c5,stroke:#9a6700,color:#1f2328")?;
    page.line("  classDef none fill:#f6f8fa,stroke:#afb8c1,color:#1f2328")?;
    page.line("```")
}

/// A label in quotation marks: everything but letters, digits and a few signs is a character code.
fn label(text: &str) -> String {
    let text = plain(text);
    let mut label: String = String::new();
    for (at, c) in text.chars().enumerate() {
        match c {
            _ if at == LONGEST => {
                label.push('…');
                break;
            }
            c if c.is_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_' | '/') => label.push(c),
            c => label.push_str(&format!("#{};", u32::from(c))),
        }
    }
    label
}
