//! `actfn completions`

use clap::Args;
use clap_complete::Shell;

/// Print a script with which a shell completes this program's commands and options.
#[derive(Args)]
#[command(after_help = "\
Examples:
  actfn completions bash > ~/.local/share/bash-completion/completions/actfn
  actfn completions zsh > ~/.zfunc/_actfn      ~/.zshrc: fpath+=~/.zfunc
  actfn completions fish > ~/.config/fish/completions/actfn.fish
  actfn completions powershell >> $PROFILE")]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub fn run(self, mut program: clap::Command) -> Result<String, String> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut program, "actfn", &mut script);
        String::from_utf8(script).map_err(|error| error.to_string())
    }
}
