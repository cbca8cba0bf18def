//! What runs inside the measured terminals. It puts itself on the generator's core.

use std::{
    fs::File,
    io::{Read, Write},
    os::fd::AsFd,
    path::PathBuf,
};

use anyhow::{Context, Result};
use clap::Subcommand;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};

use super::text::{BEGIN, block, blocks_of, ending};
use crate::machine::{hurry, pin_generator};

/// Nobody ever counts to that many bytes, and a server that was forgotten ends at it.
const WITHOUT_END: usize = 1 << 40;

/// Which one.
#[derive(Subcommand)]
pub(crate) enum Program {
    /// Waits for a key, then prints as fast as it is read.
    Flood {
        /// Where to write the number of this process.
        process_file: PathBuf,
        /// How many bytes; without end if none.
        bytes: Option<usize>,
    },
    /// Prints what is typed, byte by byte.
    Echo {
        /// Where to write the number of this process.
        process_file: PathBuf,
    },
}

/// Is that program until its terminal ends.
pub(crate) fn run(program: &Program) -> Result<()> {
    pin_generator()?;
    let (mut input, mut output) = (raw(std::io::stdin().as_fd())?, raw(std::io::stdout().as_fd())?);
    match program {
        Program::Flood { process_file, bytes } => {
            begin(process_file, &mut output)?;
            flood(&mut input, &mut output, bytes.unwrap_or(WITHOUT_END))
        }
        Program::Echo { process_file } => {
            hurry(std::process::id());
            begin(process_file, &mut output)?;
            let mut keys = [0; 1024];
            while let length @ 1.. = input.read(&mut keys)? {
                output.write_all(&keys[..length])?;
            }
            Ok(())
        }
    }
}

/// The terminal without any working of its own on bytes, and without a buffer of ours.
fn raw(terminal: std::os::fd::BorrowedFd<'_>) -> Result<File> {
    let mut settings = tcgetattr(terminal).context("this runs in a terminal only")?;
    cfmakeraw(&mut settings);
    tcsetattr(terminal, SetArg::TCSANOW, &settings)?;
    Ok(File::from(terminal.try_clone_to_owned()?))
}

fn begin(process_file: &PathBuf, output: &mut File) -> Result<()> {
    std::fs::write(process_file, std::process::id().to_string())?;
    Ok(output.write_all(BEGIN.as_bytes())?)
}

fn flood(input: &mut File, output: &mut File, bytes: usize) -> Result<()> {
    let block = block();
    let mut key = [0; 1];
    input.read_exact(&mut key)?;
    for _ in 0..blocks_of(bytes, &block) {
        output.write_all(block.as_bytes())?;
    }
    output.write_all(ending().as_bytes())?;
    // Stays until the terminal ends: a shell or an exit behind the end would be counted.
    while let Ok(1..) = input.read(&mut key) {}
    Ok(())
}
