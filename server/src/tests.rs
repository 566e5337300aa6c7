//! The server over HTTP, as clients meet it: its router, on a real database in a temporary folder.

mod api;
mod fixture;
mod limits;
mod live;
mod pages;
mod proof;
mod tls;
