//! `portolan stream`: a question a line in, an answer a line out, in order.

use super::duty_client::{ServerArguments, told};
use super::proto_json::{from_json, to_json_line};
use super::{Failure, runtime};
use crate::proto::google::rpc;
use crate::proto::portolan::tariff::v1 as pb;
use crate::proto::portolan::tariff::v1::stream_duty_response::Result as Answered;
use clap::Args;
use std::fs::File;
use std::io::{BufRead, BufReader, Write, stdin, stdout};
use std::path::{Path, PathBuf};
use std::thread;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};

/// Questions read ahead of the answers.
const READ_AHEAD: usize = 64;

#[derive(Debug, Args)]
#[command(after_help = "\
Each line of input is a `CalculateDutyRequest`, each line of output a `StreamDutyResponse` whose
id is the number of the line asked. A faulty line is answered in its place, and the rest goes on.

  jq -c . examples/japan-car-may-2025.json examples/uk-car-may-2025.json | portolan stream -")]
pub(super) struct StreamArguments {
    /// Questions as proto-JSON, one a line; `-` reads standard input.
    #[arg(value_name = "REQUESTS.jsonl")]
    file: PathBuf,
    #[command(flatten)]
    server: ServerArguments,
}

/// What stands in a line of the input.
enum Line {
    /// A question that is sent.
    Question,
    /// Nothing that can be sent, and its answer.
    Unreadable(Box<pb::StreamDutyResponse>),
    /// The input cannot be read on.
    Broken(Failure),
}

pub(super) fn run(arguments: &StreamArguments) -> Result<(), Failure> {
    let input = open(&arguments.file)?;
    let (questions, asked) = channel(READ_AHEAD);
    let (lines, expected) = channel(READ_AHEAD);
    // Not a task: reading may block for ever, and then must not keep the command from ending.
    thread::spawn(move || read(input, &questions, &lines));
    let (faulty, answers) = runtime()?.block_on(answer(&arguments.server, asked, expected))?;
    if faulty > 0 {
        return Err(format!("{faulty} of {answers} lines are faulty"));
    }
    Ok(())
}

fn open(path: &Path) -> Result<Box<dyn BufRead + Send>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(stdin())));
    }
    let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Box::new(BufReader::new(file)))
}

/// Hands on every line, in order, until nobody takes them.
fn read(input: Box<dyn BufRead>, questions: &Sender<pb::StreamDutyRequest>, lines: &Sender<Line>) {
    for (place, line) in input.lines().enumerate() {
        let request_id = (place + 1).to_string();
        let text = match line {
            Ok(text) if text.trim().is_empty() => continue,
            Ok(text) => text,
            Err(error) => {
                let _ = lines.blocking_send(Line::Broken(format!("line {request_id}: {error}")));
                return;
            }
        };
        let sent = match from_json("portolan.tariff.v1.CalculateDutyRequest", &text) {
            Ok(request) => {
                lines.blocking_send(Line::Question).is_ok()
                    && questions
                        .blocking_send(pb::StreamDutyRequest { request_id, request: Some(request) })
                        .is_ok()
            }
            Err(message) => {
                let error =
                    rpc::Status { code: Code::InvalidArgument.into(), message, details: vec![] };
                let result = Some(Answered::Error(error));
                let answer = Box::new(pb::StreamDutyResponse { request_id, result });
                lines.blocking_send(Line::Unreadable(answer)).is_ok()
            }
        };
        if !sent {
            return;
        }
    }
}

/// Prints the answers in the order of the lines; how many were faulty, and how many there were.
async fn answer(
    server: &ServerArguments,
    asked: Receiver<pb::StreamDutyRequest>,
    mut expected: Receiver<Line>,
) -> Result<(usize, usize), Failure> {
    let mut client = server.client().await?;
    let answers = client.stream_duty(ReceiverStream::new(asked)).await;
    let mut answers = answers.map_err(|status| told(&status))?.into_inner();
    let (mut faulty, mut printed, mut last) = (0, 0, String::new());
    let mut early = None;
    loop {
        let line = tokio::select! {
            biased;
            line = expected.recv() => line,
            // Nothing is asked: what can come is the end, and who waits for lines must learn of it.
            answer = answers.message(), if early.is_none() => {
                early = Some(answer);
                match early {
                    Some(Err(status)) => return Err(ended(&status, &last)),
                    _ => expected.recv().await,
                }
            }
        };
        let answer = match line {
            None => return Ok((faulty, printed)),
            Some(Line::Broken(failure)) => return Err(failure),
            Some(Line::Unreadable(answer)) => *answer,
            Some(Line::Question) => {
                let answer = match early.take() {
                    Some(answer) => answer,
                    None => answers.message().await,
                };
                answer
                    .map_err(|status| ended(&status, &last))?
                    .ok_or("the server ended the stream early")?
            }
        };
        let text = to_json_line("portolan.tariff.v1.StreamDutyResponse", &answer)?;
        // Not `println!`: who reads may have read enough.
        writeln!(stdout(), "{text}").map_err(|error| format!("standard output: {error}"))?;
        printed += 1;
        faulty += usize::from(!matches!(answer.result, Some(Answered::Response(_))));
        last = answer.request_id;
    }
}

/// Why the stream ended, and where to go on.
fn ended(status: &Status, last: &str) -> Failure {
    let last = if last.is_empty() { "none" } else { last };
    format!("{}\nlast answered id: {last}", told(status))
}
