// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

use std::marker::PhantomData;
use std::os::raw::c_int;
use std::os::unix::io::RawFd;
use std::time::Duration;

use libbpf_compare_sys as sys;

use crate::claim::Claim;
use crate::condition::Condition;
use crate::error::{check, Error, Stopped};
use crate::field::Field;
use crate::map::Map;
use crate::options::ClaimAt;
use crate::pod::{Pod, WordType};

/// Says which entries match, and how [`Map::sweep`] goes about it. Up to 16 conditions, in up to 8 groups:
///
/// ```
/// # use libbpf_compare::{field, pod, Sweep};
/// # pod! {
/// #     pub struct Key { pub port: u16, pub proto: u16 }
/// #     pub struct Conn { pub packets: u64, pub expires: u32, pub flags: u32 }
/// # }
/// # let now = 0;
/// let (expires, flags, proto) = (field!(Conn, expires), field!(Conn, flags), field!(Key, proto));
/// let expired = Sweep::<Key, Conn>::new().value(expires.before(now));
/// let closed = expired.clone().or().key(proto.eq(6)).value(flags.ne(0).mask(4));
/// ```
#[derive(Clone, Debug)]
pub struct Sweep<'a, K, V> {
    conds: Vec<sys::bpf_map_sweep_cond>,
    group: usize,
    all: bool,
    claim: Option<ClaimAt<'a>>,
    limit: u32,
    max_scan: Duration,
    part: (u8, u8),
    of: PhantomData<fn(K, V)>,
}

/// What became of entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Were looked at.
    pub scanned: u64,
    /// Of these matched.
    pub matched: u64,
    /// Of these were deleted.
    pub deleted: u64,
    /// Or did not match any more when looked up again.
    pub changed: u64,
}

impl<'a, K, V> Sweep<'a, K, V> {
    fn with(all: bool) -> Self {
        Self {
            conds: Vec::new(),
            group: 0,
            all,
            claim: None,
            limit: 0,
            max_scan: Duration::ZERO,
            part: (0, 0),
            of: PhantomData,
        }
    }

    /// What matches the conditions that are to be added: none is an error.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self::with(false)
    }

    /// Every entry. It takes no conditions.
    pub fn all() -> Self {
        Self::with(true)
    }

    /// And this is true of its key.
    pub fn key(self, condition: Condition<K>) -> Self {
        self.and(condition.cond, sys::BPF_MAP_SWEEP_KEY as u8)
    }

    /// And this is true of its value.
    pub fn value(self, condition: Condition<V>) -> Self {
        self.and(condition.cond, 0)
    }

    fn and(mut self, mut cond: sys::bpf_map_sweep_cond, flags: u8) -> Self {
        cond.flags |= flags;
        cond.group = u8::try_from(self.group).unwrap_or(u8::MAX);
        self.conds.push(cond);
        self
    }

    /// Or all that follows is true: a group of its own.
    pub fn or(mut self) -> Self {
        self.group += 1;
        self
    }

    /// As [`Options::claim`](crate::Options::claim); what the word is claimed from is the one that was judged. In each
    /// group it is a condition's field, all of it.
    pub fn claim<W: WordType>(mut self, field: Field<V, W>, claim: &'a Claim<W>) -> Self {
        self.claim = Some(ClaimAt::new(field, claim));
        self
    }

    /// How many entries a step deletes at most; 0 is any number.
    pub fn limit(mut self, entries: u32) -> Self {
        self.limit = entries;
        self
    }

    /// For how long the BPF program may run at a time, about, so that others are not kept waiting on kernels without
    /// preemption: zero is the library's choice, [`Duration::MAX`] no limit.
    pub fn max_scan(mut self, max_scan: Duration) -> Self {
        self.max_scan = max_scan;
        self
    }

    /// Which one, from 0 on, of sweeps that share a map: by a thread each, and all parts are the whole.
    pub fn part(mut self, part: u8, parts: u8) -> Self {
        self.part = (part, parts);
        self
    }

    fn check(&self) -> Result<(), Error> {
        let last = self.conds.last().map_or(0, |cond| cond.group as usize);
        if self.group != last {
            return Err(Error::invalid("a group without conditions"));
        }
        match self.part {
            (0, _) => Ok(()),
            (part, parts) if part < parts => Ok(()),
            (part, parts) => Err(Error::invalid(format!("part {part} of {parts}"))),
        }
    }

    fn cursor(&self) -> u64 {
        u64::from(self.part.1) << 56 | u64::from(self.part.0) << 48
    }
}

