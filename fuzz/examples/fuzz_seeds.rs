//! `fuzz_seeds FOLDER`: writes what each fuzzer starts from into `FOLDER/<target>`.

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let folder = std::env::args_os()
        .nth(1)
        .ok_or_else(|| io::Error::other("usage: fuzz_seeds FOLDER"))?;
    for (target, seeds) in fuzz::seeds() {
        let folder = Path::new(&folder).join(target);
        fs::create_dir_all(&folder)?;
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), seed)?;
        }
    }
    Ok(())
}
