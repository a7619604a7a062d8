//! Measures the time from bytes to a report in memory, for 1 to 2,000 instances.

#![recursion_limit = "256"]

mod generator;

use std::hint::black_box;
use std::time::Duration;

use apim_doctor_core::{Estate, Input, Options, diagnose};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};

fn inputs(bytes: &[u8]) -> Vec<Input> {
    vec![Input::new("estate.json", bytes.to_vec())]
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("estate");
    for instances in [1, 10, 100, 400, 2_000] {
        let bytes = generator::estate(instances);
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        if instances >= 100 {
            group.sample_size(10).measurement_time(Duration::from_secs(10));
        }
        group.bench_function(BenchmarkId::new("parse-only", instances), |bencher| {
            bencher.iter(|| serde_json::from_slice::<serde_json::Value>(black_box(&bytes)));
        });
        group.bench_function(BenchmarkId::new("read", instances), |bencher| {
            bencher.iter_batched(|| inputs(&bytes), Estate::read, BatchSize::PerIteration);
        });
        let (estate, _) = Estate::read(inputs(&bytes));
        group.bench_function(BenchmarkId::new("diagnose", instances), |bencher| {
            bencher.iter(|| diagnose(&estate, &Options::default()));
        });
        group.bench_function(BenchmarkId::new("read-and-diagnose", instances), |bencher| {
            let run = |inputs| {
                let (estate, _) = Estate::read(inputs);
                diagnose(&estate, &Options::default())
            };
            bencher.iter_batched(|| inputs(&bytes), run, BatchSize::PerIteration);
        });
    }
    group.finish();
    criterion.final_summary();
}
