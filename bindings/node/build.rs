//! Tells the linker what a Node addon needs on this system.

fn main() {
    napi_build::setup();
}
