//! Types and services generated from `proto/`, and their descriptors.
#![allow(
    missing_docs,
    clippy::pedantic,
    clippy::doc_lazy_continuation,
    clippy::large_enum_variant,
    reason = "generated; the protos carry the comments"
)]

/// `portolan.*`.
pub mod portolan {
    pub mod sourcing {
        pub mod v1 {
            tonic::include_proto!("portolan.sourcing.v1");
        }
    }
    pub mod tariff {
        pub mod v1 {
            tonic::include_proto!("portolan.tariff.v1");
        }
    }
}

/// `google.*`.
pub mod google {
    pub mod api {
        tonic::include_proto!("google.api");
    }
    pub mod rpc {
        tonic::include_proto!("google.rpc");
    }
    pub mod r#type {
        tonic::include_proto!("google.r#type");
    }
}

/// The file descriptor set of all of them, with comments and options.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.binpb"));
