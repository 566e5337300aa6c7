//! A `SurrealDB` server of the version that MySafe speaks to, for its tests and to try it. Takes the arguments of `surreal`.

fn main() -> std::process::ExitCode {
    surrealdb_server::init(surrealdb_core::CommunityComposer())
}
