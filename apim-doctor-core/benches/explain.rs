//! Explains texts of growing length: logs with one message at the end, and what makes patterns slow. The time has to be
//! linear in the length.

use std::hint::black_box;

use apim_doctor_core::explain;
use apim_doctor_core::testing::known_messages;
use criterion::{BenchmarkId, Criterion, Throughput};

/// What a text is made of, and whether it has lines.
const KINDS: [(&str, &str); 5] = [
    ("log", "2026-11-21T09:00:00Z WARN status 403 Forbidden from key vault, retry 3 of 5, operation getSecret\n"),
    ("line", "2026-11-21T09:00:00Z WARN the managed identity was not found, no such host kv-shop.vault.azure.net "),
    ("eyJ", "eyJ"),
    ("sig", "sig="),
    ("escapes", "\\\\\\\"\\u0027"),
];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("explain");
    let message = known_messages().find_map(|(_, samples)| samples.first()).copied().unwrap_or_default();
    for (kind, piece) in KINDS {
        for kibibytes in [1, 64, 1_024, 10_240] {
            let text = piece.repeat(kibibytes * 1_024 / piece.len()) + message;
            group.throughput(Throughput::Bytes(text.len() as u64));
            if kibibytes > 1_024 {
                group.sample_size(10);
            }
            group.bench_function(BenchmarkId::new(kind, kibibytes), |bencher| {
                bencher.iter(|| explain(black_box(&text)))
            });
        }
    }
    group.finish();
    criterion.final_summary();
}