/// Rounded up; the most that can be said for what is longer.
fn microseconds(time: Duration) -> u32 {
    u32::try_from((time.as_nanos() + 999) / 1000).unwrap_or(u32::MAX)
}

impl<K: Pod, V: Pod> Map<K, V> {
    /// Deletes the entries that match, inside the kernel, in one step: all, or as many as the limit says.
    ///
    /// An entry that is there from before the call until after it, and matches all the time, is deleted. One that is
    /// created, deleted or rewritten meanwhile may be missed. None is deleted that did not match when it was looked up
    /// by its key, right before its delete: from there on what is true of [`Map::delete_if`] by
    /// [`Backend::SyscallProg`](crate::Backend::SyscallProg) is true here, with the fields of the conditions in the
    /// place of the region. bpf_map_sweep(3) says all.
    ///
    /// For conditions that differ in more than their operands another BPF program is loaded, and kept until
    /// [`Map::release`].
    pub fn sweep(&self, sweep: &Sweep<'_, K, V>) -> Result<Swept, Stopped<Swept>> {
        self.once(sweep, 0)
    }

    /// Counts what matches, and deletes nothing.
    pub fn count(&self, sweep: &Sweep<'_, K, V>) -> Result<Swept, Stopped<Swept>> {
        self.once(sweep, sys::BPF_MAP_SWEEP_COUNT)
    }

    fn once(&self, sweep: &Sweep<'_, K, V>, flags: u32) -> Result<Swept, Stopped<Swept>> {
        let mut sweeper = self.sweeper_with(sweep, flags)?;
        let step = sweeper.step(&mut [], &mut []);
        let done = sweeper.swept;
        step.map(|_| done).map_err(|stopped| Stopped { error: stopped.error, done })
    }

    /// A sweep in steps, which hand out keys and values.
    pub fn sweeper<'a>(&'a self, sweep: &Sweep<'a, K, V>) -> Result<Sweeper<'a, K, V>, Error> {
        self.sweeper_with(sweep, 0)
    }

    /// Likewise, of what matches, which stays.
    pub fn counter<'a>(&'a self, sweep: &Sweep<'a, K, V>) -> Result<Sweeper<'a, K, V>, Error> {
        self.sweeper_with(sweep, sys::BPF_MAP_SWEEP_COUNT)
    }

    fn sweeper_with<'a>(&'a self, sweep: &Sweep<'a, K, V>, flags: u32) -> Result<Sweeper<'a, K, V>, Error> {
        sweep.check()?;
        Ok(Sweeper {
            map: self,
            flags: flags | if sweep.all { sys::BPF_MAP_SWEEP_ALL } else { 0 },
            cursor: sweep.cursor(),
            sweep: sweep.clone(),
            over: false,
            swept: Swept::default(),
        })
    }
}

/// A sweep in steps, each of which goes on where the last one stopped. Threads that share a sweep have one for each of
/// its [parts](Sweep::part).
#[derive(Debug)]
pub struct Sweeper<'a, K, V> {
    map: &'a Map<K, V>,
    sweep: Sweep<'a, K, V>,
    flags: u32,
    cursor: u64,
    /// Whether the last step came to the end.
    over: bool,
    swept: Swept,
}

