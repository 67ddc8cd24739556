//! Arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    gitlab_dora_exporter::cli::run(std::env::args_os())
}
