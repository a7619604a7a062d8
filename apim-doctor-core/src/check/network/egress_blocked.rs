//! Explains `network.egress-blocked`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Finding};
use crate::path::reason::Block;

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, by: &Block) -> Finding {
    let message = format!("{} `{}` stops {} on port {}", by.kind, by.rule, by.destination, by.port);
    let mut finding = ctx.finding(&by.resource, message);
    finding.fixes = remedy::unblock(ctx, by);
    let host = ctx.diagnosis.reference.as_ref().map(|r| r.host.clone()).unwrap_or_default();
    let own = ctx.remedies().connects(ctx, &host, by.port, "a timeout, and no connection");
    finding.confirm = Some(own.unwrap_or_else(|| {
        Confirmation {
            run_from: format!("a machine in the {}'s subnet", ctx.case.path.caller()),
            command: Command::new("curl --silent --show-error --max-time 10 --head")
                .url("https://", &host, "/healthstatus")
                .line(),
            expect: "a timeout; any HTTP status means that packets get through".to_owned(),
        }
    }));
    finding
}

/// The instance's own check of the target fails, and what stops it was not collected.
pub(crate) fn explain_check(ctx: &Context<'_, '_>, host: &str, way: Option<&ResourceId>) -> Finding {
    let instance = &ctx.case.path.resource;
    let message = format!("instance `{}` does not reach `{host}`, by its own check", instance.name());
    let mut finding = ctx.finding(way.unwrap_or(instance), message);
    finding.fixes = vec![remedy::let_through(way, ctx.subservice().service_tag())];
    finding.confirm = Some(remedy::network_checks(ctx, host));
    finding
}