impl<K: Pod, V: Pod> Sweeper<'_, K, V> {
    /// The next step. It ends when keys and values are full, or the limit is reached, or at the map's end. The number
    /// is that of the entries that it deleted, or found where they are counted: their keys and values are the first
    /// ones. There is room for as many of both, or for none of what is not wanted. `None`: nothing is left.
    ///
    /// With an error the entries that it counts are deleted too, and a later call goes on.
    ///
    /// ```no_run
    /// # use libbpf_compare::{Error, Map, Sweep};
    /// # fn collect(conns: &Map<u32, u64>, expired: &Sweep<u32, u64>) -> Result<(), Error> {
    /// let mut keys = [0; 4096];
    /// let mut sweeper = conns.sweeper(expired)?;
    /// while let Some(n) = sweeper.step(&mut keys, &mut [])? {
    ///     println!("deleted {:?}", &keys[..n]);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn step(&mut self, keys: &mut [K], values: &mut [V]) -> Result<Option<usize>, Stopped<usize>> {
        self.step_by(keys, values, |fd, conds, count, opts| {
            // SAFETY: step_by() gives what it takes
            unsafe { sys::bpf_map_sweep(fd, conds, count, opts) }
        })
    }

    /// Does [`Sweeper::step`], which also ends when the time is over, after one run of the program at least: for
    /// callers who have something else to look at in between, such as whether to end. It may have deleted nothing
    /// then.
    pub fn step_for(
        &mut self,
        max: Duration,
        keys: &mut [K],
        values: &mut [V],
    ) -> Result<Option<usize>, Stopped<usize>> {
        let max = microseconds(max);
        self.step_by(keys, values, |fd, conds, count, opts| {
            // SAFETY: likewise
            unsafe { sys::bpf_map_sweep_timed(fd, conds, count, opts, max) }
        })
    }

    /// Has a function called with what a sweep takes.
    fn step_by(
        &mut self,
        keys: &mut [K],
        values: &mut [V],
        sweep: impl Fn(RawFd, *const sys::bpf_map_sweep_cond, u32, *mut sys::bpf_map_sweep_opts) -> c_int,
    ) -> Result<Option<usize>, Stopped<usize>> {
        if self.over {
            return Ok(None);
        }
        // The map has such keys and values, and there is room for as many as the capacity says.
        let mut opts = self.options(keys, values)?;
        let answer = sweep(self.map.raw(), self.sweep.conds.as_ptr(), self.sweep.conds.len() as u32, &mut opts);
        let more = check(answer);
        let counted = if self.flags & sys::BPF_MAP_SWEEP_COUNT != 0 { opts.matched } else { opts.deleted };
        self.cursor = opts.cursor;
        self.over = more == Ok(0);
        self.swept.scanned += opts.scanned;
        self.swept.matched += opts.matched;
        self.swept.deleted += opts.deleted;
        self.swept.changed += opts.changed;
        match (more, counted as usize) {
            (Ok(0), 0) => Ok(None),
            (Ok(_), n) => Ok(Some(n)),
            (Err(error), done) => Err(Stopped { error, done }),
        }
    }

    fn options(&self, keys: &mut [K], values: &mut [V]) -> Result<sys::bpf_map_sweep_opts, Error> {
        let mut opts = sys::bpf_map_sweep_opts::new();
        let room = match (keys.len(), values.len()) {
            (keys, 0) => keys,
            (0, values) => values,
            (keys, values) if keys == values => keys,
            (keys, values) => return Err(Error::invalid(format!("room for {keys} keys, but for {values} values"))),
        };
        let room = u32::try_from(room).unwrap_or(u32::MAX);
        opts.capacity = match (room, self.sweep.limit) {
            (0, limit) => limit,
            (room, 0) => room,
            (room, limit) => room.min(limit),
        };
        if !keys.is_empty() {
            opts.keys = keys.as_mut_ptr().cast();
        }
        if !values.is_empty() {
            opts.values = values.as_mut_ptr().cast();
        }
        if let Some(claim) = &self.sweep.claim {
            opts.claim = claim.at();
            opts.claim_offset = claim.offset;
            opts.claim_size = claim.size;
            opts.claim_first = claim.first;
            opts.claim_last = claim.last;
        }
        opts.flags = self.flags.into();
        opts.max_scan_us = microseconds(self.sweep.max_scan);
        opts.cursor = self.cursor;
        Ok(opts)
    }

    /// What became of entries in all steps until now.
    pub fn swept(&self) -> Swept {
        self.swept
    }
}
