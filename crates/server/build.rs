//! Build script of the server. It embeds the web parts; nothing else is generated.

fn main() {}
