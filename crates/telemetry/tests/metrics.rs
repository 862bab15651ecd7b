//! The shared registry.

use archirust_telemetry::Metrics;
use prometheus_client::metrics::counter::Counter;

#[test]
fn what_is_registered_anywhere_is_in_every_scrape() {
    let metrics = Metrics::new();
    let other = metrics.clone();
    let counter = other.register(|registry| {
        let counter: Counter = Counter::default();
        registry.register("logins", "Logins", counter.clone());
        counter
    });
    counter.inc_by(3);
    let text = metrics.encode().unwrap();
    assert!(text.contains("\nlogins_total 3\n"), "{text}");
    assert!(text.ends_with("# EOF\n"));
}

#[test]
fn figures_of_the_process_are_read_at_each_scrape() {
    let metrics = Metrics::new();
    let value = |name: &str| {
        let text = metrics.encode().unwrap();
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("{name} ")))
            .unwrap_or_else(|| panic!("{name} in {text}"));
        line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
    let started = value("process_start_time_seconds");
    assert!(started <= now + 1.0 && started > now - 3600.0, "{started}, now {now}");
    assert!(value("process_resident_memory_bytes") > 1e6);
    assert!(value("process_virtual_memory_bytes") > value("process_resident_memory_bytes"));
    assert!(value("process_cpu_seconds_total") >= 0.0);
    assert!(value("process_threads") >= 1.0);
    let before = value("process_open_fds");
    let open: Vec<_> = (0..64).map(|_| std::fs::File::open("/proc/self/stat").unwrap()).collect();
    // Other tests open and close files meanwhile, but not as many.
    assert!(value("process_open_fds") > before + 32.0);
    drop(open);
    assert!(value("process_max_fds") >= value("process_open_fds"));
}
