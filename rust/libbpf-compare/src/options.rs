// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

use std::marker::PhantomData;
use std::mem::size_of;
use std::ops::Range;
use std::os::raw::c_void;

use crate::backend::Backend;
use crate::claim::Claim;
use crate::error::Error;
use crate::field::Field;
use crate::pod::WordType;

/// Says what of a value counts, and how it is compared: the whole value, by whichever backend serves, unless told
/// otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a, V> {
    region: Option<(u32, u32)>,
    pub(crate) claim: Option<ClaimAt<'a>>,
    pub(crate) backend: Backend,
    of: PhantomData<fn(V)>,
}

/// A claim, which is not dropped meanwhile, and its place in a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClaimAt<'a> {
    word: [u8; 8],
    pub(crate) offset: u32,
    pub(crate) size: u32,
    pub(crate) first: u64,
    pub(crate) last: u64,
    claim: PhantomData<&'a ()>,
}

impl<'a> ClaimAt<'a> {
    pub(crate) fn new<V, W: WordType>(field: Field<V, W>, claim: &'a Claim<W>) -> Self {
        let mut word = [0; 8];
        let bytes = claim.word().bits().to_ne_bytes();
        let size = size_of::<W>();
        let bytes = if cfg!(target_endian = "big") { &bytes[8 - size..] } else { &bytes[..size] };
        word[..size].copy_from_slice(bytes);
        let (first, last) = claim.words();
        Self { word, offset: field.offset(), size: field.size(), first, last, claim: PhantomData }
    }

    pub(crate) fn at(&self) -> *const c_void {
        self.word.as_ptr().cast()
    }
}

impl<V> Default for Options<'_, V> {
    fn default() -> Self {
        Self { region: None, claim: None, backend: Backend::Auto, of: PhantomData }
    }
}

impl<'a, V> Options<'a, V> {
    /// The whole value, by whichever backend serves.
    pub fn new() -> Self {
        Self::default()
    }

    /// The field that has to be the same still; what is beside it does not count.
    pub fn compare<T>(self, field: Field<V, T>) -> Self {
        let start = field.offset() as usize;
        self.region(start..start + field.size() as usize)
    }

    /// The bytes of the value that have to be the same still.
    pub fn region(mut self, bytes: Range<usize>) -> Self {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        self.region = Some((number(bytes.start), number(bytes.end.saturating_sub(bytes.start))));
        self
    }

    /// The field, inside of the region, that is claimed before the delete: it closes the race with a datapath that
    /// keeps to the protocol, see bpf_compare(7). What carries any claim of the range is left alone. It takes
    /// [`Backend::SyscallProg`].
    pub fn claim<W: WordType>(mut self, field: Field<V, W>, claim: &'a Claim<W>) -> Self {
        self.claim = Some(ClaimAt::new(field, claim));
        self
    }

    /// The way to delete.
    pub fn backend(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }

    /// Offset and size, as C has them: of none, it means the whole value.
    pub(crate) fn offset_and_size(&self) -> Result<(u32, u32), Error> {
        match self.region {
            None => Ok((0, size_of::<V>() as u32)),
            Some((_, 0)) => Err(Error::invalid("a region without bytes")),
            Some(region) => Ok(region),
        }
    }
}
