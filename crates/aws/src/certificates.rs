//! What an X.509 certificate that is written in the configuration says.
//!
//! In: the attribute `body`, a certificate in PEM, perhaps with those that follow it in its chain; the first counts. Out: its
//! key and its end, as numbers. What is no certificate has neither.
//!
//! Source: RFC 5280, section 4.1 (the order of the fields), RFC 8017, appendix A.1.1 (RSA public keys), RFC 7468 (PEM).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use terravet_graph::{Type, Value};

use terravet_model::{Fact, FactContext, FactDef};
use terravet_schema::{AttributeType, Need, NeedType};

/// The facts of this module.
pub(crate) const FACTS: &[FactDef] = &[
    FactDef {
        name: "rsa_key_bits",
        needs: &[Need::of("body", NeedType::String)],
        arguments: &[],
        result: AttributeType::Number,
        doc: "the length of the RSA key of the certificate in the attribute body, in bits",
        run: rsa_key_bits,
    },
    FactDef {
        name: "last_day",
        needs: &[Need::of("body", NeedType::String)],
        arguments: &[],
        result: AttributeType::Date,
        doc: "the last day on which the certificate in the attribute body is valid, as 20301231",
        run: last_day,
    },
];

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
/// The version of a certificate, which those of the first version have not.
const VERSION: u8 = 0xa0;

/// 1.2.840.113549.1.1.1
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

fn rsa_key_bits(context: FactContext<'_>) -> Fact {
    of_certificate(context, |certificate| certificate.rsa_key_bits())
}

fn last_day(context: FactContext<'_>) -> Fact {
    of_certificate(context, |certificate| certificate.last_day())
}

fn of_certificate(context: FactContext<'_>, ask: impl Fn(&Certificate<'_>) -> Option<i64>) -> Fact {
    let body = context.value("body");
    let number = match (body.as_str(), body.as_unknown()) {
        (_, Some(unknown)) => Value::unknown(unknown.why.clone(), Type::Number),
        (Some(text), None) => {
            let der = decode(text);
            let certificate = der.as_deref().and_then(Certificate::read);
            certificate
                .and_then(|certificate| ask(&certificate))
                .map_or_else(|| Value::absent(body.span()), Value::number)
        }
        (None, None) => Value::absent(body.span()),
    };
    Fact { value: Value { origin: body.origin.clone(), ..number }, evidence: vec![body] }
}

/// The bytes of the first certificate in a text.
fn decode(text: &str) -> Option<Vec<u8>> {
    let (_, after) = text.split_once(BEGIN)?;
    let (inner, _) = after.split_once(END)?;
    STANDARD.decode(inner.split_whitespace().collect::<String>()).ok()
}

/// The parts of a certificate that are asked for.
struct Certificate<'b> {
    validity: &'b [u8],
    key_info: &'b [u8],
}

impl<'b> Certificate<'b> {
    fn read(der: &'b [u8]) -> Option<Self> {
        let mut whole = Elements(der).of(SEQUENCE)?;
        let mut fields = whole.of(SEQUENCE)?;
        let first = fields.next()?;
        if first.0 == VERSION {
            fields.of(INTEGER)?; // the serial number
        }
        fields.of(SEQUENCE)?; // the signature algorithm
        fields.of(SEQUENCE)?; // the issuer
        let validity = fields.of(SEQUENCE)?.0;
        fields.of(SEQUENCE)?; // the subject
        let key_info = fields.of(SEQUENCE)?.0;
        Some(Self { validity, key_info })
    }

    fn rsa_key_bits(&self) -> Option<i64> {
        let mut info = Elements(self.key_info);
        let algorithm = info.of(SEQUENCE)?.of(OBJECT_IDENTIFIER)?;
        if algorithm.0 != RSA_ENCRYPTION {
            return None;
        }
        // The first byte says how many bits of the last one are unused: none, in what holds whole bytes.
        let (_, key) = info.of(BIT_STRING)?.0.split_first()?;
        let modulus = Elements(key).of(SEQUENCE)?.of(INTEGER)?.0;
        let digits: &[u8] = &modulus[modulus.iter().take_while(|byte| **byte == 0).count()..];
        let leading = digits.first().map_or(0, |byte| i64::from(byte.leading_zeros()));
        Some(i64::try_from(digits.len()).ok()? * 8 - leading)
    }

