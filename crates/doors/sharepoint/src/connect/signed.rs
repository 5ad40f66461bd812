//! A file with its signature: CMS SignedData in DER (RFC 5652 5), as Apple devices expect of signed profiles. The
//! signature is of the content itself, without signed attributes.

use kontor_listen::Signed;

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OCTETS: u8 = 0x04;
/// `[0]`, constructed.
const ZERO: u8 = 0xa0;

/// 1.2.840.113549.1.7.1 and .2
const DATA: &[u8] = &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
const SIGNED_DATA: &[u8] = &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
/// 2.16.840.1.101.3.4.2.1, without parameters (RFC 5754 2)
const SHA_256: &[u8] = &[SEQUENCE, 11, 0x06, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
/// 1.2.840.113549.1.1.1 with NULL (RFC 3370 3.2)
const RSA: &[u8] = &[SEQUENCE, 13, 0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];
/// 1.2.840.10045.4.3.2 (RFC 5754 3.3)
const ECDSA: &[u8] = &[SEQUENCE, 10, 0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const ONE: &[u8] = &[0x02, 1, 1];

/// The content with a signature of it; `None` if the certificate is not what it should be.
pub(super) fn file(content: &[u8], signed: &Signed) -> Option<Vec<u8>> {
    let issuer_and_serial = issuer_and_serial(signed.chain.first()?)?;
    let algorithm = if signed.is_rsa { RSA } else { ECDSA };
    let signature = tlv(OCTETS, &[&signed.signature]);
    let signer = tlv(SEQUENCE, &[ONE, &issuer_and_serial, SHA_256, algorithm, &signature]);
    let inside = tlv(SEQUENCE, &[DATA, &tlv(ZERO, &[&tlv(OCTETS, &[content])])]);
    let chain: Vec<&[u8]> = signed.chain.iter().map(Vec::as_slice).collect();
    let all = [ONE, &tlv(SET, &[SHA_256]), &inside, &tlv(ZERO, &chain), &tlv(SET, &[&signer])];
    Some(tlv(SEQUENCE, &[SIGNED_DATA, &tlv(ZERO, &[&tlv(SEQUENCE, &all)])]))
}

fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let bytes = length.to_be_bytes();
            let bytes: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
            out.push(0x80 | u8::try_from(bytes.len()).unwrap_or(8));
            out.extend(bytes);
        }
    }
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out
}

/// IssuerAndSerialNumber of a certificate (RFC 5280 4.1).
fn issuer_and_serial(certificate: &[u8]) -> Option<Vec<u8>> {
    let (_, inside, _) = element(certificate)?;
    let (_, mut rest, _) = element(inside)?;
    let (tag, _, after) = element(rest)?;
    if tag == ZERO {
        rest = after;
    }
    let (_, _, behind_serial) = element(rest)?;
    let serial = rest.get(..rest.len() - behind_serial.len())?;
    let (_, _, at_issuer) = element(behind_serial)?;
    let (_, _, behind_issuer) = element(at_issuer)?;
    let issuer = at_issuer.get(..at_issuer.len() - behind_issuer.len())?;
    Some(tlv(SEQUENCE, &[issuer, serial]))
}

/// Tag and content of the first element, and what is behind it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if bytes.len() > 4 {
            return None;
        }
        (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_and_read() {
        for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 70_000] {
            let content = vec![7; length];
            let der = tlv(OCTETS, &[&content, &[]]);
            assert_eq!(element(&der), Some((OCTETS, content.as_slice(), &[][..])));
        }
        assert_eq!(element(&[0x30, 0x85, 1, 1, 1, 1, 1]), None);
        assert_eq!(
            file(b"x", &Signed { chain: vec![vec![1, 2]], is_rsa: true, signature: Vec::new() }),
            None
        );
    }
}
