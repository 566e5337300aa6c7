use utoipa::openapi::OpenApi as Description;
use utoipa::openapi::security::{ClientCredentials, Flow, OAuth2, Scopes, SecurityScheme};
use utoipa::{Modify, OpenApi};

/// What OpenAPI says beside the addresses.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "MySafe",
        description = "The interface for programs. They sign in with an access key. What is sealed they open themselves: docs/keys.md says how, and the \
                       crate `vault` does it.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    tags(
        (name = "account", description = "The access key itself"),
        (name = "API secrets", description = "What it owns and what is shared with it"),
        (name = "shares", description = "Sharing what it owns")
    ),
    modifiers(&Signing)
)]
struct Api;

struct Signing;

impl Modify for Signing {
    fn modify(&self, description: &mut Description) {
        let flow = Flow::ClientCredentials(ClientCredentials::new("/v1/token", Scopes::new()));
        let components = description.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::OAuth2(OAuth2::new([flow])));
    }
}

/// The description without the addresses, which [`super::router`] adds.
pub(crate) fn describe() -> Description {
    Api::openapi()
}
