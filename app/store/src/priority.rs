//! Which thread goes first when every core is busy: whoever stands at the door, then the writer, then those who read, and the log last.
//!
//! A word at the door takes microseconds, a question some hundred, a commit milliseconds. When each gets the same share, thousands who
//! only have to be told to come again stand before the door for as long as the database is at work, and so does everybody among them who
//! could come in. Whoever is let in is done about as soon in either order, since so many are let in as can be worked on. Tubes, cases and
//! what laboratories tell are written, and come before what is looked up: behind the readers, the writer got half of what it needed.

/// As `nice` counts (getpriority(2)): each step takes a fifth of a thread's share where there is not enough for all.
const WRITES: i32 = 7;
const READS: i32 = 9;
const AFTERWARDS: i32 = 19;

pub(crate) fn after_the_door() {
    goes_after_others(WRITES);
}

pub(crate) fn after_the_writer() {
    goes_after_others(READS);
}

pub(crate) fn after_the_others() {
    goes_after_others(AFTERWARDS);
}

/// This thread alone; only Linux counts it by the thread. Where it is not allowed, all have the same share.
fn goes_after_others(steps: i32) {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, steps);
    #[cfg(not(target_os = "linux"))]
    let _ = steps;
}
