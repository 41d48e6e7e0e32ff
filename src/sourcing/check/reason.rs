//! Why a plan is turned down: every reason the check gives, each stable.

/// An id nothing in the problem has.
pub const UNKNOWN_ID: &str = "UNKNOWN_ID";
/// Something told twice.
pub const DUPLICATE: &str = "DUPLICATE";
/// Vehicles not more than zero, more than can be counted, or of more decimals
/// than vehicles have.
pub const UNITS_INVALID: &str = "UNITS_INVALID";
/// Part of a vehicle where vehicles are whole.
pub const UNITS_NOT_WHOLE: &str = "UNITS_NOT_WHOLE";
/// Money that is negative or of another currency than it must be.
pub const AMOUNT_INVALID: &str = "AMOUNT_INVALID";
/// The plant may not build the model.
pub const NO_OPTION: &str = "NO_OPTION";
/// No lane leads there for the model.
pub const NO_LANE: &str = "NO_LANE";
/// Demand that must be served is not.
pub const DEMAND_UNSERVED: &str = "DEMAND_UNSERVED";
/// More is sold than is wanted.
pub const DEMAND_EXCEEDED: &str = "DEMAND_EXCEEDED";
/// More than one plant serves what must come from one.
pub const SEVERAL_SOURCES: &str = "SEVERAL_SOURCES";
/// Built before the launch and its lead time, or without any.
pub const NOT_LAUNCHED: &str = "NOT_LAUNCHED";
/// Launched where it is built already.
pub const LAUNCHED_TWICE: &str = "LAUNCHED_TWICE";
/// Built in a plant that is closed.
pub const PLANT_CLOSED: &str = "PLANT_CLOSED";
/// Closed before its ramp is over.
pub const RAMP_CUT_SHORT: &str = "RAMP_CUT_SHORT";
/// A step of growth taken twice.
pub const EXPANDED_TWICE: &str = "EXPANDED_TWICE";
/// More capacity used than there is.
pub const CAPACITY_EXCEEDED: &str = "CAPACITY_EXCEEDED";
/// Less capacity used than an open plant must.
pub const LEAST_RUN_MISSED: &str = "LEAST_RUN_MISSED";
/// A plant is not as decided.
pub const FIXED_PLANT_CHANGED: &str = "FIXED_PLANT_CHANGED";
/// A launch is not as decided.
pub const FIXED_LAUNCH_CHANGED: &str = "FIXED_LAUNCH_CHANGED";
/// Fewer vehicles than committed.
pub const FLOW_BELOW_LEAST: &str = "FLOW_BELOW_LEAST";
/// More vehicles than committed.
pub const FLOW_ABOVE_MOST: &str = "FLOW_ABOVE_MOST";
/// Fewer vehicles built than must be.
pub const PRODUCTION_BELOW_LEAST: &str = "PRODUCTION_BELOW_LEAST";
/// More vehicles built than may be.
pub const PRODUCTION_ABOVE_MOST: &str = "PRODUCTION_ABOVE_MOST";
/// A hard floor is not reached.
pub const FLOOR_MISSED: &str = "FLOOR_MISSED";
/// More of a market comes from an origin than may.
pub const ORIGIN_CAP_EXCEEDED: &str = "ORIGIN_CAP_EXCEEDED";
/// More model lines move than may.
pub const TOO_MANY_MOVES: &str = "TOO_MANY_MOVES";
/// More is spent on what is built up than there is money for.
pub const BUDGET_EXCEEDED: &str = "BUDGET_EXCEEDED";
/// Exports less imports are below their bound.
pub const TRADE_BALANCE_MISSED: &str = "TRADE_BALANCE_MISSED";
/// Fewer vehicles flow from one country to another than are committed.
pub const EXPORT_COMMITMENT_MISSED: &str = "EXPORT_COMMITMENT_MISSED";
/// More is drawn on a tranche than is left in it.
pub const QUOTA_OVERDRAWN: &str = "QUOTA_OVERDRAWN";
/// Vehicles within a quota on a day that begins no window with one.
pub const QUOTA_NOT_OPEN: &str = "QUOTA_NOT_OPEN";
/// More vehicles within a quota than enter in the window.
pub const QUOTA_BEYOND_WINDOW: &str = "QUOTA_BEYOND_WINDOW";
/// A quota drawn on whose balance nobody told.
pub const QUOTA_UNKNOWN: &str = "QUOTA_UNKNOWN";
/// More of a credit is spent than is there.
pub const CREDIT_OVERDRAWN: &str = "CREDIT_OVERDRAWN";
/// More of a credit is spent than the duty it may be spent on.
pub const CREDIT_BEYOND_DUTY: &str = "CREDIT_BEYOND_DUTY";
/// Entry windows do not divide the days of entry as they must.
pub const WINDOWS_WRONG: &str = "WINDOWS_WRONG";
/// The law tells no charge for an entry of the plan.
pub const NOT_QUOTED: &str = "NOT_QUOTED";
/// A flow has not exactly one allocation, or it tells other vehicles.
pub const ALLOCATION_WRONG: &str = "ALLOCATION_WRONG";
/// Entries are not those the vehicles make.
pub const ENTRIES_WRONG: &str = "ENTRIES_WRONG";
/// Charges on an entry are not what the law says.
pub const ENTRY_CHARGES_WRONG: &str = "ENTRY_CHARGES_WRONG";
/// A layer of all entries of a group is not one entry's times their number.
pub const LAYER_AMOUNT_WRONG: &str = "LAYER_AMOUNT_WRONG";
/// Charges of a flow are not the sum of its entries'.
pub const CHARGES_WRONG: &str = "CHARGES_WRONG";
/// Cost of a flow is not building, transport and charges.
pub const FLOW_COST_WRONG: &str = "FLOW_COST_WRONG";
/// Charges on part kits are wrong.
pub const KIT_DUTY_WRONG: &str = "KIT_DUTY_WRONG";
/// An amount of the cost is wrong.
pub const COST_LINE_WRONG: &str = "COST_LINE_WRONG";
/// A discounted amount of the cost is wrong.
pub const DISCOUNTED_WRONG: &str = "DISCOUNTED_WRONG";
/// The total is not the sum of all costs.
pub const TOTAL_WRONG: &str = "TOTAL_WRONG";
/// Net sales are wrong.
pub const NET_SALES_WRONG: &str = "NET_SALES_WRONG";
/// The objective is wrong: discounted total or discounted profit.
pub const OBJECTIVE_WRONG: &str = "OBJECTIVE_WRONG";
/// Demand told not to be served is wrong.
pub const UNSERVED_WRONG: &str = "UNSERVED_WRONG";
/// What is told to be short of a floor is wrong.
pub const SHORTFALL_WRONG: &str = "SHORTFALL_WRONG";
/// What is told of a quota tranche is wrong.
pub const TRANCHE_WRONG: &str = "TRANCHE_WRONG";
/// What is told of a credit is wrong.
pub const CREDIT_ACCOUNT_WRONG: &str = "CREDIT_ACCOUNT_WRONG";
/// What is told of a plant's capacity is wrong.
pub const CAPACITY_WRONG: &str = "CAPACITY_WRONG";
/// What is told of a country is wrong.
pub const COUNTRY_WRONG: &str = "COUNTRY_WRONG";
/// What is told of trade between two countries is wrong.
pub const TRADE_FLOW_WRONG: &str = "TRADE_FLOW_WRONG";
/// An amount in a currency without a planning rate.
pub const RATE_MISSING: &str = "RATE_MISSING";
/// A number too large to be calculated exactly.
pub const NUMBER_TOO_LARGE: &str = "NUMBER_TOO_LARGE";
