//! Which known name was probably meant.

/// The known name that is nearest to `name`, where one is near enough to be a slip.
pub(crate) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let lower = name.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len().min(name.len()) / 4)
        .min()
        .map(|(_, candidate)| candidate)
}

/// `did you mean X?`, or else `otherwise`.
pub(crate) fn or_nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>, otherwise: &str) -> String {
    match nearest(name, known) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => otherwise.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        assert_eq!(nearest("Buket", ["Bucket", "Queue"]), Some("Bucket"));
        assert_eq!(nearest("environment", ["Environment"]), Some("Environment"));
        assert_eq!(nearest("Topic", ["Bucket", "Queue"]), None);
    }
}
