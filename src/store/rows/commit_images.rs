//! The table `commit_images`: all images of a commit in one cell.

use rusqlite::types::{ToSqlOutput, Value, ValueRef};

use super::column::Column;
use super::row::{Cells, Register, Row, Slots, row};
use crate::delivery::{
    CommitImages, FilePath, ImageName, ImageSet, ImageVersion, NamedImage, Timestamp,
};

row!(CommitImages { sha; images, cut, read });

impl Register for ImageSet {
    fn bind(&self, slots: &mut Slots<'_, '_>) -> rusqlite::Result<()> {
        slots.put(self)
    }

    fn read(cells: &mut Cells<'_, '_>) -> rusqlite::Result<Self> {
        cells.take()
    }

    fn heard_at(&self) -> Option<Timestamp> {
        None
    }
}

/// One image as JSON: its file, its name, its version. This form is stored.
type Cell = (String, Option<String>, String);

impl Column for ImageSet {
    fn to_cell(&self) -> ToSqlOutput<'_> {
        let cell = |own: &NamedImage| -> Cell {
            let image = own.image.as_ref().map(ToString::to_string);
            (own.file.to_string(), image, own.version.to_string())
        };
        let cells: Vec<Cell> = self.as_slice().iter().map(cell).collect();
        ToSqlOutput::Owned(Value::from(serde_json::to_string(&cells).unwrap_or_default()))
    }

    fn from_cell(cell: ValueRef<'_>) -> Option<Self> {
        let cells: Vec<Cell> = serde_json::from_str(cell.as_str().ok()?).ok()?;
        let image = |(file, image, version): Cell| {
            Some(NamedImage {
                file: FilePath::new(&file).ok()?,
                image: image.map(|name| ImageName::new(&name)).transpose().ok()?,
                version: ImageVersion::new(&version).ok()?,
            })
        };
        cells.into_iter().map(image).collect::<Option<_>>().map(Self::new)
    }
}
