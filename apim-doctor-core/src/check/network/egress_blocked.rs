//! Explains `network.egress-blocked`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Finding};
use crate::path::reason::Block;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, by: &Block) -> Finding {
    let message = format!("{} `{}` blocks traffic to {} on port {}", by.kind, by.rule, by.destination, by.port);
    let mut finding = ctx.finding(&by.resource, message);
    finding.fixes = remedy::unblock(ctx, by);
    let host = ctx.diagnosis.reference.as_ref().map(|r| r.host.clone()).unwrap_or_default();
    let own = ctx.remedies().connects(ctx, &host, by.port, "a timeout: no connection");
    finding.confirm = Some(own.unwrap_or_else(|| {
        Confirmation {
            run_from: format!("a machine in the {}'s subnet", ctx.case.path.caller()),
            command: Command::new("curl --silent --show-error --max-time 10 --head")
                .url("https://", &host, "/healthstatus")
                .line(),
            expect: "a timeout; any HTTP status means that the traffic gets through".to_owned(),
        }
    }));
    finding
}

/// Builds the finding for a target that the instance's own network status reports as unreachable; the cause was not
/// collected.
pub(crate) fn explain_check(ctx: &Context<'_, '_>, host: &str, way: Option<&ResourceId>) -> Finding {
    let instance = &ctx.case.path.resource;
    let message = format!("the network status of instance `{}` shows that it cannot reach `{host}`", instance.name());
    let mut finding = ctx.finding(way.unwrap_or(instance), message);
    finding.fixes = vec![remedy::let_through(way, ctx.subservice().service_tag())];
    finding.confirm = Some(remedy::network_checks(ctx, host));
    finding
}
