//! Git's index: which paths a repository tracks.
//!
//! In: the bytes of an index file, versions 2 to 4, of a repository with SHA-1 or SHA-256. Out: the paths in it. It looks at nothing but
//! paths. No input makes it panic, and what is kept of a file is bounded.
//!
//! Source: <https://git-scm.com/docs/index-format>.

/// The longest path that is taken, in bytes.
const MAX_PATH: usize = 4096;
/// The most bytes of paths that are kept: version 4 shares what consecutive paths begin with, so a small file can hold many long ones.
const MAX_PATHS: usize = 128 << 20;
/// Bytes of an entry before its name: times, device, inode, mode, owner, group and size, each of 4 bytes, twice for the times.
const STAT: usize = 40;
/// The bytes of an object's name by SHA-1 and by SHA-256.
const HASHES: [usize; 2] = [20, 32];

/// The paths that git tracks, as it writes them: bytes, `/` between folders.
#[derive(Debug, Default)]
pub(super) struct Tracked {
    /// Sorted.
    paths: Vec<Box<[u8]>>,
}

impl Tracked {
    /// Whether a file is tracked.
    pub(super) fn holds(&self, path: &[u8]) -> bool {
        self.paths.binary_search_by(|tracked| (**tracked).cmp(path)).is_ok()
    }

    /// Whether a folder is tracked, as that of a submodule, or anything below it.
    pub(super) fn holds_below(&self, folder: &[u8]) -> bool {
        let below = [folder, b"/"].concat();
        let at = self.paths.partition_point(|tracked| **tracked < *below);
        self.holds(folder) || self.paths.get(at).is_some_and(|tracked| tracked.starts_with(&below))
    }
}

/// An index file.
#[derive(Debug, Default)]
pub(super) struct Index {
    paths: Vec<Box<[u8]>>,
    /// The name of the index that this one completes, in hexadecimal digits.
    pub(super) shared: Option<String>,
}

impl Index {
    /// Reads the paths.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut reason = "";
        for hash in HASHES {
            match parse(bytes, hash) {
                Ok(index) => return Ok(index),
                Err(why) if reason.is_empty() => reason = why,
                Err(_) => {}
            }
        }
        Err(reason.to_owned())
    }

    /// What is tracked according to it, and to the index that it completes. What it takes away from that one counts as tracked:
    /// nothing is left out for it.
    pub(super) fn into_tracked(mut self, shared: Option<Index>) -> Tracked {
        self.paths.extend(shared.unwrap_or_default().paths);
        self.paths.sort_unstable();
        self.paths.dedup();
        Tracked { paths: self.paths }
    }
}

const SHORT: &str = "it ends too early";

fn parse(bytes: &[u8], hash: usize) -> Result<Index, &'static str> {
    let mut rest = bytes;
    if take(&mut rest, 4)? != b"DIRC" {
        return Err("it is no index");
    }
    let version = number(&mut rest)?;
    if !(2..=4).contains(&version) {
        return Err("its version is none of 2, 3 and 4");
    }
    let count = number(&mut rest)?;
    let mut index = Index::default();
    let (mut path, mut kept): (Vec<u8>, usize) = (Vec::new(), 0);
    for _ in 0..count {
        let start = rest.len();
        take(&mut rest, STAT + hash)?;
        let flags = take(&mut rest, 2)?;
        if version >= 3 && flags[0] & 0x40 != 0 {
            take(&mut rest, 2)?;
        }
        if version == 4 {
            let dropped = offset(&mut rest)?;
            path.truncate(path.len().checked_sub(dropped).ok_or("a path shares more than there is")?);
        } else {
            path.clear();
        }
        let end = rest.iter().take(MAX_PATH + 1).position(|byte| *byte == 0).ok_or("a path does not end")?;
        path.extend_from_slice(take(&mut rest, end)?);
        if path.len() > MAX_PATH {
            return Err("a path is too long");
        }
        // Up to the next multiple of 8, with at least one zero byte.
        let padding = if version == 4 { 1 } else { 8 - (start - rest.len()) % 8 };
        if take(&mut rest, padding)?.iter().any(|byte| *byte != 0) {
            return Err("its entries are not where they should be");
        }
        // An entry without a path changes one of the index that this one completes.
        if !path.is_empty() {
            kept += path.len();
            if kept > MAX_PATHS {
                return Err("it has more paths than are read");
            }
            index.paths.push(path.as_slice().into());
        }
    }
    index.shared = extensions(rest, hash)?;
    Ok(index)
}

