//! `can`: who has permission for what?

use std::io::Result as Written;
use std::path::Path;

use apim_doctor_core::live::Wanted;
use apim_doctor_core::v1::Permitted;
use apim_doctor_core::{Asked, AskedWhat, AskedWho, ResourceId, can, is_guid, what, who};
use serde::Serialize;

use crate::args::{Can, Format, Named};
use crate::command::live;
use crate::command::options::{Typed, as_of, read_from, resource_id};
use crate::exit::{Status, of_answer};
use crate::failure::Failure;
use crate::input::{self, Reading};
use crate::output::Page;
use crate::render::terminal;
use crate::{files, output};

/// A question, as it was typed.
enum Question<'a> {
    One { principal: &'a str, action: &'a str, scope: ResourceId },
    Who { action: &'a str, scope: ResourceId },
    What { principal: &'a str, scope: Option<ResourceId> },
}

/// Runs `can`.
pub(super) fn run(args: &Can, typed: &Typed) -> Result<Status, Failure> {
    typed.fits(&args.facts.snapshot)?;
    let named = input::files(&args.facts.snapshot)?;
    files::apart(&read_from(&named, &args.facts.live, None), &[args.written()])?;
    let question = question(args)?;
    let owners = args.facts.owners.iter().map(|text| resource_id(text)).collect::<Result<Vec<_>, _>>()?;
    let reading = match named.as_slice() {
        [] => live::read(&args.facts.live, wanted(args, &question)?, args.common.quiet)?.0,
        files => input::read(files, owners)?,
    };
    let (estate, time) = (&reading.estate, as_of(args.common.as_of, &reading.estate));
    match question {
        Question::One { principal, action, scope } => {
            let mut asked = Asked::new(principal, action, scope);
            asked.as_of = time;
            let answer = can(estate, &asked);
            let print = |page: &mut Page<'_>| terminal::answer(&asked, &answer, &args.common, page);
            show(args, &reading, &answer, answer.answer, print)
        }
        Question::Who { action, scope } => {
            let mut asked = AskedWho::new(action, scope);
            asked.as_of = time;
            let answer = who(estate, &asked);
            show(args, &reading, &answer, answer.answer, |page| terminal::who(&answer, &args.common, page))
        }
        Question::What { principal, scope } => {
            let mut asked = AskedWhat::new(principal);
            (asked.scope, asked.as_of) = (scope, time);
            let answer = what(estate, &asked);
            show(args, &reading, &answer, answer.answer, |page| terminal::what(&answer, &args.common, page))
        }
    }
}

fn show(
    args: &Can,
    reading: &Reading,
    document: &impl Serialize,
    answer: Permitted,
    print: impl FnOnce(&mut Page<'_>) -> Written<()>,
) -> Result<Status, Failure> {
    output::write(args.output_file.as_deref(), |page| match args.output {
        Format::Json => page.json(document),
        Format::Terminal => print(page),
    })?;
    Ok(if reading.flawed { Status::Usage } else { of_answer(answer) })
}

impl Can {
    /// Where the answer is written.
    fn written(&self) -> Named<'_> {
        Named { option: "--output-file", path: self.output_file.as_deref().unwrap_or(Path::new("-")) }
    }
}

fn question(args: &Can) -> Result<Question<'_>, Failure> {
    let given: Vec<&str> = args.given.iter().map(String::as_str).collect();
    let question = match (args.who, args.what, given.as_slice()) {
        (false, false, [principal, action, scope]) => Question::One { principal, action, scope: resource_id(scope)? },
        (true, _, [action, scope]) => Question::Who { action, scope: resource_id(scope)? },
        (_, true, [principal]) => Question::What { principal, scope: None },
        (_, true, [principal, scope]) => Question::What { principal, scope: Some(resource_id(scope)?) },
        _ => {
            return Err(Failure::Usage {
                message: format!("{} arguments do not make a question", given.len()),
                help: "expected `PRINCIPAL ACTION SCOPE`, `--who ACTION SCOPE` or `--what PRINCIPAL [SCOPE]`"
                    .to_owned(),
            });
        }
    };
    match question {
        Question::One { principal, .. } | Question::What { principal, .. }
            if !principal.starts_with('/') && !is_guid(principal) =>
        {
            Err(Failure::Usage {
                message: format!("`{principal}` is not an object id"),
                help: "expected an object id (a GUID), or the id of a resource with a managed identity".to_owned(),
            })
        }
        Question::One { action, .. } | Question::Who { action, .. }
            if !action.contains('/') || action.contains('*') =>
        {
            Err(Failure::Usage {
                message: format!("`{action}` is not an action"),
                help: "expected something like `Microsoft.KeyVault/vaults/secrets/getSecret/action`".to_owned(),
            })
        }
        question => Ok(question),
    }
}

/// What a live run has to read.
fn wanted(args: &Can, question: &Question<'_>) -> Result<Wanted, Failure> {
    let subscription = args.facts.live.subscription.first().map(|id| ResourceId::new(&format!("/subscriptions/{id}")));
    let (principal, scope) = match question {
        Question::One { principal, scope, .. } => (*principal, Some(scope.clone())),
        Question::Who { scope, .. } => ("", Some(scope.clone())),
        Question::What { principal, scope } => {
            let own =
                || Some(ResourceId::new(principal)).filter(|id| id.subscription().is_some())?.subscription_scope();
            (*principal, scope.clone().or(subscription).or_else(own))
        }
    };
    match scope {
        Some(scope) => Ok(Wanted::default().with_held(principal, scope)),
        None => Err(Failure::Usage {
            message: "where the principal has roles has to be known before Azure is asked".to_owned(),
            help: "give a scope, or --subscription ID".to_owned(),
        }),
    }
}
