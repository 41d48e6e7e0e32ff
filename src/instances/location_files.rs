//! Facility location in the layouts of the public collections. What follows
//! the last cost is not read.

use super::InstanceFault;
use super::figures::{Words, not_negative, number};
use super::location::{Customer, Facility, LocationTable};
use rust_decimal::Decimal;

/// What stands for a capacity that is a parameter of the instance.
const OPEN_CAPACITY: &str = "capacity";

/// `m n`, `m` times capacity and fixed cost, `n` times demand and `m` costs.
/// `capacity` stands for each capacity left open; capacities that do not count
/// are read over.
pub(super) fn by_customer(
    text: &str,
    capacity: Option<Decimal>,
    capacitated: bool,
) -> Result<LocationTable, InstanceFault> {
    let mut words = Words::of(text);
    let (m, n) = (words.count("the facilities")?, words.count("the customers")?);
    let mut facilities = Vec::new();
    for _ in 0..m {
        let written = words.word("a capacity")?;
        let capacity = match written {
            _ if !capacitated => Decimal::ZERO,
            OPEN_CAPACITY => capacity.ok_or(InstanceFault::CapacityMissing)?,
            _ => number(written, "a capacity")?,
        };
        facilities.push(Facility {
            capacity: not_negative(capacity, || "a capacity".to_owned())?,
            fixed_cost: words.number("a fixed cost")?,
        });
    }
    let mut customers = Vec::new();
    for _ in 0..n {
        let demand = words.amount("a demand")?;
        let costs: Result<_, _> = (0..m).map(|_| words.number("a cost")).collect();
        customers.push(Customer { demand, costs: costs? });
    }
    Ok(LocationTable { facilities, customers, capacitated, single_source: false })
}

/// `m n`, `m` times capacity and fixed cost, `n` demands, `m` rows of `n` costs.
pub(super) fn by_facility(text: &str, single_source: bool) -> Result<LocationTable, InstanceFault> {
    let mut words = Words::of(text);
    let (m, n) = (words.count("the facilities")?, words.count("the customers")?);
    let mut facilities = Vec::new();
    for _ in 0..m {
        let capacity = words.amount("a capacity")?;
        facilities.push(Facility { capacity, fixed_cost: words.number("a fixed cost")? });
    }
    let mut customers = demands(&mut words, n)?;
    rows_of_costs(&mut words, m, &mut customers)?;
    Ok(LocationTable { facilities, customers, capacitated: true, single_source })
}

/// `m n`, `n` demands, `m` capacities, `m` fixed costs, `m` rows of `n` costs.
pub(super) fn in_lists(text: &str, single_source: bool) -> Result<LocationTable, InstanceFault> {
    let mut words = Words::of(text);
    let (m, n) = (words.count("the facilities")?, words.count("the customers")?);
    let mut customers = demands(&mut words, n)?;
    let mut facilities = Vec::new();
    for _ in 0..m {
        let capacity = words.amount("a capacity")?;
        facilities.push(Facility { capacity, fixed_cost: Decimal::ZERO });
    }
    for facility in &mut facilities {
        facility.fixed_cost = words.number("a fixed cost")?;
    }
    rows_of_costs(&mut words, m, &mut customers)?;
    Ok(LocationTable { facilities, customers, capacitated: true, single_source })
}

fn demands(words: &mut Words<'_>, n: usize) -> Result<Vec<Customer>, InstanceFault> {
    (0..n).map(|_| Ok(Customer { demand: words.amount("a demand")?, costs: Vec::new() })).collect()
}

fn rows_of_costs(
    words: &mut Words<'_>,
    m: usize,
    customers: &mut [Customer],
) -> Result<(), InstanceFault> {
    for _ in 0..m {
        for customer in &mut *customers {
            customer.costs.push(words.number("a cost")?);
        }
    }
    Ok(())
}
