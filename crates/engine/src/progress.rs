//! How far a scan is.

/// Is told how far a scan is.
pub trait Progress: Sync {
    /// So many units are to be checked.
    fn units(&self, total: usize);
    /// One more is done.
    fn unit_done(&self);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn units(&self, _: usize) {}
    fn unit_done(&self) {}
}
