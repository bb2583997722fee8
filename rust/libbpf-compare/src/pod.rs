// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//! Types whose memory is just their value.

/// Plain data, which the kernel reads and writes as bytes. [`pod!`](crate::pod!) makes structs of it without `unsafe`.
///
/// # Safety
///
/// The type has no padding, any bytes are a value of it, and its layout is that of the map's keys or values: a struct
/// is `repr(C)`.
pub unsafe trait Pod: Copy + 'static {}

macro_rules! numbers {
    ($($t:ty, $signed:expr, $unsigned:ty;)*) => {$(
        // SAFETY: it is a number
        unsafe impl Pod for $t {}
        impl Sealed for $t {}
        impl Number for $t {
            const SIGNED: bool = $signed;
            fn bits(self) -> u64 {
                self as $unsigned as u64
            }
        }
    )*};
}

/// What a field has to be for a sweep's condition.
pub trait Number: Pod + Sealed {
    #[doc(hidden)]
    const SIGNED: bool;
    /// Extended by zeros.
    #[doc(hidden)]
    fn bits(self) -> u64;
}

/// What can be changed in place, and be a claim.
pub trait WordType: Number {}

pub trait Sealed {}

numbers! {
    u8, false, u8;
    u16, false, u16;
    u32, false, u32;
    u64, false, u64;
    i8, true, u8;
    i16, true, u16;
    i32, true, u32;
    i64, true, u64;
}

impl WordType for u32 {}
impl WordType for u64 {}
impl WordType for i32 {}
impl WordType for i64 {}

// SAFETY: as the elements are
unsafe impl<T: Pod, const N: usize> Pod for [T; N] {}

/// Defines structs of plain data: `repr(C)`, [`Copy`] and [`Pod`]. What a C struct has of padding is spelled out as a
/// field, or it is not compiled:
///
/// ```
/// libbpf_compare::pod! {
///     /// As the datapath has it.
///     #[derive(Debug, PartialEq)]
///     pub struct Key {
///         pub address: [u8; 4],
///         pub port: u16,
///         pub padding: u16,
///     }
/// }
/// ```
///
/// ```compile_fail
/// libbpf_compare::pod! {
///     pub struct Key {
///         pub port: u16,
///         pub address: u32,
///     }
/// }
/// ```
///
/// Nor are fields that are not plain data:
///
/// ```compile_fail
/// libbpf_compare::pod! {
///     pub struct Key {
///         pub seen: bool,
///     }
/// }
/// ```
#[macro_export]
macro_rules! pod {
    ($($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty),* $(,)?
    })*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy)]
        #[repr(C)]
        $vis struct $name {
            $($(#[$field_meta])* $field_vis $field: $type,)*
        }

        const _: () = {
            const fn is_pod<T: $crate::Pod>() {}
            $(is_pod::<$type>();)*
            assert!(
                ::core::mem::size_of::<$name>() == 0 $(+ ::core::mem::size_of::<$type>())*,
                concat!("there is padding in ", stringify!($name)),
            );
        };

        // SAFETY: its fields are plain data, and there is nothing between them
        unsafe impl $crate::Pod for $name {}
    )*};
}
