// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

use std::ffi::CStr;
use std::os::raw::c_int;
use std::{error, fmt, io};

use libbpf_compare_sys as sys;

/// What a call is answered, or a key of a batch, if it is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// `EBUSY`: the value is not as expected any more, or its linked entry is not, or the word that is to be changed
    /// is a claim; the entry is untouched.
    Mismatch,
    /// `ENOENT`: there is no such key.
    NotFound,
    /// `EEXIST`, of [`UpdateFlags::NoExist`](crate::UpdateFlags::NoExist): there is such a key.
    Exists,
    /// `EAGAIN`: the kernel could not take a lock, or was too busy, or others changed the word, or replaced the entry,
    /// each time that it was to be changed; the entry was neither deleted nor changed.
    Again,
    /// `EBUSY`, of [`Map::take_claim`](crate::Map::take_claim): all claims are taken.
    Taken,
    /// `ECANCELED`: the key of a batch that was not reached, because of the batch's error; or the linked entry that
    /// was not looked at, because of the first one's answer.
    Canceled,
    /// `EOPNOTSUPP`: the map, the region or the kernel is not supported.
    NotSupported(Reason),
    /// `EINVAL`: the call is wrong in itself, or does not fit the map.
    Invalid(Reason),
    /// `EPERM`: the descriptor is read-only, the map frozen, or `CAP_BPF` lacking, or `CAP_PERFMON`, which changes in
    /// place take.
    Permission(Reason),
    /// Any other errno.
    Os(i32, Reason),
}

/// What is known of why, or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reason(Option<Box<str>>);

impl Reason {
    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// The library's, of this thread's last call.
    fn last() -> Self {
        // SAFETY: it is a string, and this thread makes no other call until it is copied
        let reason = unsafe { CStr::from_ptr(sys::libbpf_compare_reason()) };
        Self::from(reason.to_string_lossy().as_ref())
    }
}

impl From<&str> for Reason {
    fn from(text: &str) -> Self {
        Self(if text.is_empty() { None } else { Some(text.into()) })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

const EPERM: i32 = 1;
const ENOENT: i32 = 2;
const EAGAIN: i32 = 11;
const EBUSY: i32 = 16;
const EEXIST: i32 = 17;
const EINVAL: i32 = 22;

// The other ones have numbers of their own on some machines.
#[cfg(any(target_arch = "mips", target_arch = "mips64"))]
const EOPNOTSUPP: i32 = 122;
#[cfg(any(target_arch = "mips", target_arch = "mips64"))]
const ECANCELED: i32 = 158;
#[cfg(target_arch = "sparc64")]
const EOPNOTSUPP: i32 = 45;
#[cfg(target_arch = "sparc64")]
const ECANCELED: i32 = 127;
#[cfg(not(any(target_arch = "mips", target_arch = "mips64", target_arch = "sparc64")))]
const EOPNOTSUPP: i32 = 95;
#[cfg(not(any(target_arch = "mips", target_arch = "mips64", target_arch = "sparc64")))]
const ECANCELED: i32 = 125;

fn last_errno() -> i32 {
    io::Error::last_os_error().raw_os_error().unwrap_or(EINVAL)
}

/// The result of a key that was not reached.
pub(crate) const CANCELED: c_int = -ECANCELED;

impl Error {
    fn new(errno: i32, reason: Reason) -> Self {
        match errno {
            EBUSY => Self::Mismatch,
            ENOENT => Self::NotFound,
            EEXIST => Self::Exists,
            EAGAIN => Self::Again,
            ECANCELED => Self::Canceled,
            EOPNOTSUPP => Self::NotSupported(reason),
            EINVAL => Self::Invalid(reason),
            EPERM => Self::Permission(reason),
            _ => Self::Os(errno, reason),
        }
    }

    pub(crate) fn invalid(reason: impl AsRef<str>) -> Self {
        Self::Invalid(reason.as_ref().into())
    }

    /// errno's, of a call that has no key.
    pub(crate) fn last_os() -> Self {
        match last_errno() {
            EPERM => Self::Permission(Reason::default()),
            errno => Self::Os(errno, Reason::default()),
        }
    }

    /// Likewise, of a call of the library that has no other answer.
    pub(crate) fn last_refused() -> Self {
        Self::new(last_errno(), Reason::last())
    }

    /// The number of the error.
    pub fn errno(&self) -> i32 {
        match self {
            Self::Mismatch | Self::Taken => EBUSY,
            Self::NotFound => ENOENT,
            Self::Exists => EEXIST,
            Self::Again => EAGAIN,
            Self::Canceled => ECANCELED,
            Self::NotSupported(_) => EOPNOTSUPP,
            Self::Invalid(_) => EINVAL,
            Self::Permission(_) => EPERM,
            Self::Os(errno, _) => *errno,
        }
    }

    /// What is known of why, or nothing.
    pub fn reason(&self) -> &str {
        match self {
            Self::NotSupported(reason) | Self::Invalid(reason) | Self::Permission(reason) | Self::Os(_, reason) => {
                reason.as_str()
            }
            _ => "",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mismatch => f.write_str("the value differs"),
            Self::NotFound => f.write_str("no such key"),
            Self::Exists => f.write_str("the key exists"),
            Self::Again => f.write_str("the kernel asks to try again"),
            Self::Taken => f.write_str("all claims are taken"),
            Self::Canceled => f.write_str("not looked at"),
            Self::NotSupported(_) => f.write_str("not supported"),
            Self::Invalid(_) => f.write_str("invalid argument"),
            Self::Permission(_) => f.write_str("not permitted"),
            Self::Os(errno, _) => io::Error::from_raw_os_error(*errno).fmt(f),
        }?;
        match self.reason() {
            "" => Ok(()),
            reason => write!(f, ": {reason}"),
        }
    }
}

impl error::Error for Error {}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        Self::new(Self::from_raw_os_error(error.errno()).kind(), error)
    }
}

/// What a call of the library gave, or why it was refused.
pub(crate) fn check(answer: c_int) -> Result<c_int, Error> {
    match answer {
        0.. => Ok(answer),
        _ => Err(Error::new(-answer, Reason::last())),
    }
}

/// What a result means for its key.
pub(crate) fn result(answer: c_int) -> Result<(), Error> {
    match answer {
        0 => Ok(()),
        _ => Err(Error::new(-answer, Reason::default())),
    }
}

/// A call that did part of its work, `done`, before an error about the call, the map or the process ended it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped<T> {
    /// Why it ended.
    pub error: Error,
    /// What was done until then.
    pub done: T,
}

impl<T> fmt::Display for Stopped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<T: fmt::Debug> error::Error for Stopped<T> {}

impl<T> From<Stopped<T>> for Error {
    fn from(stopped: Stopped<T>) -> Self {
        stopped.error
    }
}

impl<T: Default> From<Error> for Stopped<T> {
    fn from(error: Error) -> Self {
        Self { error, done: T::default() }
    }
}
