//! Pages of other origins open neither door, unless they are allowed.

use pilothouse_testkit::{program::Server, viewer::Upgrade};

use super::watching;

#[test]
fn foreign_pages_neither_bring_nor_see_pictures() {
    let server = Server::start(&[("origins.allowed", "https://viewer.example")]);
    let token = watching(&server);
    let status = |target: &str, origin: &str| {
        let upgrade = Upgrade::to(target).with("Origin", origin);
        upgrade.send(server.address()).map_or_else(|(status, _)| status, |_| 101)
    };
    let view = format!("/ws/view/s-1?token={token}");
    for target in ["/ws/stream/s-1", &view] {
        for foreign in ["https://evil.example", "null", "https://viewer.example.evil"] {
            assert_eq!(status(target, foreign), 403, "{target} from {foreign}");
        }
        assert_eq!(status(target, "https://viewer.example"), 101, "{target}");
    }
}
