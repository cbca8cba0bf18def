//! The files of a built page, copied and written down as Rust.

use std::{collections::BTreeMap, fmt::Write, fs, io, path::Path};

/// Copies the page and gives the expression that names all its files.
pub(crate) fn take(dist: &Path, copy: &Path) -> io::Result<String> {
    if copy.exists() {
        fs::remove_dir_all(copy)?;
    }
    let mut names = BTreeMap::new();
    walk(dist, "", &mut |name, content| {
        let to = copy.join(name);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        names.insert(name.to_owned(), tag(&content));
        fs::write(to, content)
    })?;
    let mut listed = String::from("Page::Embedded(&[\n");
    for (name, tag) in &names {
        if !is_packed(name, &names) {
            list(&mut listed, name, tag, &names);
        }
    }
    listed.push_str("])");
    Ok(listed)
}

/// Whether it is what packing made of another file.
fn is_packed(name: &str, names: &BTreeMap<String, String>) -> bool {
    let plain = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".br"));
    plain.is_some_and(|plain| names.contains_key(plain))
}

/// Of a file that is there packed too only that is taken: nearly everybody can unpack it, and the server for the others.
fn list(listed: &mut String, name: &str, tag: &str, names: &BTreeMap<String, String>) {
    let gzip = format!("{name}.gz");
    let brotli = format!("{name}.br");
    let is_gzip = names.contains_key(&gzip);
    let content = bytes(if is_gzip { &gzip } else { name });
    let brotli = if names.contains_key(&brotli) {
        format!("Some({})", bytes(&brotli))
    } else {
        "None".to_owned()
    };
    let _ = writeln!(
        listed,
        "    File {{ path: {name:?}, content: {content}, is_gzip: {is_gzip}, brotli: {brotli}, tag: {tag:?} }},"
    );
}

fn bytes(name: &str) -> String {
    format!("include_bytes!(concat!(env!(\"OUT_DIR\"), {:?}))", format!("/page/{name}"))
}

/// Calls `each` with every file's path below the folder, and what is in it.
fn walk(
    folder: &Path,
    below: &str,
    each: &mut impl FnMut(&str, Vec<u8>) -> io::Result<()>,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_str().ok_or_else(|| io::Error::other("a name is not UTF-8"))?;
        let path = if below.is_empty() { name.to_owned() } else { format!("{below}/{name}") };
        // Following links, since a packager's folder may consist of them.
        if fs::metadata(entry.path())?.is_dir() {
            walk(&entry.path(), &path, each)?;
        } else {
            each(&path, fs::read(entry.path())?)?;
        }
    }
    Ok(())
}

/// FNV-1a in hexadecimal: tells one build's files from another's, and is no defence.
fn tag(content: &[u8]) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in content {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    format!("{hash:016x}")
}
