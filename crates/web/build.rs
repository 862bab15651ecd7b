//! Takes the two files that the documentation page needs out of the vendored Swagger UI, and packs them as they are sent.

use std::error::Error;
use std::io::{Cursor, Read, Write};
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

const FILES: [&str; 2] = ["swagger-ui.css", "swagger-ui-bundle.js"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = PathBuf::from(std::env::var("OUT_DIR")?);
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    let names: Vec<String> = archive.file_names().map(|name| name.map(String::from)).collect::<Result<_, _>>()?;
    for file in FILES {
        let suffix = format!("/dist/{file}");
        let name = names.iter().find(|name| name.ends_with(&suffix) && !name.contains("flavors")).ok_or(suffix)?;
        let mut content = Vec::new();
        archive.by_name(name)?.read_to_end(&mut content)?;
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(&content)?;
        std::fs::write(folder.join(format!("{file}.gz")), packed.finish()?)?;
    }
    // `swagger-ui-5.32.6/…`: a part of the address of the files, so that browsers may keep them for ever.
    let version = names.first().and_then(|name| name.split('/').next()).and_then(|top| top.rsplit('-').next());
    println!("cargo::rustc-env=SWAGGER_UI_VERSION={}", version.ok_or("the archive is empty")?);
    Ok(())
}
