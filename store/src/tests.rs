//! The store against a real database in a temporary folder. Files are named for the words they test.

mod access;
mod audit;
mod deleted;
mod directory;
mod expiry;
mod fixture;
mod group;
mod limit;
mod live;
mod matrix;
mod model;
mod people;
mod race;
mod receipt;
mod restoration;
mod rotation;
mod secret;
mod seen;
mod session;
mod settle;
mod share;
mod start_over;
mod transfer;
mod undo;
mod version;
mod why;
