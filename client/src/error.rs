/// Why a command was not done. Says what is wrong, and what to do next.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// There is no access key.
    #[error("there is no access key: set MYSAFE_ACCESS_KEY, or MYSAFE_ACCESS_KEY_FILE to a file that has it")]
    NoAccessKey,
    /// What is there is none.
    #[error("the access key cannot be read: it begins with mysafe_ and was shown once, when it was added")]
    NotAnAccessKey,
    /// The file with the access key.
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    /// A line of a file with variables.
    #[error("{0}, line {1}: this is not NAME=value")]
    EnvLine(String, usize),
    /// What was asked for could not be written.
    #[error("the standard output: {0}")]
    Output(std::io::Error),
    /// The address of the server.
    #[error(
        "{0} is not the address of a MySafe server: write https:// and its name; http:// is for this very machine alone"
    )]
    Address(String),
    /// The server does not answer, or not as a MySafe server does.
    #[error("{address} does not answer as a MySafe server: {cause}")]
    Unreachable {
        /// Which server.
        address: String,
        /// What went wrong.
        cause: String,
    },
    /// The server refuses.
    #[error("{detail}")]
    Refused {
        /// The status of its answer.
        status: u16,
        /// What it says.
        detail: String,
    },
    /// Something sealed does not open, or was signed by nobody whose word counts.
    #[error("{0} does not open: its keys do not fit, or who shared it is not confirmed by an administrator")]
    Sealed(String),
    /// The keys of who shared something, or of somebody to share with, are not believed.
    #[error(
        "the keys of {0} are not confirmed, or are others than before: do not go on, ask an administrator to compare them"
    )]
    Doubted(String),
    /// Nothing has this name.
    #[error("there is no API secret {0} that is shared with this access key: mysafe list shows those there are")]
    Unknown(String),
    /// More than one API secret has this name.
    #[error("{0} API secrets are called {1}: use its id, which mysafe list shows")]
    Ambiguous(usize, String),
    /// The field of a reference is empty.
    #[error("{0} has no {1}")]
    Empty(String, &'static str),
    /// Nobody is called so.
    #[error(
        "nobody and no group is called {0} whom this access key can share with: write a username, or the name of a group"
    )]
    NoRecipient(String),
    /// More than one group is called so.
    #[error("more than one recipient is called {0}")]
    Recipients(String),
    /// A variable as nobody can set it.
    #[error("{0} is not NAME=REFERENCE, such as STRIPE_KEY=stripe-live")]
    Variable(String),
    /// The program could not be started.
    #[error("{0}: {1}")]
    Program(String, std::io::Error),
}
