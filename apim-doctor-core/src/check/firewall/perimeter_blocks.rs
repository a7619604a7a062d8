//! Explains `firewall.perimeter-blocks`.

use serde_json::json;

use crate::base::{ResourceId, Verdict};
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Edit, Finding, Fix, Safety};
use crate::knowledge::subservice::Subservice;
use crate::knowledge::trust::Trust;
use crate::path::{Credential, Origin};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, association: Option<&ResourceId>) -> Finding {
    let (vault, noun) = (ctx.vault_name(), ctx.noun());
    let message = match association {
        Some(id) if ctx.cause.verdict == Verdict::Fail => {
            let perimeter = id.parent().unwrap_or_else(|| id.clone());
            let caller = ctx.case.path.caller();
            let why = match (is_share(ctx), &ctx.case.path.credential) {
                (true, _) => "blocks SMB: a perimeter allows only HTTPS".to_owned(),
                (false, Credential::AccountKey) => format!(
                    "has no access rule for the {caller}'s address, and a subscription rule does not apply to account \
                     keys"
                ),
                (false, _) => format!("has no access rule for the {caller}'s subscription or address"),
            };
            format!("perimeter `{}` around {noun} `{vault}` {why}", perimeter.name())
        }
        Some(id) => {
            format!("whether the perimeter around {noun} `{vault}` (`{}`) allows the call is not known", id.name())
        }
        None => format!(
            "{noun} `{vault}` is set to `SecuredByPerimeter` but has no perimeter association, so it \
                         accepts only private endpoints"
        ),
    };
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    finding.fixes = match association {
        Some(id) => vec![in_perimeter(ctx, id)],
        None => own_firewall(ctx).into_iter().chain([associate(ctx)]).collect(),
    };
    finding.confirm =
        Some(remedy::audit_log(ctx, "`Forbidden`, and the same in the perimeter's access log (NSPAccessLogs)"));
    finding
}

/// The azure-cli extension with the perimeter commands.
const NEEDS: &str = "needs: az extension add --name nsp";

/// Whether the call mounts a file share.
fn is_share(ctx: &Context<'_, '_>) -> bool {
    ctx.subservice() == Subservice::File
}

/// Allows the caller with a rule of the perimeter.
fn in_perimeter(ctx: &Context<'_, '_>, association: &ResourceId) -> Fix {
    let perimeter = association.parent().unwrap_or_else(|| association.clone());
    let caller = ctx.case.path.caller();
    if is_share(ctx) {
        return remedy::by_hand("use a private endpoint for `file` to reach the share".to_owned(), []);
    }
    let first = match ctx.case.path.credential {
        Credential::AccountKey => "use a managed identity instead of the account key, then ",
        _ => "",
    };
    let subscription = ctx.case.path.resource.subscription().unwrap_or("SUBSCRIPTION");
    let name = format!("allow-{}", ctx.case.path.caller_kind().facts().plural);
    remedy::by_hand(
        format!(
            "{first}add an inbound access rule for the {caller}'s subscription to perimeter `{}`",
            perimeter.name()
        ),
        [
            Command::rest("get", &format!("{perimeter}/profiles"), "2024-07-01"),
            Command::comment(NEEDS),
            Command::new("az network perimeter profile access-rule create")
                .named_as("--perimeter-name", &perimeter)
                .and("--profile-name PROFILE")
                .option("--name", name)
                .and("--direction Inbound")
                .json("--subscriptions", &json!([{ "id": format!("/subscriptions/{subscription}") }])),
        ],
    )
}

/// Makes the vault use its own firewall instead of a perimeter: private endpoints and trusted services only.
fn own_firewall(ctx: &Context<'_, '_>) -> Option<Fix> {
    let vault = ctx.vault()?;
    let trusted = matches!(ctx.case.trust(ctx.diagnosis.principal.as_ref()), Some(Trust::Trusted { .. }));
    if !trusted && !matches!(ctx.case.path.origin, Origin::ControlPlane) {
        return None;
    }
    let az = Command::new("az keyvault update")
        .named(&vault.id)
        .and("--public-network-access Disabled --bypass AzureServices --default-action Deny");
    let edits = [
        Edit::set(&vault.id, "/properties/publicNetworkAccess", "Disabled"),
        Edit::set(&vault.id, "/properties/networkAcls/bypass", "AzureServices"),
        Edit::set(&vault.id, "/properties/networkAcls/defaultAction", "Deny"),
    ];
    let change = remedy::Change::of(az, edits)
        .bicep_in(
            "Microsoft.KeyVault/vaults",
            "publicNetworkAccess: 'Disabled'\nnetworkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' }",
        )
        .terraform_in("azurerm_key_vault", "public_network_access_enabled = false\nnetwork_acls {\n  default_action = \"Deny\"\n  bypass         = \"AzureServices\"\n}");
    let title = format!(
        "use the firewall of vault `{}` instead of a perimeter: allow only private endpoints and \
                         trusted Microsoft services",
        vault.name()
    );
    Some(change.fix(title, Safety::Review))
}

/// Associates the vault with a perimeter.
fn associate(ctx: &Context<'_, '_>) -> Fix {
    remedy::by_hand(
        format!(
            "associate the {} with the intended perimeter, and add an access rule for the {}'s subscription",
            ctx.noun(),
            ctx.case.path.caller()
        ),
        [
            Command::comment(NEEDS),
            Command::new("az network perimeter association create --perimeter-name PERIMETER --resource-group GROUP")
                .option("--name", ctx.vault_name())
                .and("--access-mode Learning")
                .json("--private-link-resource", &json!({ "id": ctx.vault_or_instance().as_str() }))
                .json("--profile", &json!({ "id": "PROFILE_ID" })),
        ],
    )
}
