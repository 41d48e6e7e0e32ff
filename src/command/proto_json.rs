//! Any message of ours as proto-JSON, and back, by its descriptor.

use crate::command::Failure;
use crate::proto::DESCRIPTORS;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, SerializeOptions};

fn descriptor(name: &str) -> Result<MessageDescriptor, Failure> {
    DescriptorPool::decode(DESCRIPTORS)
        .map_err(|error| error.to_string())?
        .get_message_by_name(name)
        .ok_or_else(|| format!("no message {name}"))
}

/// Reads a message from proto-JSON. Unknown fields are refused.
pub(super) fn from_json<M: Message + Default>(name: &str, text: &str) -> Result<M, Failure> {
    let mut json = serde_json::Deserializer::from_str(text);
    let message = DynamicMessage::deserialize(descriptor(name)?, &mut json)
        .map_err(|error| error.to_string())?;
    json.end().map_err(|error| error.to_string())?;
    M::decode(message.encode_to_vec().as_slice()).map_err(|error| error.to_string())
}

/// Writes a message as indented proto-JSON.
pub(super) fn to_json<M: Message>(name: &str, message: &M) -> Result<String, Failure> {
    let dynamic = DynamicMessage::decode(descriptor(name)?, message.encode_to_vec().as_slice())
        .map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    let mut json = serde_json::Serializer::pretty(&mut bytes);
    let options = SerializeOptions::new();
    dynamic.serialize_with_options(&mut json, &options).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}
