use std::time::Duration;

use reqwest::{Method, RequestBuilder, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use vault::AccessKey;
use zeroize::Zeroizing;

use crate::error::ClientError;
use crate::wire::{Fault, Token, TokenFault, TokenRequest};

/// How long a server has to take a connection,
const CONNECT: Duration = Duration::from_secs(10);
/// and to answer: a little more than it gives a request by itself.
const ANSWER: Duration = Duration::from_secs(90);

/// A MySafe server that a program is signed in at.
pub(crate) struct Server {
    address: Url,
    http: reqwest::Client,
    token: Zeroizing<String>,
}

impl Server {
    /// Signs in with an access key, of which the server gets what proves it and no more.
    pub async fn sign_in(address: &str, key: &AccessKey) -> Result<Self, ClientError> {
        let address = checked(address)?;
        // Two may be there in one program: this is the one that is meant. Where it was said before, it stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let agent = concat!("mysafe/", env!("CARGO_PKG_VERSION"));
        // Where the server sends somebody else the token would go with it.
        let mut http = reqwest::Client::builder()
            .user_agent(agent)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(ANSWER);
        // In clear to this very machine, and to no proxy on the way.
        if address.scheme() == "http" {
            http = http.no_proxy();
        }
        let http = http.build().map_err(|error| unreachable(&address, &error))?;
        let request = TokenRequest {
            grant_type: "client_credentials".into(),
            client_id: Some(key.account().to_string()),
            client_secret: Some(key.client_secret().to_string()),
        };
        let mut server = Self { address, http, token: Zeroizing::default() };
        let form = server.request(Method::POST, "/v1/token").form(&request);
        let token: Token = server.answer(form).await?;
        server.token = Zeroizing::new(token.access_token);
        Ok(server)
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.find(path, &[]).await
    }

    /// Asks for what fits a query.
    pub async fn find<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T, ClientError> {
        self.answer(self.request(Method::GET, path).query(query)).await
    }

    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, ClientError> {
        self.answer(self.request(Method::POST, path).json(body)).await
    }

    /// Sends something that has no answer but that it is done.
    pub async fn put(&self, path: &str, body: &impl Serialize) -> Result<(), ClientError> {
        self.send(self.request(Method::PUT, path).json(body)).await.map(drop)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut address = self.address.clone();
        address.set_path(path);
        let request = self.http.request(method, address);
        if self.token.is_empty() { request } else { request.bearer_auth(&*self.token) }
    }

    async fn answer<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, ClientError> {
        let response = self.send(request).await?;
        response.json().await.map_err(|error| unreachable(&self.address, &error))
    }

    async fn send(&self, request: RequestBuilder) -> Result<reqwest::Response, ClientError> {
        let response = request.send().await.map_err(|error| unreachable(&self.address, &error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let refusal: Refusal = response.json().await.map_err(|error| unreachable(&self.address, &error))?;
        let detail = match refusal {
            Refusal::Token(fault) => fault.error_description,
            Refusal::Other(fault) => detail(fault),
        };
        Err(ClientError::Refused { status: status.as_u16(), detail })
    }
}

/// What a server says that refuses: a sign-in in the words of OAuth, all else in the one form.
#[derive(Deserialize)]
#[serde(untagged)]
enum Refusal {
    Token(TokenFault),
    Other(Fault),
}

/// What a fault says, with all that it is about.
fn detail(fault: Fault) -> String {
    let about = |problem: &crate::wire::Problem| {
        let id = problem.secret.or(problem.recipient).map(|id| id.to_string()).unwrap_or_default();
        format!("\n  {id}: {}", problem.reason)
    };
    fault.detail + &fault.problems.iter().map(about).collect::<String>()
}

fn unreachable(address: &Url, error: &reqwest::Error) -> ClientError {
    // The last cause is the one that says something: the others say what was tried.
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    ClientError::Unreachable { address: address.origin().ascii_serialization(), cause: cause.to_string() }
}

/// The address of a server. What proves an access key goes over no line that others listen to.
fn checked(text: &str) -> Result<Url, ClientError> {
    let address: Option<Url> = text.parse().ok();
    let is_safe = |address: &Url| match (address.scheme(), address.host_str()) {
        ("https", Some(_)) => true,
        ("http", Some(host)) => {
            let ip = host.trim_matches(['[', ']']).parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
            host == "localhost" || ip
        }
        _ => false,
    };
    let is_bare = |address: &Url| {
        matches!(address.path(), "" | "/") && address.query().is_none() && address.username().is_empty()
    };
    address.filter(is_safe).filter(is_bare).ok_or_else(|| ClientError::Address(text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_key_is_proved_over_lines_that_nobody_listens_to() {
        for good in ["https://vault.example.com", "http://localhost:3000", "http://127.0.0.1:3000", "http://[::1]:3000"]
        {
            assert!(checked(good).is_ok(), "{good}");
        }
        for bad in [
            "http://vault.example.com",
            "http://127.0.0.1.example.com",
            "vault.example.com",
            "file:///etc",
            "https://example.com/vault",
            "https://a@example.com",
            "",
        ] {
            assert!(checked(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_fault_names_what_it_is_about() {
        let id = uuid::Uuid::from_u128(1);
        let problems = vec![crate::wire::Problem { secret: Some(id), recipient: None, reason: "is disabled".into() }];
        let fault = Fault { title: String::new(), status: 422, detail: "Nothing was done.".into(), problems };
        assert_eq!(detail(fault), format!("Nothing was done.\n  {id}: is disabled"));
    }
}
