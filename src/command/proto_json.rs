//! Any message of ours as proto-JSON, and back, by its descriptor.

use crate::command::Failure;
use crate::proto::DESCRIPTORS;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, SerializeOptions};
use serde_json::Serializer;
use serde_json::ser::Formatter;
use std::path::Path;
use std::sync::LazyLock;

static POOL: LazyLock<Result<DescriptorPool, Failure>> = LazyLock::new(|| {
    let mut pool = DescriptorPool::decode(DESCRIPTORS).map_err(|error| error.to_string())?;
    pool.decode_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .map_err(|error| error.to_string())?;
    Ok(pool)
});

/// Every message and service of a server, but for reflection.
pub(super) fn descriptors() -> Result<&'static DescriptorPool, Failure> {
    POOL.as_ref().map_err(Clone::clone)
}

fn descriptor(name: &str) -> Result<MessageDescriptor, Failure> {
    descriptors()?.get_message_by_name(name).ok_or_else(|| format!("no message {name}"))
}

/// Reads a message from proto-JSON. Unknown fields are refused.
pub(super) fn from_json<M: Message + Default>(name: &str, text: &str) -> Result<M, Failure> {
    let mut json = serde_json::Deserializer::from_str(text);
    let message = DynamicMessage::deserialize(descriptor(name)?, &mut json)
        .map_err(|error| error.to_string())?;
    json.end().map_err(|error| error.to_string())?;
    M::decode(message.encode_to_vec().as_slice()).map_err(|error| error.to_string())
}

/// Reads a message from a file of proto-JSON.
pub(super) fn read_json<M: Message + Default>(name: &str, path: &Path) -> Result<M, Failure> {
    let fault = |error: String| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
    from_json(name, &text).map_err(fault)
}

/// Writes a message as indented proto-JSON.
pub(super) fn to_json<M: Message>(name: &str, message: &M) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    write_json(name, message, &mut Serializer::pretty(&mut bytes))?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// Writes a message as proto-JSON on one line.
pub(super) fn to_json_line<M: Message>(name: &str, message: &M) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    write_json(name, message, &mut Serializer::new(&mut bytes))?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// Writes a message that is known by its descriptor, on one line or indented.
pub(super) fn dynamic_to_json(
    message: &DynamicMessage,
    on_a_line: bool,
) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let written = if on_a_line {
        message.serialize_with_options(&mut Serializer::new(&mut bytes), &SerializeOptions::new())
    } else {
        let mut pretty = Serializer::pretty(&mut bytes);
        message.serialize_with_options(&mut pretty, &SerializeOptions::new())
    };
    written.map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

fn write_json<M: Message, F: Formatter>(
    name: &str,
    message: &M,
    json: &mut Serializer<&mut Vec<u8>, F>,
) -> Result<(), Failure> {
    let dynamic = DynamicMessage::decode(descriptor(name)?, message.encode_to_vec().as_slice())
        .map_err(|error| error.to_string())?;
    let options = SerializeOptions::new();
    dynamic.serialize_with_options(json, &options).map_err(|error| error.to_string())
}
