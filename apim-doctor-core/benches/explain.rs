//! Explains logs of growing length, with one message at the end. The time has to be linear in the length.

use std::hint::black_box;

use apim_doctor_core::explain;
use apim_doctor_core::testing::known_messages;
use criterion::{BenchmarkId, Criterion, Throughput};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("explain");
    let message = known_messages().find_map(|(_, samples)| samples.first()).copied().unwrap_or_default();
    let line = "2026-11-21T09:00:00Z WARN status 403 Forbidden from key vault, retry 3 of 5, operation getSecret\n";
    for kibibytes in [0, 64, 1_024, 8_192] {
        let text = line.repeat(kibibytes * 1_024 / line.len()) + message;
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(BenchmarkId::new("KiB", kibibytes), |bencher| bencher.iter(|| explain(black_box(&text))));
    }
    group.finish();
    criterion.final_summary();
}
