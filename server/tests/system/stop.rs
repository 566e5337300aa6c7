//! How the program ends when it is told to.

use std::fs;

use crate::client::Client;
use crate::program::{Server, demo};

#[tokio::test]
async fn told_to_stop_it_closes_its_database_and_is_there_again() {
    let folder = demo();
    let mut server = Server::start(folder.path(), &["--metrics", "127.0.0.1:0"]);
    server.prints("Figures are at ");
    let ana = Client::sign_in(server.address, "ana").await.unwrap();
    let id = ana.add_secret("kept", "value").await.unwrap();
    // Pages are open, and stay so.
    let _heard = ana.hears().await;
    assert!(server.stop());
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains("stopped") && !log.contains("longer than"), "{log}");
    let again = Server::start(folder.path(), &[]);
    assert_eq!(ana.at(again.address).open(id).await.unwrap(), "value");
}
