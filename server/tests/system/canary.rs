//! What the program tells about itself holds nothing of what people keep and type.

use std::fs;

use vault::{AccountId, Grants, Permission, RecipientId};

use crate::client::Client;
use crate::program::{Server, demo};

#[tokio::test]
async fn log_and_figures_hold_no_names_and_no_values() {
    let folder = demo();
    let mut server =
        Server::start(folder.path(), &["--metrics", "127.0.0.1:0", "--log", "debug,surrealdb=info,surrealkv=info"]);
    let figures = server.prints("Figures are at ");
    let ana = Client::sign_in(server.address, "ana").await.unwrap();
    let bruno = Client::sign_in(server.address, "bruno").await.unwrap();
    assert!(Client::sign_in(server.address, "canary-username").await.is_err());
    assert!(Client::sign_in_with(server.address, "ana", "canary-password").await.is_err());
    let id = ana.add_secret("canary-name", "canary-value").await.unwrap();
    let grants: Grants = vec![(RecipientId::Account(bruno.id()), Permission::View)];
    ana.share(&[id], &grants).await.unwrap();
    assert_eq!(bruno.open(id).await.unwrap(), "canary-value");
    assert!(bruno.share(&[id], &grants).await.is_err());
    assert!(bruno.call::<()>("list_waiting", &()).await.is_err());
    let http = reqwest::Client::new();
    let unknown = format!("http://{}/api/unknown?canary-query=1", server.address);
    http.post(unknown).header("content-type", "application/x-postcard").body("canary-body").send().await.unwrap();

    let figures = http.get(figures).send().await.unwrap().text().await.unwrap();
    for line in [
        "mysafe_request_seconds_count{function=\"share_secrets\",status=\"200\"} 1",
        "mysafe_request_seconds_count{function=\"other\",status=\"400\"} 1",
        "mysafe_batch_secrets_count{batch=\"share\"} 1",
        // Two with another password or name than there is.
        "mysafe_sign_ins_total{step=\"begun\"} 4",
        "mysafe_sign_ins_total{step=\"done\"} 2",
        "mysafe_refusals_total{why=\"not allowed\"} 2",
        "mysafe_requests_under_way 0",
        "mysafe_database_up 1",
        "mysafe_live_pages 0",
    ] {
        assert!(figures.contains(line), "{line} in {figures}");
    }
    assert!(figures.contains("mysafe_transaction_seconds_bucket") && figures.contains("process_resident_memory_bytes"));

    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains(&id.to_string()), "what was done is there: {log}");
    let said = |function: &str, account: AccountId, words: &str| {
        let begin = format!("request{{function=\"{function}\" from=127.0.0.1 account={account}}}:");
        log.lines().filter(|line| line.contains(&begin) && line.ends_with(words)).count()
    };
    assert_eq!(said("begin_sign_in", ana.id(), "sign-in begun"), 2);
    assert_eq!(said("finish_sign_in", ana.id(), "sign-in done"), 1, "the other had a wrong password");
    assert_eq!(said("keys_to_share", bruno.id(), "refused why=\"not allowed\""), 1);
    assert_eq!(said("list_waiting", bruno.id(), "refused why=\"not allowed\""), 1);
    for told in ["canary", "mysafe-demo", "Ana Lima", "Bruno", "@demo.example", ana.token()] {
        assert!(!log.contains(told), "{told} in {log}");
        assert!(!figures.contains(told), "{told} in {figures}");
    }
    assert!(!figures.contains(&id.to_string()));
}
