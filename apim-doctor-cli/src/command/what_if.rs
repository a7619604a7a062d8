//! `what-if`: tries a planned change on a recording.

use apim_doctor_core::{HARDENINGS, Options, Planned, what_if};
use serde_json::{Value, json};

use crate::args::{Format, Named, ReportFormat, WhatIf};
use crate::command::options::{as_of, consumers, resource_id};
use crate::command::report::{Own, print, written};
use crate::exit::{Status, of_change};
use crate::failure::Failure;
use crate::render::{recording, terminal};
use crate::{files, input, output};

/// Runs `what-if`.
pub(super) fn run(args: &WhatIf) -> Result<Status, Failure> {
    if args.rules {
        return rules(args);
    }
    let planned = planned(args)?;
    if planned.is_empty() {
        return Err(Failure::Usage {
            message: "no change was given".to_owned(),
            help: "give `--set`, `--delete`, `--patch` or `--apply`".to_owned(),
        });
    }
    consumers(&args.consumer)?;
    let found = input::files(&args.snapshot)?;
    let read = found.iter().map(|path| Named { option: "--snapshot", path });
    let read: Vec<Named<'_>> = read.chain(args.patch.iter().map(|path| Named { option: "--patch", path })).collect();
    let changed = args.write_changed.iter().map(|path| Named { option: "--write-changed", path });
    let outputs: Vec<Named<'_>> = written(&args.outputs)?.into_iter().chain(changed).collect();
    files::apart(&read, &outputs)?;
    let owners = args.owners.iter().map(|text| resource_id(text)).collect::<Result<Vec<_>, _>>()?;
    let reading = input::read(&found, owners)?;
    let mut options = Options::default().with_consumers(&args.consumer);
    options.as_of = as_of(args.common.as_of, &reading.estate);
    let found = what_if(&reading.estate, &planned, &options)?;
    let is_idle = found.changes.is_empty() && !found.unused.is_empty();
    let nothing = is_idle || found.report.paths.is_empty() && found.gone.is_empty();
    let status = match (reading.flawed, nothing) {
        (true, _) => Status::Usage,
        (false, true) => Status::Nothing,
        (false, false) => of_change(&found.effects, &args.common.fail_on),
    };
    let own = Own {
        json: &|page| page.json(&found),
        terminal: &|page| terminal::what_if(&found, &args.common, status, page),
    };
    print(&found.report, (&args.outputs, &[]), &args.common, status, Some(&own))?;
    for rule in &found.unused {
        output::say(&format!("rule `{rule}` is about no recorded resource: collect one, or name another rule"));
    }
    if nothing && !is_idle {
        output::say("nothing was examined: the recording contains no access path; this does not mean that all is well");
    }
    if let Some(file) = &args.write_changed {
        let Some(changed) = found.changed.as_ref().filter(|_| !reading.flawed) else {
            return Err(Failure::Usage {
                message: "the changed recording was not written: the input cannot be written as one file".to_owned(),
                help: "give recordings or lists of resources, not both, and none that cannot be read".to_owned(),
            });
        };
        output::write(Some(file), |page| recording::print(changed, page))?;
    }
    Ok(status)
}

/// The changes that were asked for: first those that are spelled out, then rules.
fn planned(args: &WhatIf) -> Result<Vec<Planned>, Failure> {
    let mut planned: Vec<Planned> = args.set.iter().cloned().map(Planned::Set).collect();
    planned.extend(args.delete.iter().cloned().map(Planned::Delete));
    for path in &args.patch {
        let input = input::load(path)?;
        let help = "expected a JSON object with the id or the name of each resource and its merge patch";
        let wrong = |error| input::malformed(&input, &error, help);
        let patch: Value = serde_json::from_slice(&input.bytes).map_err(wrong)?;
        planned.push(Planned::Patch(patch));
    }
    planned.extend(args.apply.iter().cloned().map(Planned::Apply));
    Ok(planned)
}

/// Lists the rules.
fn rules(args: &WhatIf) -> Result<Status, Failure> {
    let outputs = args.outputs.all();
    for one in &outputs {
        let format = match one.format {
            ReportFormat::Terminal => Format::Terminal,
            ReportFormat::Json => Format::Json,
            _ => {
                return Err(Failure::Usage {
                    message: "`--rules` is printed as terminal or json".to_owned(),
                    help: "leave `--output` out, or use `-o json`".to_owned(),
                });
            }
        };
        output::write(one.file.as_deref(), |page| match format {
            Format::Terminal => HARDENINGS.iter().try_for_each(|own| {
                page.line(&format!("{}: {}", own.name, own.title))?;
                page.line(&format!("  {}", own.source().url))?;
                own.rules.iter().try_for_each(|rule| {
                    page.line(&format!("  {:20}{}", rule.tool, rule.id))?;
                    page.line(&format!("  {:20}{}", "", rule.source().url))
                })
            }),
            Format::Json => {
                let rules = HARDENINGS.iter().map(|own| {
                    let of_tool = own
                        .rules
                        .iter()
                        .map(|rule| json!({ "tool": rule.tool, "id": rule.id, "source": rule.source() }));
                    json!({
                        "name": own.name, "title": own.title, "resourceType": own.resource_type(),
                        "source": own.source(), "rules": of_tool.collect::<Vec<_>>(),
                    })
                });
                page.json(&rules.collect::<Vec<_>>())
            }
        })?;
    }
    Ok(Status::Clean)
}
