//! The page at `/` in a real browser, for longer than a token counts.

use pilothouse_testkit::{node::NodeProgram, program::Server};

use super::{PASSWORD, add};

#[test]
fn the_page_renews_its_token_and_so_do_all_of_its_tabs() {
    let settings = [("auth.token_lifetime", "5s"), ("timing.expiry_check", "100ms")];
    let server = Server::start(&settings);
    add(&server, "ann", "operator");
    let address = format!("http://{}/", server.address());
    let mut page = NodeProgram::start("page_stays.mjs", &[&address, "ann", PASSWORD]);
    page.expect("stayed");
    page.expect("done");
    assert!(page.finish());
}
