//! Character sets by the names of <https://www.iana.org/assignments/character-sets>, as far as Terraform knows them.

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, IBM866, ISO_2022_JP, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5,
    ISO_8859_6, ISO_8859_7, ISO_8859_8, ISO_8859_10, ISO_8859_13, ISO_8859_14, ISO_8859_15, ISO_8859_16, KOI8_R,
    KOI8_U, MACINTOSH, SHIFT_JIS, WINDOWS_874, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254,
    WINDOWS_1255, WINDOWS_1256, WINDOWS_1257, WINDOWS_1258,
};

/// A character set that text can be turned into and made from.
#[derive(Clone, Copy)]
pub(crate) enum CharacterSet {
    Ascii,
    /// The first 256 code points, one byte each.
    Latin1,
    Utf8,
    /// With a mark of the byte order, most significant byte first where there is none.
    Utf16,
    Utf16BigEndian,
    Utf16LittleEndian,
    /// One that a table defines.
    Table(&'static Encoding),
    /// A code page of which only the part that is ASCII is known here.
    CodePage,
}

/// A character set that Terraform knows.
pub(crate) enum Supported {
    /// It is known here, too.
    Here(CharacterSet),
    /// It is not known here.
    Elsewhere,
}

/// Names in lower case, all for one character set, separated by spaces.
const NAMES: &[(&str, CharacterSet)] = &[
    ("utf-8 csutf8", CharacterSet::Utf8),
    ("utf-16 csutf16", CharacterSet::Utf16),
    ("utf-16be csutf16be", CharacterSet::Utf16BigEndian),
    ("utf-16le csutf16le", CharacterSet::Utf16LittleEndian),
    (
        "us-ascii iso-ir-6 ansi_x3.4-1968 ansi_x3.4-1986 iso_646.irv:1991 iso646-us us ibm367 cp367 csascii",
        CharacterSet::Ascii,
    ),
    ("iso-8859-1 iso_8859-1 iso_8859-1:1987 iso-ir-100 latin1 l1 ibm819 cp819 csisolatin1", CharacterSet::Latin1),
    ("iso-8859-2 iso_8859-2 iso_8859-2:1987 iso-ir-101 latin2 l2 csisolatin2", CharacterSet::Table(ISO_8859_2)),
    ("iso-8859-3 iso_8859-3 iso_8859-3:1988 iso-ir-109 latin3 l3 csisolatin3", CharacterSet::Table(ISO_8859_3)),
    ("iso-8859-4 iso_8859-4 iso_8859-4:1988 iso-ir-110 latin4 l4 csisolatin4", CharacterSet::Table(ISO_8859_4)),
    ("iso-8859-5 iso_8859-5 iso_8859-5:1988 iso-ir-144 cyrillic csisolatincyrillic", CharacterSet::Table(ISO_8859_5)),
    (
        "iso-8859-6 iso_8859-6 iso_8859-6:1987 iso-ir-127 ecma-114 asmo-708 arabic csisolatinarabic",
        CharacterSet::Table(ISO_8859_6),
    ),
    (
        "iso-8859-7 iso_8859-7 iso_8859-7:1987 iso-ir-126 elot_928 ecma-118 greek greek8 csisolatingreek",
        CharacterSet::Table(ISO_8859_7),
    ),
    ("iso-8859-8 iso_8859-8 iso_8859-8:1988 iso-ir-138 hebrew csisolatinhebrew", CharacterSet::Table(ISO_8859_8)),
    // Latin 5 differs from the code page of Windows in the controls, which are one to one in both.
    ("iso-8859-9 iso_8859-9 iso_8859-9:1989 iso-ir-148 latin5 l5 csisolatin5", CharacterSet::Table(WINDOWS_1254)),
    ("iso-8859-10 iso_8859-10:1992 iso-ir-157 l6 latin6 csisolatin6", CharacterSet::Table(ISO_8859_10)),
    ("iso-8859-13 csiso885913", CharacterSet::Table(ISO_8859_13)),
    (
        "iso-8859-14 iso_8859-14 iso_8859-14:1998 iso-ir-199 latin8 iso-celtic l8 csiso885914",
        CharacterSet::Table(ISO_8859_14),
    ),
    ("iso-8859-15 iso_8859-15 latin-9 csiso885915", CharacterSet::Table(ISO_8859_15)),
    ("iso-8859-16 iso_8859-16 iso_8859-16:2001 iso-ir-226 latin10 l10 csiso885916", CharacterSet::Table(ISO_8859_16)),
    ("windows-874 cswindows874", CharacterSet::Table(WINDOWS_874)),
    ("windows-1250 cswindows1250", CharacterSet::Table(WINDOWS_1250)),
    ("windows-1251 cswindows1251", CharacterSet::Table(WINDOWS_1251)),
    ("windows-1252 cswindows1252", CharacterSet::Table(WINDOWS_1252)),
    ("windows-1253 cswindows1253", CharacterSet::Table(WINDOWS_1253)),
    ("windows-1254 cswindows1254", CharacterSet::Table(WINDOWS_1254)),
    ("windows-1255 cswindows1255", CharacterSet::Table(WINDOWS_1255)),
    ("windows-1256 cswindows1256", CharacterSet::Table(WINDOWS_1256)),
    ("windows-1257 cswindows1257", CharacterSet::Table(WINDOWS_1257)),
    ("windows-1258 cswindows1258", CharacterSet::Table(WINDOWS_1258)),
    ("koi8-r cskoi8r", CharacterSet::Table(KOI8_R)),
    ("koi8-u cskoi8u", CharacterSet::Table(KOI8_U)),
    ("ibm866 cp866 866 csibm866", CharacterSet::Table(IBM866)),
    ("macintosh mac csmacintosh", CharacterSet::Table(MACINTOSH)),
    ("gbk cp936 ms936 windows-936 csgbk", CharacterSet::Table(GBK)),
    ("gb18030 csgb18030", CharacterSet::Table(GB18030)),
    ("big5 csbig5", CharacterSet::Table(BIG5)),
    ("shift_jis ms_kanji csshiftjis", CharacterSet::Table(SHIFT_JIS)),
    ("euc-jp extended_unix_code_packed_format_for_japanese cseucpkdfmtjapanese", CharacterSet::Table(EUC_JP)),
    ("iso-2022-jp csiso2022jp", CharacterSet::Table(ISO_2022_JP)),
    ("euc-kr cseuckr", CharacterSet::Table(EUC_KR)),
    (
        "ibm437 cp437 437 cspc8codepage437 ibm850 cp850 850 cspc850multilingual ibm852 cp852 852 cspcp852 ibm855 cp855 \
         855 csibm855 ibm00858 ccsid00858 cp00858 pc-multilingual-850+euro csibm00858 ibm860 cp860 860 csibm860 ibm862 \
         cp862 862 cspc862latinhebrew ibm863 cp863 863 csibm863 ibm865 cp865 865 csibm865",
        CharacterSet::CodePage,
    ),
];

/// The names of character sets that Terraform knows and of which nothing is known here.
const ELSEWHERE: &str = "ibm037 cp037 ebcdic-cp-us ebcdic-cp-ca ebcdic-cp-wt ebcdic-cp-nl csibm037 ibm1047 ibm-1047 \
                         csibm1047 ibm01140 ccsid01140 cp01140 ebcdic-us-37+euro csibm01140 hz-gb-2312 iso-8859-6-e \
                         iso-8859-6-i iso-8859-8-e iso-8859-8-i";

impl CharacterSet {
    /// The character set of this name, in whatever case.
    pub(crate) fn named(name: &str) -> Option<Supported> {
        let name = name.to_ascii_lowercase();
        let is_among = |names: &str| names.split(' ').any(|known| known == name);
        match NAMES.iter().find(|(names, _)| is_among(names)) {
            Some((_, set)) => Some(Supported::Here(*set)),
            None => is_among(ELSEWHERE).then_some(Supported::Elsewhere),
        }
    }

