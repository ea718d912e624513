//! What the program says about itself when it fails on something unexpected.

/// Where it happened, and what, if that was written down beforehand. A sentence put together at that moment may hold
/// somebody's name: it is kept back, because logs are read by people who may not read names.
pub fn say_only_where() {
    std::panic::set_hook(Box::new(|fault| {
        let place = fault.location().map(ToString::to_string).unwrap_or_default();
        let what =
            fault.payload().downcast_ref::<&'static str>().copied().unwrap_or("what was met is not shown");
        eprintln!("quell: something unexpected at {place}: {what}");
    }));
}
