//! The committed schema is the one the program answers.

#[test]
fn the_committed_schema_is_the_one_the_code_prints() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    let committed = std::fs::read_to_string(path).expect("api/schema.graphql is committed");
    assert_eq!(
        committed,
        api::sdl(),
        "run: cargo run -p api --bin print_schema > api/schema.graphql"
    );
}