    /// The bytes of a text; none where it holds characters that are not in the set, or of which that is not known.
    pub(crate) fn encode(self, text: &str) -> Option<Vec<u8>> {
        let units = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes);
        match self {
            Self::Utf8 => Some(text.as_bytes().to_vec()),
            Self::Ascii | Self::CodePage => text.is_ascii().then(|| text.as_bytes().to_vec()),
            Self::Latin1 => text.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect(),
            Self::Utf16 => Some([0xfe, 0xff].into_iter().chain(units(u16::to_be_bytes)).collect()),
            Self::Utf16BigEndian => Some(units(u16::to_be_bytes).collect()),
            Self::Utf16LittleEndian => Some(units(u16::to_le_bytes).collect()),
            Self::Table(encoding) => {
                let (bytes, _, unmappable) = encoding.encode(text);
                (!unmappable).then(|| bytes.into_owned())
            }
        }
    }

    /// The text of bytes; none where they are not defined in the set, or that is not known.
    pub(crate) fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Utf8 => String::from_utf8(bytes.to_vec()).ok(),
            Self::Ascii | Self::CodePage => String::from_utf8(bytes.to_vec()).ok().filter(|text| text.is_ascii()),
            Self::Latin1 => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
            Self::Utf16 => match bytes {
                [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
                [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
                _ => utf16(bytes, u16::from_be_bytes),
            },
            Self::Utf16BigEndian => utf16(bytes, u16::from_be_bytes),
            Self::Utf16LittleEndian => utf16(bytes, u16::from_le_bytes),
            Self::Table(encoding) => {
                let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
                Some(text.into_owned())
            }
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    char::decode_utf16(units).collect::<Result<String, _>>().ok().filter(|_| rest.is_empty())
}
