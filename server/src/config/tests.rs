use super::*;
use clap::Parser;

#[derive(Parser)]
struct Serve {
    #[command(flatten)]
    options: Options,
}

fn options(arguments: &[&str]) -> (Options, tempfile::TempDir) {
    let assets = tempfile::tempdir().unwrap();
    std::fs::write(assets.path().join("index.html"), "").unwrap();
    let all = ["serve", "--assets", assets.path().to_str().unwrap()].into_iter().chain(arguments.iter().copied());
    (Serve::parse_from(all).options, assets)
}

fn fault(arguments: &[&str]) -> String {
    options(arguments).0.check().unwrap_err().to_string()
}

#[test]
fn the_defaults_fit_together() {
    let (options, _assets) = options(&[]);
    options.check().unwrap();
    assert!(!options.secure());
}

#[test]
fn each_fault_names_its_setting() {
    assert!(fault(&["--listen", "0.0.0.0:80"]).starts_with("MYSAFE_LISTEN"));
    assert!(fault(&["--public-url", "http://safe.example.com"]).starts_with("MYSAFE_PUBLIC_URL"));
    assert!(fault(&["--batch-recipients", "5000"]).starts_with("MYSAFE_RATE_LISTS"));
    let (mut options, assets) = options(&[]);
    options.assets = assets.path().join("nowhere");
    assert!(options.check().unwrap_err().to_string().starts_with("MYSAFE_ASSETS"));
    options.storage.database = "mysql://x".into();
    assert!(options.storage.location().unwrap_err().to_string().starts_with("MYSAFE_DATABASE"));
}

#[test]
fn the_settings_of_the_example_are_settings() {
    let example = include_str!("../../../deploy/mysafe.conf").replace("\n#MYSAFE", "\nMYSAFE");
    let settings: Vec<_> = dotenvy::from_read_iter(example.as_bytes()).map(Result::unwrap).collect();
    let program = <Serve as clap::CommandFactory>::command();
    assert!(settings.len() > 5);
    assert_eq!(settings.iter().find(|(name, _)| !has_setting(&program, name)), None);
}

#[test]
fn settings_are_found_by_their_names() {
    let program = <Serve as clap::CommandFactory>::command();
    assert!(has_setting(&program, "MYSAFE_LISTEN") && has_setting(&program, "MYSAFE_RATE_DOORS"));
    assert!(!has_setting(&program, "MYSAFE_LISTENS"));
}

#[test]
fn a_certificate_comes_with_its_key_and_an_address_that_fits() {
    let parsed = |arguments: &[&str]| Serve::try_parse_from(["serve"].iter().chain(arguments));
    assert!(parsed(&["--tls-certificate", "a"]).is_err() && parsed(&["--tls-key", "b"]).is_err());
    let tls = ["--tls-certificate", "a", "--tls-key", "b"];
    let (with_tls, _assets) = options(&tls);
    with_tls.check().unwrap();
    assert!(with_tls.secure());
    assert!(fault(&[&tls[..], &["--public-url", "http://localhost"]].concat()).starts_with("MYSAFE_PUBLIC_URL"));
}

#[test]
fn who_signs_in_at_a_database_has_a_name_a_password_and_a_server() {
    assert!(Serve::try_parse_from(["serve", "--database-user", "mysafe"]).is_err());
    let user = ["--database-user", "mysafe", "--database-password", "canary"];
    let (embedded, _assets) = options(&user);
    assert!(embedded.storage.location().unwrap_err().to_string().starts_with("MYSAFE_DATABASE_USER"));
    let (remote, _assets) = options(&[&user[..], &["--database", "wss://db.example.com"]].concat());
    let location = remote.storage.location().unwrap();
    assert_eq!((location.url.as_str(), &location.user.as_ref().unwrap().name[..]), ("wss://db.example.com", "mysafe"));
    assert!(!format!("{remote:?}{location:?}").contains("canary"));
}

#[test]
fn limits_are_numbers_above_0() {
    assert!(Serve::try_parse_from(["serve", "--requests", "0"]).is_err());
    assert!(Serve::try_parse_from(["serve", "--rate-passwords", "20"]).is_err());
    let (options, _assets) = options(&["--body-mib", "2", "--rate-passwords", "3/1", "--proof-seconds", "9"]);
    assert_eq!((options.limits.body(), options.limits.batch_body()), (2 << 20, 32 << 20));
    let settings = options.limits.settings();
    assert_eq!((settings.guesses, settings.proof.as_secs()), ("3/1".parse().unwrap(), 9));
}

#[test]
fn https_makes_it_secure_and_the_embedded_database_syncs_every_commit() {
    let (mut options, folder) = options(&["--listen", "0.0.0.0:80", "--public-url", "https://safe.example.com"]);
    options.check().unwrap();
    assert!(options.secure());
    let database = folder.path().join("database");
    options.storage.database = format!("surrealkv://{}", database.display());
    assert!(options.storage.location().unwrap().url.ends_with("?sync=every"));
    assert_eq!(database.metadata().unwrap().mode() & 0o777, 0o700, "others have no business in it");
}
