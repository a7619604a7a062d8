//! `can`: does this principal have permission for this action at this scope?

use apim_doctor_core::live::Wanted;
use apim_doctor_core::{Asked, can, is_guid};

use crate::args::{Can, Format};
use crate::command::live;
use crate::command::options::{Typed, as_of, read_from, resource_id};
use crate::exit::{Status, of_answer};
use crate::failure::Failure;
use crate::input;
use crate::render::terminal;
use crate::{files, output};

/// Runs `can`.
pub(super) fn run(args: &Can, typed: &Typed) -> Result<Status, Failure> {
    typed.fits(&args.facts.snapshot)?;
    let named = input::files(&args.facts.snapshot)?;
    files::apart(&read_from(&named, &args.facts.live, None), &[args.common.written()])?;
    let scope = resource_id(&args.scope)?;
    let owners = args.facts.owners.iter().map(|text| resource_id(text)).collect::<Result<Vec<_>, _>>()?;
    if !args.principal.starts_with('/') && !is_guid(&args.principal) {
        return Err(Failure::Usage {
            message: format!("`{}` is not an object id", args.principal),
            help: "expected an object id (a GUID), or the id of a resource with a managed identity".to_owned(),
        });
    }
    if !args.action.contains('/') || args.action.contains('*') {
        return Err(Failure::Usage {
            message: format!("`{}` is not an action", args.action),
            help: "expected something like `Microsoft.KeyVault/vaults/secrets/getSecret/action`".to_owned(),
        });
    }
    let reading = match named.as_slice() {
        [] => {
            let wanted = Wanted::default().with_held(&args.principal, scope.clone());
            live::read(&args.facts.live, wanted, args.common.quiet)?.0
        }
        files => input::read(files, owners)?,
    };
    let mut asked = Asked::new(&args.principal, &args.action, scope);
    asked.as_of = as_of(args.common.as_of, &reading.estate);
    let answer = can(&reading.estate, &asked);
    output::write(args.common.output_file.as_deref(), |page| match args.common.output {
        Format::Json => page.json(&answer),
        Format::Terminal => terminal::answer(&asked, &answer, &args.common, page),
    })?;
    Ok(if reading.flawed { Status::Usage } else { of_answer(&answer) })
}
