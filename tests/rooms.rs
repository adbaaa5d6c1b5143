//! Data flow one way: a room may use the rooms before it in the list, never those after it.

use std::fs;
use std::path::{Path, PathBuf};

const ROOMS: [&str; 18] = [
    "formula",
    "error",
    "diagnostic",
    "declared",
    "settings",
    "progress",
    "linalg",
    "coding",
    "codebook",
    "notes",
    "design",
    "random",
    "likelihood",
    "simulate",
    "optimise",
    "model",
    "inference",
    "bindings",
];

fn files(at: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(at).unwrap().map(|e| e.unwrap().path()) {
        if entry.is_dir() {
            files(&entry, found);
        } else if entry.extension().is_some_and(|e| e == "rs") {
            found.push(entry);
        }
    }
}

#[test]
fn no_room_uses_a_later_one() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&source, &mut found);
    let mut wrong = Vec::new();
    for file in found {
        let inside = file.strip_prefix(&source).unwrap().iter().next().unwrap().to_string_lossy().into_owned();
        let room = inside.trim_end_matches(".rs");
        let Some(own) = ROOMS.iter().position(|r| *r == room) else {
            assert_eq!(room, "lib", "{} is in no room of the list", file.display());
            continue;
        };
        for (number, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let used = code.split("crate::").skip(1);
            for name in
                used.map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default())
            {
                if ROOMS.iter().position(|r| *r == name).is_some_and(|other| other > own) {
                    wrong.push(format!("{}:{} uses {name}", file.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_one_room_names_faer() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&source, &mut found);
    let others = found.iter().filter(|f| !f.starts_with(source.join("linalg")));
    let names = |f: &&PathBuf| fs::read_to_string(f).unwrap().lines().any(|l| l.trim_start().starts_with("use faer"));
    assert_eq!(others.filter(names).count(), 0);
}
