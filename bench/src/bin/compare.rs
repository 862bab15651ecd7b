//! Measures the reference service and its hand-written twin in turns: `cargo xtask bench`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool speaks on its terminal")]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use archirust_bench::compare::{
    Account, Accounts, Flood, Load, Program, Series, Server, Starts, Table, Wrk, beside_a_flood, free_addresses,
    in_turns, mebibytes, public_key_pem, write_private,
};
use archirust_bench::twin;
use clap::Parser;
use reqwest::Client;

const ISSUER: &str = "https://accounts.bench.example";
const AUDIENCE: &str = "accounts";
const NAMED_KEY: &str = "data/totp.named";

/// Measures the reference service and its hand-written twin in turns, on the loopback address.
#[derive(Parser)]
struct Options {
    /// Rounds of each measurement.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each round.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Users in the database.
    #[arg(long, default_value_t = 1000)]
    users: usize,
    /// Users who send requests, each with a token of their own.
    #[arg(long, default_value_t = 64)]
    callers: usize,
    /// Connections that are kept busy.
    #[arg(long, default_value_t = 32)]
    connections: u32,
    /// Logins per second of the flood.
    #[arg(long, default_value_t = 200)]
    flood: u32,
    /// The folder of the programs `accounts` and `twin`; by default that of this program.
    #[arg(long)]
    programs: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match compare(&Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn compare(options: &Options) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let own = std::env::current_exe().map_err(|error| format!("could not find this program's own path: {error}"))?;
    let programs = options.programs.as_deref().or(own.parent()).unwrap_or(Path::new("."));
    // They are run in folders of their own.
    let programs = programs.canonicalize().map_err(|error| format!("no folder `{}`: {error}", programs.display()))?;
    let [api, management, twin_address] = free_addresses()?;
    let client = Client::new();
    let accounts_folder = own_folder(folder.path(), "accounts")?;
    let [first, accounts] = accounts_programs(&programs, &accounts_folder, api, management);
    let service = Accounts::new(client.clone(), api);

    // The same users and the same tokens for both.
    let (users, tokens, key) = {
        let _server = first.start()?;
        println!("registering {} users", options.users);
        let mut users = Vec::with_capacity(options.users);
        for number in 0..options.users {
            users.push(service.register(number).await?);
        }
        let mut tokens = Vec::with_capacity(options.callers);
        for user in users.iter().take(options.callers) {
            tokens.push(service.log_in(user).await?);
        }
        (users, tokens, public_key_pem(&service.jwks().await?)?)
    };
    name_key(&accounts_folder)?;
    let twin = twin_program(&programs, folder.path(), twin_address, &users, &key).await?;

    let [ours, theirs] = starts(options.rounds, [&accounts, &twin])?;
    let mut table = Table::default();
    table.row("exec to first 200, ms", ours.first_answer_ms, Some(theirs.first_answer_ms));
    table.row("resident when idle, MiB", ours.resident_mib, Some(theirs.resident_mib));

    let (accounts, twin) = (accounts.start()?, twin.start()?);
    let wrk =
        Wrk { threads: 2, connections: options.connections, time: Duration::from_secs(options.seconds), script: None };
    let urls = [api, twin_address].map(|address| format!("http://{address}/healthz"));
    println!("GET /healthz");
    let loads = in_turns(options.rounds, &wrk, [(&accounts, &urls[0]), (&twin, &urls[1])]).await?;
    add_rows(&mut table, "GET /healthz", loads);

    let wrk = wrk.with_tokens(&tokens, folder.path())?;
    let urls = [api, twin_address].map(|address| format!("http://{address}/v1/users/me"));
    println!("GET /v1/users/me");
    let loads = in_turns(options.rounds, &wrk, [(&accounts, &urls[0]), (&twin, &urls[1])]).await?;
    add_rows(&mut table, "GET /v1/users/me", loads);

    println!("GET /v1/users/me beside {} logins a second", options.flood);
    let flood = Flood { rate: options.flood, time: Duration::from_secs(options.seconds) };
    let sessions = service.sessions_url();
    let ([alone, flooded], answers) =
        beside_a_flood(options.rounds, &wrk, (&accounts, &urls[0]), (&client, &sessions, flood)).await?;
    let growth = flooded.p99_ms.median() / alone.p99_ms.median();
    table.row("GET /v1/users/me, p99 alone, ms", alone.p99_ms, None);
    table.row("GET /v1/users/me, p99 beside a login flood, ms", flooded.p99_ms, None);

    let resident = |server: &Server| server.usage().map(|usage| Series::once(mebibytes(usage.resident)));
    table.row("resident after all that, MiB", resident(&accounts)?, Some(resident(&twin)?));

    println!(
        "\n{table}\np99 beside the flood is {growth:.1} times that alone; its last logins were answered: {answers}"
    );
    Ok(())
}

/// Starts both, in turns.
fn starts(rounds: usize, programs: [&Program; 2]) -> Result<[Starts; 2], String> {
    let mut starts = [Starts::default(), Starts::default()];
    for _ in 0..rounds {
        for (starts, program) in starts.iter_mut().zip(programs) {
            starts.round(program)?;
        }
    }
    Ok(starts)
}

fn add_rows(table: &mut Table, what: &str, [ours, theirs]: [Load; 2]) {
    table.row(format!("{what}, server CPU µs"), ours.cpu_us, Some(theirs.cpu_us));
    table.row(format!("{what}, requests/s"), ours.rate, Some(theirs.rate));
    table.row(format!("{what}, p99 ms"), ours.p99_ms, Some(theirs.p99_ms));
}

/// The reference service, twice: in development, where it makes its keys, and in production, where it is measured. The
/// limits that would stop a measurement are set out of the way; nothing else is.
fn accounts_programs(programs: &Path, folder: &Path, api: SocketAddr, management: SocketAddr) -> [Program; 2] {
    let common = Program::new(&programs.join("accounts"), folder, api, "/.well-known/jwks.json")
        .with("ARCHI__WEB__BIND", api)
        .with("ARCHI__WEB__PUBLIC_HEALTH", true)
        .with("ARCHI__WEB__BEHIND_HTTPS", true)
        .with("ARCHI__WEB__RATE_LIMIT__ENABLED", false)
        // The flood comes from many addresses.
        .with("ARCHI__WEB__TRUSTED_PROXIES", "127.0.0.1/32")
        .with("ARCHI__MANAGEMENT__BIND", management)
        .with("ARCHI__JWT__ISSUER", ISSUER)
        .with("ARCHI__JWT__AUDIENCE", AUDIENCE)
        // As long as the measurement, and as the rules allow.
        .with("ARCHI__JWT__ACCESS_TTL", "15m");
    let measured = common
        .clone()
        .with("ARCHI_PROFILE", "production")
        .with("ARCHI__SECRET_KEY_FILE", "data/secret.key")
        .with("ARCHI__TOTP__KEY_FILE", NAMED_KEY);
    [common.with("ARCHI_PROFILE", "development"), measured]
}

/// Gives the key that development made for second factors a name, as production wants it.
fn name_key(folder: &Path) -> Result<(), String> {
    std::fs::read_to_string(folder.join("data/totp.key"))
        .and_then(|key| write_private(&folder.join(NAMED_KEY), &format!("dev:{key}")))
        .map_err(|error| format!("the key for second factors could not be named: {error}"))
}

/// The twin, with the same users and the public key of the reference service.
async fn twin_program(
    programs: &Path,
    folder: &Path,
    address: SocketAddr,
    users: &[Account],
    key: &str,
) -> Result<Program, String> {
    let folder = own_folder(folder, "twin")?;
    let (database, public_key) = (folder.join("twin.db"), folder.join("key.pem"));
    std::fs::write(&public_key, key).map_err(|error| format!("could not write the public key: {error}"))?;
    let fill = async {
        let pool = twin::connect(&database).await?;
        for (number, user) in users.iter().enumerate() {
            let user = twin::User {
                id: user.id.clone(),
                email: user.email.clone(),
                display_name: format!("User {number}"),
                created_at: "2026-01-01T00:00:00Z".to_owned(),
                updated_at: "2026-01-01T00:00:00Z".to_owned(),
            };
            twin::create(&pool, &user).await?;
        }
        pool.close().await;
        Ok::<(), sqlx::Error>(())
    };
    fill.await.map_err(|error| format!("could not fill the twin's database: {error}"))?;
    Ok(Program::new(&programs.join("twin"), &folder, address, "/healthz")
        .with("TWIN_DATABASE", database.display())
        .with("TWIN_PUBLIC_KEY", public_key.display())
        .with("TWIN_ISSUER", ISSUER)
        .with("TWIN_AUDIENCE", AUDIENCE)
        .with("TWIN_LISTEN", address))
}

fn own_folder(parent: &Path, name: &str) -> Result<PathBuf, String> {
    let folder = parent.join(name);
    std::fs::create_dir(&folder).map_err(|error| format!("could not make `{}`: {error}", folder.display()))?;
    Ok(folder)
}