    fn last_day(&self) -> Option<i64> {
        let mut times = Elements(self.validity);
        times.next()?;
        let (tag, time) = times.next()?;
        let text = std::str::from_utf8(time).ok()?;
        let digits = |length: usize| text.get(..length).and_then(|text| text.parse::<i64>().ok());
        match tag {
            // Two digits of the year: from 50 on those of the last century.
            UTC_TIME => digits(6).map(|day| day + if day >= 500_000 { 19_000_000 } else { 20_000_000 }),
            GENERALIZED_TIME => digits(8),
            _ => None,
        }
    }
}

/// The elements that stand one after another in a piece of DER.
struct Elements<'b>(&'b [u8]);

impl<'b> Elements<'b> {
    /// The next element, if it is of this type.
    fn of(&mut self, tag: u8) -> Option<Elements<'b>> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, content)| Elements(content))
    }
}

impl<'b> Iterator for Elements<'b> {
    type Item = (u8, &'b [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (&[tag, first], rest) = self.0.split_first_chunk::<2>()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            _ => {
                // The length of the length; four bytes are more than any certificate needs.
                let (bytes, rest) =
                    rest.split_at_checked(usize::from(first & 0x7f)).filter(|(bytes, _)| bytes.len() <= 4)?;
                (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
            }
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An RSA key of 1024 bits, valid until the last day of 2030.
    const RSA_1024: &str = "-----BEGIN CERTIFICATE-----\n\
        MIIBoTCCAQqgAwIBAgICEmcwDQYJKoZIhvcNAQELBQAwFjEUMBIGA1UEAwwLZXhh\n\
        bXBsZS5jb20wHhcNMjEwMTAxMDAwMDAwWhcNMzAxMjMxMjM1OTU5WjAWMRQwEgYD\n\
        VQQDDAtleGFtcGxlLmNvbTCBnzANBgkqhkiG9w0BAQEFAAOBjQAwgYkCgYEA8Oxf\n\
        S7QBTY5e/vuCKZRj2IQHSru6uRirP3VXcvMcIctPJ907jG2FV+faBORC/GDxitJH\n\
        hHvmguFT0OgaHV1mnv1C7sbID7nyvK5v5e0HwY3E6i+Fx6Omi0VUJnX1ggi2ZYb7\n\
        Qow/pMcQ+cFcFGdfDMS4E9qsnbJP/HztoSb5WLcCAwEAATANBgkqhkiG9w0BAQsF\n\
        AAOBgQBgKaMvCVG/EULd4d7Q5iCk3KIhL/PVN9PNXPb6fdRPM2PgnbHuMcHve1pJ\n\
        f/Xjz3q+iI9uympj70xwgbMw7ibyktAoB6SB23XxP3vVMDBdooPU4dEULaRw6onP\n\
        pF6S9bGKS41uucfuad23Gq0TAamsVIfVDHJh5Gxin06ML0UNPg==\n\
        -----END CERTIFICATE-----";

    /// A key on an elliptic curve, valid until the first day of 2055.
    const ELLIPTIC: &str = "-----BEGIN CERTIFICATE-----\n\
        MIIBGjCBwqADAgECAgISZzAKBggqhkjOPQQDAjAWMRQwEgYDVQQDDAtleGFtcGxl\n\
        LmNvbTAgFw0yMTAxMDEwMDAwMDBaGA8yMDU1MDEwMTAwMDAwMFowFjEUMBIGA1UE\n\
        AwwLZXhhbXBsZS5jb20wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQnAkGwotou\n\
        SkB5hsXgoL9Hfgc4V6caXgeyhH27lnaIZ2025310pCX3jdhnqekmw5aOuXZv//vm\n\
        c/iq6TwthNVfMAoGCCqGSM49BAMCA0cAMEQCIBDHq8F6R23bVCX8jERtcm8jLABq\n\
        1hZw9RAXmZN10TzeAiAMObYmyQFgcVYJYH6T//HR4DCT1k8tHXMdXGVcy3QUcw==\n\
        -----END CERTIFICATE-----";

    fn read(pem: &str) -> (Option<i64>, Option<i64>) {
        let der = decode(pem).unwrap_or_default();
        let certificate = Certificate::read(&der);
        let certificate = certificate.as_ref();
        (certificate.and_then(Certificate::rsa_key_bits), certificate.and_then(Certificate::last_day))
    }

    #[test]
    fn the_key_and_the_end_of_a_certificate_are_read() {
        assert_eq!(read(RSA_1024), (Some(1024), Some(20_301_231)));
        assert_eq!(read(ELLIPTIC), (None, Some(20_550_101)));
    }

    #[test]
    fn what_is_no_certificate_says_nothing() {
        assert_eq!(read("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"), (None, None));
        for cut in 0..200 {
            let der = decode(RSA_1024).unwrap_or_default();
            assert!(Certificate::read(&der[..cut]).is_none());
        }
    }
}
