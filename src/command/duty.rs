//! `portolan duty`: asks a server and shows what it answers.

use super::duty_arguments::DutyArguments;
use super::duty_client::told;
use super::duty_tables::{explanation, matrix};
use super::proto_json::to_json;
use super::{Failure, runtime};

pub(super) fn duty(arguments: &DutyArguments) -> Result<(), Failure> {
    let asked = arguments.requests()?;
    let answers = runtime()?.block_on(async {
        let mut client = arguments.server.client().await?;
        let mut answers = Vec::with_capacity(asked.len());
        for asked in &asked {
            let answer = client.calculate_duty(asked.request.clone()).await;
            answers.push(answer.map_err(|status| told(&status))?.into_inner());
        }
        Ok::<_, Failure>(answers)
    })?;
    if arguments.json {
        for answer in &answers {
            println!("{}", to_json("portolan.tariff.v1.CalculateDutyResponse", answer)?);
        }
        return Ok(());
    }
    match answers.as_slice() {
        [answer] => println!("{}", explanation(answer)),
        _ => println!("{}", matrix(asked.iter().zip(&answers))),
    }
    Ok(())
}