/// The name of the shared index, which the extension `link` gives. What follows the entries must be extensions and a checksum.
fn extensions(mut rest: &[u8], hash: usize) -> Result<Option<String>, &'static str> {
    let mut shared = None;
    while rest.len() > hash {
        let signature = take(&mut rest, 4)?;
        if !signature.iter().all(u8::is_ascii_alphanumeric) {
            return Err("its extensions are not where they should be");
        }
        let length = number(&mut rest)? as usize;
        let content = take(&mut rest, length)?;
        if signature == b"link" {
            let name = content.get(..hash).ok_or(SHORT)?;
            // All zeros mean that nothing is shared.
            if name.iter().any(|byte| *byte != 0) {
                shared = Some(name.iter().map(|byte| format!("{byte:02x}")).collect());
            }
        }
    }
    if rest.len() == hash { Ok(shared) } else { Err(SHORT) }
}

fn take<'b>(rest: &mut &'b [u8], count: usize) -> Result<&'b [u8], &'static str> {
    let (taken, left) = rest.split_at_checked(count).ok_or(SHORT)?;
    *rest = left;
    Ok(taken)
}

fn number(rest: &mut &[u8]) -> Result<u32, &'static str> {
    let bytes = take(rest, 4)?;
    Ok(bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

/// A number as packs write offsets: seven bits a byte, the first bit of a byte says that more follow.
fn offset(rest: &mut &[u8]) -> Result<usize, &'static str> {
    let mut value = 0_usize;
    loop {
        let byte = take(rest, 1)?[0];
        value |= usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
        value = value.checked_add(1).filter(|value| *value <= MAX_PATH).ok_or("a path shares too much")? << 7;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An index of this version with these paths and no extension.
    fn index(version: u32, hash: usize, paths: &[&str]) -> Vec<u8> {
        let mut bytes = [b"DIRC".as_slice(), &version.to_be_bytes(), &(paths.len() as u32).to_be_bytes()].concat();
        let mut before = "";
        for path in paths {
            let start = bytes.len();
            bytes.extend(vec![7; STAT + hash + 2]);
            *bytes.last_mut().unwrap() = 7;
            let flags = bytes.len() - 2;
            bytes[flags] = 0;
            if version == 4 {
                let shared = before.bytes().zip(path.bytes()).take_while(|(a, b)| a == b).count();
                bytes.push(u8::try_from(before.len() - shared).unwrap());
                bytes.extend(&path.as_bytes()[shared..]);
                bytes.push(0);
            } else {
                bytes.extend(path.as_bytes());
                bytes.extend(vec![0; 8 - (bytes.len() - start) % 8]);
            }
            before = path;
        }
        bytes.extend(vec![9; hash]);
        bytes
    }

    #[test]
    fn every_version_and_hash_is_read() {
        let paths = ["a.tf", "infra/.hidden/x.yaml", "infra/main.tf", "vendored"];
        for version in [2, 3, 4] {
            for hash in HASHES {
                let tracked = Index::parse(&index(version, hash, &paths)).unwrap().into_tracked(None);
                assert!(paths.iter().all(|path| tracked.holds(path.as_bytes())), "{version} {hash}");
                assert!(
                    tracked.holds_below(b"infra")
                        && tracked.holds_below(b"infra/.hidden")
                        && tracked.holds_below(b"vendored")
                );
                assert!(
                    !tracked.holds(b"infra") && !tracked.holds_below(b"inf") && !tracked.holds_below(b"infra/main")
                );
            }
        }
    }

    #[test]
    fn a_broken_index_is_refused_wherever_it_breaks() {
        for version in [2, 4] {
            let whole = index(version, 20, &["a.tf", "infra/main.tf"]);
            for end in 0..whole.len() {
                assert!(Index::parse(&whole[..end]).is_err(), "{version} {end}");
            }
            for at in 0..whole.len() {
                let mut broken = whole.clone();
                broken[at] ^= 0xff;
                let _ = Index::parse(&broken);
            }
        }
        assert_eq!(Index::parse(b"DIRC\0\0\0\x05\0\0\0\0").unwrap_err(), "its version is none of 2, 3 and 4");
        assert_eq!(Index::parse(b"<html>").unwrap_err(), "it is no index");
    }

    #[test]
    fn what_an_index_shares_is_named() {
        let mut bytes = index(2, 20, &["a.tf"]);
        bytes.truncate(bytes.len() - 20);
        bytes.extend([b"link".as_slice(), &20_u32.to_be_bytes(), &[0xab; 20], &[9; 20]].concat());
        let own = Index::parse(&bytes).unwrap();
        assert_eq!(own.shared, Some("ab".repeat(20)));
        let tracked = own.into_tracked(Some(Index::parse(&index(2, 20, &["b.tf"])).unwrap()));
        assert!(tracked.holds(b"a.tf") && tracked.holds(b"b.tf"));
    }
}
