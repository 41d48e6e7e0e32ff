//! The server as the sourcing commands reach it.

use super::duty_client::{ServerArguments, told};
use super::progress_line::ProgressLine;
use super::proto_json::{read_json, to_json};
use super::{Failure, print, runtime};
use crate::proto::portolan::sourcing::v1::sourcing_service_client::SourcingServiceClient;
use clap::Args;
use prost::Message;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::{Instant, interval_at};
use tonic::transport::Channel;
use tonic::{Response, Status};

const SECOND: Duration = Duration::from_secs(1);

/// What every sourcing command takes.
#[derive(Debug, Args)]
pub(super) struct SourcingArguments {
    /// The question as proto-JSON.
    #[arg(value_name = "REQUEST.json")]
    pub file: PathBuf,
    #[command(flatten)]
    pub server: ServerArguments,
    /// Prints the answer as proto-JSON.
    #[arg(long)]
    pub json: bool,
    /// Tells the answer in a few lines.
    #[arg(long, conflicts_with = "json")]
    pub brief: bool,
    /// Draws a picture of the answer as well.
    #[arg(long, value_name = "FILE.svg")]
    pub chart: Option<PathBuf>,
}

impl SourcingArguments {
    /// The question of the file.
    pub fn request<M: Message + Default>(&self, name: &str) -> Result<M, Failure> {
        read_json(&full(name), &self.file)
    }

    /// Prints an answer, as proto-JSON or as `tables` tell it, and draws it
    /// where a picture is asked for.
    pub fn tell<M: Message>(
        &self,
        name: &str,
        answer: &M,
        tables: impl FnOnce(&M) -> String,
        picture: impl FnOnce(&M) -> String,
    ) -> Result<(), Failure> {
        if let Some(path) = &self.chart {
            let written = std::fs::write(path, picture(answer));
            written.map_err(|error| format!("{}: {error}", path.display()))?;
        }
        self.print(name, answer, tables)
    }

    /// Prints an answer of which there is no picture.
    pub fn print<M: Message>(
        &self,
        name: &str,
        answer: &M,
        tables: impl FnOnce(&M) -> String,
    ) -> Result<(), Failure> {
        print(&if self.json { to_json(&full(name), answer)? } else { tables(answer) })
    }

    /// Asks one question and waits for its answer.
    pub fn ask<A>(
        &self,
        call: impl AsyncFnOnce(&mut SourcingServiceClient<Channel>) -> Result<Response<A>, Status>,
    ) -> Result<A, Failure> {
        runtime()?.block_on(async {
            let mut client = self.server.sourcing_client().await?;
            let mut line = ProgressLine::new();
            let began = Instant::now();
            let mut seconds = interval_at(began + SECOND, SECOND);
            let mut call = std::pin::pin!(call(&mut client));
            let answer = loop {
                tokio::select! {
                    answer = &mut call => break answer,
                    _ = seconds.tick() => {
                        line.show(&format!("{:>4} s  solving", began.elapsed().as_secs()));
                    }
                }
            };
            line.end();
            Ok(answer.map_err(|status| told(&status))?.into_inner())
        })
    }
}

/// Full name of a sourcing message.
pub(super) fn full(name: &str) -> String {
    format!("portolan.sourcing.v1.{name}")
}
