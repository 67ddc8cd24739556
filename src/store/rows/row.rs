//! Registers over columns, and facts over registers.

use rusqlite::types::Type;
use rusqlite::{CachedStatement, Row as SqlRow};

use super::column::{Bound, Column};
use crate::delivery::Timestamp;
use crate::delivery::register::{Earliest, Ever, Furthest, Greatest, Newest};

/// A cell holds what no version of this program writes: the file was damaged or edited.
#[derive(Debug, thiserror::Error)]
#[error("cell {index} of a row holds a value that is not one of its kind")]
struct OddCell {
    index: usize,
}

/// The parameters of a statement, filled from left to right.
pub(in crate::store) struct Slots<'s, 'c> {
    statement: &'s mut CachedStatement<'c>,
    next: usize,
}

impl<'s, 'c> Slots<'s, 'c> {
    pub(in crate::store) fn of(statement: &'s mut CachedStatement<'c>) -> Self {
        Self { statement, next: 1 }
    }

    /// Binds the next parameter.
    pub(in crate::store) fn put<T: Column>(&mut self, value: &T) -> rusqlite::Result<()> {
        self.statement.raw_bind_parameter(self.next, Bound(value))?;
        self.next += 1;
        Ok(())
    }
}

/// The cells of a row, read from left to right.
pub(in crate::store) struct Cells<'r, 's> {
    row: &'r SqlRow<'s>,
    next: usize,
}

impl<'r, 's> Cells<'r, 's> {
    /// Starts at the cell of that index.
    pub(in crate::store) fn from(row: &'r SqlRow<'s>, first: usize) -> Self {
        Self { row, next: first }
    }

    /// Reads the next cell.
    pub(in crate::store) fn take<T: Column>(&mut self) -> rusqlite::Result<T> {
        let index = self.next;
        self.next += 1;
        T::from_cell(self.row.get_ref(index)?).ok_or_else(|| odd(index))
    }
}

/// A cell that no version of this program can have written.
pub(in crate::store) fn odd(index: usize) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(index, Type::Null, Box::new(OddCell { index }))
}

/// A register, as one or two columns.
pub(in crate::store) trait Register: Sized {
    fn bind(&self, slots: &mut Slots<'_, '_>) -> rusqlite::Result<()>;
    fn read(cells: &mut Cells<'_, '_>) -> rusqlite::Result<Self>;
    /// The date of what it keeps.
    fn heard_at(&self) -> Option<Timestamp>;
}

impl Register for Earliest {
    fn bind(&self, slots: &mut Slots<'_, '_>) -> rusqlite::Result<()> {
        slots.put(&self.0)
    }

    fn read(cells: &mut Cells<'_, '_>) -> rusqlite::Result<Self> {
        cells.take().map(Self)
    }

    fn heard_at(&self) -> Option<Timestamp> {
        self.0
    }
}

impl<T: Column> Register for Greatest<T> {
    fn bind(&self, slots: &mut Slots<'_, '_>) -> rusqlite::Result<()> {
        slots.put(&self.0)
    }

    fn read(cells: &mut Cells<'_, '_>) -> rusqlite::Result<Self> {
        cells.take().map(Self)
    }

    fn heard_at(&self) -> Option<Timestamp> {
        self.0.as_ref().and_then(Column::instant)
    }
}

impl Register for Ever {
    fn bind(&self, slots: &mut Slots<'_, '_>) -> rusqlite::Result<()> {
        slots.put(&self.0)
    }

    fn read(cells: &mut Cells<'_, '_>) -> rusqlite::Result<Self> {
        cells.take().map(Self)
    }

    fn heard_at(&self) -> Option<Timestamp> {
        None
    }
}

/// A value and its date; no date, no value.
fn bind_dated<T: Column>(
    pair: Option<&(Timestamp, T)>,
    slots: &mut Slots<'_, '_>,
) -> rusqlite::Result<()> {
    if let Some((at, value)) = pair {
        slots.put(value)?;
        slots.put(at)
    } else {
        slots.put(&None::<Timestamp>)?;
        slots.put(&None::<Timestamp>)
    }
}

fn read_dated<T: Column>(cells: &mut Cells<'_, '_>) -> rusqlite::Result<Option<(Timestamp, T)>> {
    let value = cells.next;
    cells.next += 1;
    let Some(at) = cells.take::<Option<Timestamp>>()? else {
        return Ok(None);
    };
    let value = T::from_cell(cells.row.get_ref(value)?).ok_or_else(|| odd(value))?;
    Ok(Some((at, value)))
}

impl<T: Column> Register for Newest<T> {
    fn bind(&self, slots: &mut Slots<'_, '_>) -> rusqlite::Result<()> {
        bind_dated(self.0.as_ref(), slots)
    }

    fn read(cells: &mut Cells<'_, '_>) -> rusqlite::Result<Self> {
        read_dated(cells).map(Self)
    }

    fn heard_at(&self) -> Option<Timestamp> {
        self.0.as_ref().map(|(at, _)| *at)
    }
}

impl<T: Column> Register for Furthest<T> {
    fn bind(&self, slots: &mut Slots<'_, '_>) -> rusqlite::Result<()> {
        bind_dated(self.0.as_ref(), slots)
    }

    fn read(cells: &mut Cells<'_, '_>) -> rusqlite::Result<Self> {
        read_dated(cells).map(Self)
    }

    fn heard_at(&self) -> Option<Timestamp> {
        self.0.as_ref().map(|(at, _)| *at)
    }
}

/// A fact type as a row of its table. The columns of key and registers come in the order of the
/// table's `.sql` file.
pub(in crate::store) trait Row {
    /// Binds the key.
    fn bind_key(&self, slots: &mut Slots<'_, '_>) -> rusqlite::Result<()>;

    /// Binds the registers.
    fn bind_registers(&self, slots: &mut Slots<'_, '_>) -> rusqlite::Result<()>;

    /// Reads key and registers.
    fn read(cells: &mut Cells<'_, '_>) -> rusqlite::Result<Self>
    where
        Self: Sized;

    /// The newest instant in it.
    fn newest_at(&self) -> Option<Timestamp>;

    /// Whether it can still come to an end; `None` for what has no end, and no such column.
    fn open(&self) -> Option<bool> {
        None
    }
}

/// Writes [`Row`] for a fact: names every field once, so that a new one cannot be forgotten.
macro_rules! row {
    ($fact:ident { $($key:ident),* ; $($register:ident),* } $(open($own:ident) $open:expr)?) => {
        impl Row for $fact {
            fn bind_key(&self, slots: &mut Slots<'_, '_>) -> rusqlite::Result<()> {
                $(slots.put(&self.$key)?;)*
                // A project has no key but the project's own.
                let _ = slots;
                Ok(())
            }

            fn bind_registers(&self, slots: &mut Slots<'_, '_>) -> rusqlite::Result<()> {
                let Self { $($key: _,)* $($register),* } = self;
                $($register.bind(slots)?;)*
                // Some facts are nothing but their key.
                let _ = slots;
                Ok(())
            }

            fn read(cells: &mut Cells<'_, '_>) -> rusqlite::Result<Self> {
                Ok(Self {
                    $($key: cells.take()?,)*
                    $($register: Register::read(cells)?,)*
                })
            }

            fn newest_at(&self) -> Option<Timestamp> {
                [$(self.$key.instant(),)* $(self.$register.heard_at(),)*]
                    .into_iter()
                    .flatten()
                    .max()
            }

            $(fn open(&self) -> Option<bool> {
                let $own = self;
                Some($open)
            })?
        }
    };
}
pub(super) use row;
