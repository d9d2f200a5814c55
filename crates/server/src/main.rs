//! The binary `anteroom`. Everything it does is in the library.

fn main() -> std::process::ExitCode {
    server::cli::run()
}
