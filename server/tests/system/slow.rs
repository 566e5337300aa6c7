//! Who sends slowly keeps nobody waiting.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::Client;
use crate::program::{Server, demo};

/// How many send the head of a request and nothing after it.
const SLOW: usize = 5;

#[tokio::test]
async fn a_body_that_does_not_come_takes_nobodys_turn_and_is_cut_off() {
    let folder = demo();
    let server = Server::start(folder.path(), &["--requests", "1", "--request-seconds", "20"]);
    let head = "POST /api/greet HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-postcard\r\nContent-Length: 100\r\n\r\n";
    let mut slow = Vec::new();
    for _ in 0..SLOW {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    // All of them are there before this one, which needs several turns.
    Client::sign_in(server.address, "ana").await.unwrap();
    for mut stream in slow {
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 503");
    }
}
