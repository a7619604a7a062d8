//! Reading and diagnosing arbitrary bytes never panics.
#![no_main]

use apim_doctor_core::{Asked, Estate, Input, Options, ResourceId, can, diagnose, fixed_recording};
use libfuzzer_sys::fuzz_target;

/// A principal from the seeds: `can` still finds role assignments in a mutated seed.
const PRINCIPAL: &str = "94ad2c9d-4ba3-44cb-9880-0caa7c56d5aa";

fuzz_target!(|bytes: &[u8]| {
    let input = Input::new("input.json", bytes.to_vec());
    let (estate, _) = Estate::read(vec![input]);
    let options = Options::default();
    let report = diagnose(&estate, &options);
    let mut scopes: Vec<ResourceId> = report.paths.iter().filter_map(|path| path.target.resource.clone()).collect();
    scopes.truncate(2);
    scopes.push(ResourceId::new("/"));
    for scope in scopes {
        for action in ["Microsoft.KeyVault/vaults/secrets/getSecret/action", "Microsoft.KeyVault/vaults/read", "*"] {
            let principal = report.paths.first().and_then(|path| path.principal.as_ref()?.principal_id.clone());
            let principal = principal.unwrap_or_else(|| PRINCIPAL.to_owned());
            let _ = can(&estate, &Asked::new(principal, action, scope.clone()));
        }
    }
    // Diagnosis does not change the estate: a second one has as many findings, and the fixed recording can be built.
    assert_eq!(diagnose(&estate, &options).findings.len(), report.findings.len());
    let _ = fixed_recording(&estate, &options);
});
