//! Writes files completely or not at all, readable only by their owner, and never over an input file.

use std::fs::{Metadata, OpenOptions, Permissions};
use std::io::{BufWriter, Error, ErrorKind, Result, Write};
use std::path::{Path, PathBuf};

use crate::args::Named;
use crate::failure::Failure;

/// The name under which answers of a live run are read. A person cannot open it as a file.
pub(crate) const LIVE: &str = "Azure";

/// Writes a file: a temporary one beside it takes its place once all is written. Where anything fails, the file stays as
/// it was. Only its owner may read it, for it may name resources. A device or a pipe is written as it is.
pub(crate) fn write(path: &Path, print: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    write_with(path, None, print)
}

/// Writes a file in the same way that everybody may read: it names nothing of the user's.
pub(crate) fn write_public(path: &Path, print: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    write_with(path, public(), print)
}

#[cfg(unix)]
fn public() -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn public() -> Option<Permissions> {
    None
}

/// Replaces the text of a file, with who may read it as before. A file that is not as it was read is left alone.
pub(crate) fn replace(path: &Path, before: &str, after: &str) -> Result<()> {
    if std::fs::read(path)? != before.as_bytes() {
        return Err(Error::other("the file was changed in the meantime"));
    }
    let permissions = path.metadata()?.permissions();
    write_with(path, Some(permissions), |out| out.write_all(after.as_bytes()))
}

/// Appends to a file that a pipeline keeps for its steps.
pub(crate) fn append(path: &Path, print: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let mut out = BufWriter::new(OpenOptions::new().create(true).append(true).open(path)?);
    print(&mut out)?;
    out.flush()
}

/// Cuts off what a file has beyond a length.
pub(crate) fn cut(path: &Path, length: u64) -> Result<()> {
    OpenOptions::new().write(true).open(path)?.set_len(length)
}

/// A folder for files that only have to exist for a while. Only its owner may read it, and it goes with this value.
pub(crate) struct TemporaryFolder {
    /// Its real path.
    pub root: PathBuf,
    _folder: tempfile::TempDir,
}

impl TemporaryFolder {
    /// Makes an empty one.
    pub(crate) fn new() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("apim-doctor-").tempdir()?;
        Ok(Self { root: folder.path().canonicalize()?, _folder: folder })
    }

    /// Writes a file, with the folders above it. `path` is below the folder.
    pub(crate) fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let path = self.root.join(path);
        path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        std::fs::write(path, bytes)
    }
}

/// Writes a page to a new file in the user's folder for temporary files, where it stays. Only its owner may read it.
pub(crate) fn keep_page(print: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<PathBuf> {
    let mut file = tempfile::Builder::new().prefix("apim-doctor-").suffix(".html").tempfile()?;
    let mut out = BufWriter::new(file.as_file_mut());
    print(&mut out)?;
    out.flush()?;
    drop(out);
    let (_, path) = file.keep().map_err(|error| error.error)?;
    Ok(path)
}

fn write_with(
    path: &Path,
    permissions: Option<Permissions>,
    print: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<()> {
    let known = path.metadata().ok();
    if known.as_ref().is_some_and(Metadata::is_dir) {
        return Err(Error::new(ErrorKind::IsADirectory, "it is a folder"));
    }
    if is_stream(path, known.as_ref()) {
        let mut out = BufWriter::new(OpenOptions::new().write(true).open(path)?);
        print(&mut out)?;
        return out.flush();
    }
    // What a link leads to is replaced, not the link.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".apim-doctor-").tempfile_in(folder).map_err(without_path)?;
    let mut out = BufWriter::new(file.as_file_mut());
    print(&mut out)?;
    out.flush()?;
    drop(out);
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|error| error.error)?;
    Ok(())
}

/// Whether a path leads to a device, a pipe or an open file of this program.
fn is_stream(path: &Path, known: Option<&Metadata>) -> bool {
    let open = ["/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/"].iter();
    let is_open = open.clone().any(|known| path.to_str().is_some_and(|path| path.starts_with(known)));
    known.is_some_and(|known| is_open || !known.is_file())
}

/// An error without the name of the temporary file, which the user never typed.
fn without_path(error: Error) -> Error {
    let text = error.to_string();
    Error::new(error.kind(), text.split(" at path ").next().unwrap_or_default())
}

/// Refuses to write over what is read, to write two results to one place, and to read standard input twice.
pub(crate) fn apart(inputs: &[Named<'_>], outputs: &[Named<'_>]) -> std::result::Result<(), Failure> {
    let refused = |message: String, help: &str| Err(Failure::Usage { message, help: help.to_owned() });
    let mut streams = inputs.iter().filter(|input| input.path == Path::new("-"));
    if let (Some(one), Some(other)) = (streams.next(), streams.next()) {
        let message = format!("`{} -` and `{} -` would both read standard input", one.option, other.option);
        return refused(message, "write one of them to a file, and name it");
    }
    for (at, output) in outputs.iter().enumerate() {
        let own = Place::of(output.path, Path::new("/dev/stdout"));
        let is_same = |other: &Named<'_>, stream: &str| own.is_same(&Place::of(other.path, Path::new(stream)));
        if let Some(input) = inputs.iter().find(|input| is_same(input, "/dev/stdin")) {
            let message = format!(
                "`{}` would overwrite `{}`, which `{}` reads",
                output.option,
                input.path.display(),
                input.option
            );
            return refused(message, "write to a different file");
        }
        if let Some(other) = outputs.iter().take(at).find(|other| is_same(other, "/dev/stdout")) {
            let message = match output.path == Path::new("-") {
                true => format!("`{}` and `{}` would both write to standard output", other.option, output.option),
                false => format!(
                    "`{}` and `{}` would both write to `{}`",
                    other.option,
                    output.option,
                    output.path.display()
                ),
            };
            return refused(message, "give each a separate file");
        }
    }
    Ok(())
}

/// Where a path leads.
enum Place {
    /// A standard stream.
    Stream(PathBuf),
    /// A file, or where one would be made; with what identifies it, where it is there.
    File(PathBuf, Option<(u64, u64)>),
    /// A device or a pipe, which many may use.
    Device,
}

impl Place {
    /// `stream`: what `-` stands for.
    fn of(path: &Path, stream: &Path) -> Self {
        let is_stream = path == Path::new("-");
        let path = if is_stream { stream } else { path };
        let known = path.metadata().ok();
        match known {
            Some(known) if known.is_file() => {
                Place::File(path.canonicalize().unwrap_or_else(|_| path.to_owned()), inode(&known))
            }
            _ if is_stream => Place::Stream(path.to_owned()),
            Some(_) => Place::Device,
            None => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
                let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
                Place::File(folder.join(path.file_name().unwrap_or_default()), None)
            }
        }
    }

    fn is_same(&self, other: &Place) -> bool {
        match (self, other) {
            (Place::Stream(one), Place::Stream(other)) => one == other,
            (Place::File(one, inode), Place::File(other, other_inode)) => {
                one == other || (inode.is_some() && inode == other_inode)
            }
            _ => false,
        }
    }
}

/// The same for all names of one file.
#[cfg(unix)]
fn inode(known: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((known.dev(), known.ino()))
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> Option<(u64, u64)> {
    None
}
