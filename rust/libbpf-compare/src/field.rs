// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//! Where fields are in keys and values.

use std::fmt;
use std::marker::PhantomData;
use std::mem::size_of;

/// A field of type `T` in a struct `S`, by [`field!`](crate::field!).
pub struct Field<S, T> {
    offset: usize,
    of: PhantomData<fn(S) -> T>,
}

impl<S, T> Clone for Field<S, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, T> Copy for Field<S, T> {}

impl<S, T> fmt::Debug for Field<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes at {}", size_of::<T>(), self.offset)
    }
}

impl<S> Field<S, S> {
    /// All of it, where keys or values are a number and no struct.
    pub fn whole() -> Self {
        Self::at_offset(0)
    }
}

impl<S, T> Field<S, T> {
    fn at_offset(offset: usize) -> Self {
        assert!(offset + size_of::<T>() <= size_of::<S>() && size_of::<S>() <= u32::MAX as usize);
        Self { offset, of: PhantomData }
    }

    /// A field of this one.
    pub fn then<U>(self, inner: Field<T, U>) -> Field<S, U> {
        Field::at_offset(self.offset + inner.offset)
    }

    /// The same bytes as another type, such as four bytes of an address as a number.
    ///
    /// # Panics
    ///
    /// Where that has another size.
    pub fn cast<U>(self) -> Field<S, U> {
        assert_eq!(size_of::<U>(), size_of::<T>(), "a field of another size");
        Field::at_offset(self.offset)
    }

    pub(crate) fn offset(self) -> u32 {
        self.offset as u32
    }

    pub(crate) fn size(self) -> u32 {
        size_of::<T>() as u32
    }
}

impl<S, T, const N: usize> Field<S, [T; N]> {
    /// One element.
    ///
    /// # Panics
    ///
    /// Where there are not as many.
    pub fn at(self, index: usize) -> Field<S, T> {
        assert!(index < N, "element {index} of {N}");
        Field::at_offset(self.offset + index * size_of::<T>())
    }
}

/// Names a field of a struct; [`Field::then`] leads on into it.
///
/// ```
/// use libbpf_compare::{field, pod};
///
/// pod! {
///     pub struct Tuple { pub addresses: [u32; 2], pub ports: [u16; 2] }
///     pub struct Conn { pub packets: u64, pub tuple: Tuple, pub expires: u32 }
/// }
/// let port = field!(Conn, tuple).then(field!(Tuple, ports)).at(1);
/// assert_eq!(format!("{port:?}"), "2 bytes at 18");
/// ```
#[macro_export]
macro_rules! field {
    ($of:path, $name:tt) => {{
        // Of the struct itself, not of what it may be taken for.
        let _ = |it: &$of| {
            let $of { $name: _, .. } = it;
        };
        let it = ::core::mem::MaybeUninit::<$of>::uninit();
        let base = it.as_ptr();
        // SAFETY: it is a place within `it`, and nothing is read
        $crate::__field(base, unsafe { ::core::ptr::addr_of!((*base).$name) })
    }};
}

#[doc(hidden)]
pub fn __field<S, T>(base: *const S, field: *const T) -> Field<S, T> {
    Field::at_offset(field as usize - base as usize)
}
