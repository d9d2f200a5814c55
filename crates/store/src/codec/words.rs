//! The names under which the store's own plain variants stand in columns.

use super::{Codec, variants};
use crate::accounts::Role;
use crate::archive::MessageKind;
use crate::edges::{Channel, DeliveryState};

variants! {
    Role { Agent Supervisor Administrator; ; }
    MessageKind { Text File Event; ; }
    Channel { Webhook Mail; ; }
    DeliveryState { Due Delivered Dead; ; }
}
