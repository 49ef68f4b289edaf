//! Three-valued truth (Kleene).

/// True, false, or not known before apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// It does not hold.
    False,
    /// It cannot be told.
    Unknown,
    /// It holds.
    True,
}

impl Truth {
    /// Both hold. False wins over unknown.
    #[must_use]
    pub fn and(self, other: Truth) -> Truth {
        self.min(other)
    }

    /// At least one holds. True wins over unknown.
    #[must_use]
    pub fn or(self, other: Truth) -> Truth {
        self.max(other)
    }

    /// Whether it is certainly so.
    #[must_use]
    pub fn is_true(self) -> bool {
        self == Truth::True
    }

    /// Whether it is certainly not so.
    #[must_use]
    pub fn is_false(self) -> bool {
        self == Truth::False
    }
}

impl std::ops::Not for Truth {
    type Output = Truth;

    fn not(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::Unknown => Truth::Unknown,
            Truth::False => Truth::True,
        }
    }
}

impl From<bool> for Truth {
    fn from(known: bool) -> Self {
        if known { Truth::True } else { Truth::False }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{False, True, Unknown};

    #[test]
    fn kleene_tables() {
        assert_eq!([False.and(Unknown), True.and(Unknown), True.and(True)], [False, Unknown, True]);
        assert_eq!([False.or(Unknown), True.or(Unknown), False.or(False)], [Unknown, True, False]);
        assert_eq!([!False, !Unknown, !True], [True, Unknown, False]);
    }
}
