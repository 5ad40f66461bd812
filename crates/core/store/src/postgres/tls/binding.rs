//! What ties the log-in to the encrypted connection: whoever sits between the two cannot show this certificate, so
//! cannot pass on the proof of the password (SCRAM-SHA-256-PLUS; RFC 5802 6, RFC 5929 4).

use rustls_pki_types::CertificateDer;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// The hashes in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// Ways to sign by their object identifiers, as in DER, and the hash that RFC 5929 4.1 wants: the one signed with, and
/// SHA-256 for MD5 and SHA-1. RFC 3279 2.2, RFC 4055 5, RFC 5758 3.2.
const SIGNATURES: &[(&[u8], Hash)] = &[
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4], Hash::Sha256),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5], Hash::Sha256),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11], Hash::Sha256),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12], Hash::Sha384),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13], Hash::Sha512),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1], Hash::Sha256),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2], Hash::Sha256),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3], Hash::Sha384),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4], Hash::Sha512),
];
/// RSASSA-PSS, which names its hash beside it.
const PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
/// The hashes that it can name (RFC 4055 2.1).
const HASHES: &[(&[u8], Hash)] = &[
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1], Hash::Sha256),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2], Hash::Sha384),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3], Hash::Sha512),
];

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 6;
const FIRST_PARAMETER: u8 = 0xa0;

/// `tls-server-end-point` for the certificate that the server showed; nothing if its kind of signature has none, as
/// Ed25519: then the log-in is not bound.
pub(super) fn end_point(shown: &CertificateDer<'_>) -> Option<Vec<u8>> {
    Some(match hash_of(shown)? {
        Hash::Sha256 => Sha256::digest(shown).to_vec(),
        Hash::Sha384 => Sha384::digest(shown).to_vec(),
        Hash::Sha512 => Sha512::digest(shown).to_vec(),
    })
}

/// RFC 5280 4.1: `Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }`.
fn hash_of(certificate: &[u8]) -> Option<Hash> {
    let (inside, _) = element(certificate, SEQUENCE)?;
    let (_, rest) = element(inside, SEQUENCE)?;
    let (algorithm, _) = element(rest, SEQUENCE)?;
    let (name, parameters) = element(algorithm, OBJECT_IDENTIFIER)?;
    if name == PSS { pss(parameters) } else { find(SIGNATURES, name) }
}

/// RFC 4055 3.1: the first parameter is the hash; SHA-1 if it is left out.
fn pss(parameters: &[u8]) -> Option<Hash> {
    let (all, _) = element(parameters, SEQUENCE)?;
    let Some((first, _)) = element(all, FIRST_PARAMETER) else { return Some(Hash::Sha256) };
    let (algorithm, _) = element(first, SEQUENCE)?;
    let (name, _) = element(algorithm, OBJECT_IDENTIFIER)?;
    find(HASHES, name)
}

fn find(table: &[(&[u8], Hash)], name: &[u8]) -> Option<Hash> {
    table.iter().find(|row| row.0 == name).map(|row| row.1)
}

/// Contents of the DER element that comes first, if it has this tag, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(*length), rest),
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length - 0x80))?;
            (digits.iter().fold(0, |number, digit| number << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length).filter(|_| *first == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(tag: u8, inside: &[u8]) -> Vec<u8> {
        let mut out = vec![tag];
        match inside.len() {
            short @ 0..=0x7f => out.push(u8::try_from(short).unwrap()),
            long => out.extend([0x82, u8::try_from(long >> 8).unwrap(), u8::try_from(long & 0xff).unwrap()]),
        }
        out.extend(inside);
        out
    }

    /// A certificate as far as is looked at.
    fn signed(name: &[u8], parameters: &[u8]) -> Vec<u8> {
        let algorithm = der(SEQUENCE, &[der(OBJECT_IDENTIFIER, name), parameters.to_vec()].concat());
        let body = der(SEQUENCE, &[7; 700]);
        der(SEQUENCE, &[body, algorithm, der(3, &[0; 64])].concat())
    }

    #[test]
    fn the_hash_is_the_one_signed_with() {
        for (name, hash) in SIGNATURES {
            assert_eq!(hash_of(&signed(name, &[5, 0])), Some(*hash));
        }
        let pss = |parameters: &[u8]| hash_of(&signed(PSS, &der(SEQUENCE, parameters)));
        assert_eq!(pss(&[]), Some(Hash::Sha256));
        for (name, hash) in HASHES {
            let algorithm = der(SEQUENCE, &[der(OBJECT_IDENTIFIER, name), vec![5, 0]].concat());
            assert_eq!(pss(&der(FIRST_PARAMETER, &algorithm)), Some(*hash));
        }
        let ed25519 = [0x2b, 0x65, 0x70];
        assert_eq!(hash_of(&signed(&ed25519, &[])), None);
    }

    #[test]
    fn nonsense_has_none() {
        let good = signed(SIGNATURES[2].0, &[5, 0]);
        for cut in 0..good.len() {
            assert_eq!(hash_of(&good[..cut]), None, "{cut}");
        }
        let mut bad = good;
        for at in 0..30 {
            for byte in [0, 0x7f, 0x80, 0x84, 0xff] {
                let was = std::mem::replace(&mut bad[at], byte);
                let _ = hash_of(&bad);
                bad[at] = was;
            }
        }
    }

    #[test]
    fn the_digest_is_of_the_whole_certificate() {
        let certificate = signed(SIGNATURES[7].0, &[]);
        let digest = end_point(&CertificateDer::from(certificate.clone())).unwrap();
        assert_eq!(digest, Sha384::digest(&certificate).to_vec());
    }
}
