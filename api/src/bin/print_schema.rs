//! Prints the GraphQL schema: `cargo run -p api --bin print_schema > api/schema.graphql`.

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

fn main() {
    print!("{}", api::sdl());
}
