// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

use std::marker::PhantomData;

use libbpf_compare_sys as sys;

use crate::field::Field;
use crate::pod::Number;

/// How a field of a key or a value compares with an operand, for [`Sweep`](crate::Sweep).
///
/// ```
/// # use libbpf_compare::{field, pod};
/// # pod! { pub struct Key { pub address: [u8; 4], pub port: u16, pub proto: u16 } }
/// let web = field!(Key, port).eq(80).big_endian();
/// let ours = field!(Key, address).cast::<u32>().eq(0x0a00_0000).big_endian().mask(0xff00_0000);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Condition<S> {
    pub(crate) cond: sys::bpf_map_sweep_cond,
    of: PhantomData<fn(S)>,
}

impl<S> Condition<S> {
    /// These bits of the field alone, before it has its sign.
    pub fn mask(mut self, mask: u64) -> Self {
        self.cond.mask = mask;
        self
    }

    /// The field is a number in that byte order, as addresses and ports are.
    pub fn big_endian(mut self) -> Self {
        self.cond.flags |= sys::BPF_MAP_SWEEP_BE as u8;
        self
    }
}

macro_rules! conditions {
    ($($(#[$doc:meta])* $name:ident: $op:ident;)*) => {
        impl<S, N: Number> Field<S, N> {
            $($(#[$doc])* pub fn $name(self, operand: N) -> Condition<S> {
                self.condition(sys::$op, operand)
            })*
        }
    };
}

conditions! {
    /// It is the operand.
    eq: BPF_MAP_SWEEP_EQ;
    /// It is another number.
    ne: BPF_MAP_SWEEP_NE;
    /// It is less.
    lt: BPF_MAP_SWEEP_LT;
    /// It is less, or the same.
    le: BPF_MAP_SWEEP_LE;
    /// It is greater.
    gt: BPF_MAP_SWEEP_GT;
    /// It is greater, or the same.
    ge: BPF_MAP_SWEEP_GE;
    /// Of clocks that wrap: the difference, signed, is below 0.
    before: BPF_MAP_SWEEP_BEFORE;
    /// Likewise, is above 0.
    after: BPF_MAP_SWEEP_AFTER;
}

impl<S, N: Number> Field<S, N> {
    fn condition(self, op: sys::bpf_map_sweep_op, operand: N) -> Condition<S> {
        let cond = sys::bpf_map_sweep_cond {
            offset: self.offset(),
            size: self.size() as u8,
            op: op as u8,
            flags: if N::SIGNED { sys::BPF_MAP_SWEEP_SIGNED as u8 } else { 0 },
            group: 0,
            mask: 0,
            operand: operand.bits(),
        };
        Condition { cond, of: PhantomData }
    }
}
