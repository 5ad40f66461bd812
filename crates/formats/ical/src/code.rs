//! The byte form of compiled meaning: variable-length integers, and a reader that believes nothing.

/// What a stored byte string breaks: it is cut, too long, or holds a number that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("stored meaning is malformed")
    }
}

impl std::error::Error for Malformed {}

/// Appends numbers, 7 bits a byte, lowest first.
#[derive(Debug, Default)]
pub(crate) struct Encoder(pub(crate) Vec<u8>);

impl Encoder {
    pub(crate) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(crate) fn unsigned(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// Small numbers of either sign stay short.
    pub(crate) fn signed(&mut self, number: i64) {
        self.unsigned(((number << 1) ^ (number >> 63)) as u64);
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.unsigned(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    /// Rising numbers as differences.
    pub(crate) fn rising(&mut self, numbers: &[i64]) {
        self.unsigned(numbers.len() as u64);
        let mut last = 0i64;
        for number in numbers {
            self.signed(number.wrapping_sub(last));
            last = *number;
        }
    }
}

/// Reads what [`Encoder`] wrote.
#[derive(Debug)]
pub(crate) struct Decoder<'a>(&'a [u8]);

impl<'a> Decoder<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Malformed> {
        let (first, rest) = self.0.split_first().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*first)
    }

    pub(crate) fn unsigned(&mut self) -> Result<u64, Malformed> {
        let mut number = 0u64;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(Malformed);
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Malformed)
    }

    pub(crate) fn signed(&mut self) -> Result<i64, Malformed> {
        let number = self.unsigned()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// A number that fits the smaller type.
    pub(crate) fn small<T: TryFrom<u64>>(&mut self) -> Result<T, Malformed> {
        T::try_from(self.unsigned()?).map_err(|_| Malformed)
    }

    /// A signed number that fits the smaller type.
    pub(crate) fn small_signed<T: TryFrom<i64>>(&mut self) -> Result<T, Malformed> {
        T::try_from(self.signed()?).map_err(|_| Malformed)
    }

    /// A local second or an instant; one so far off that sums with it could overflow is refused.
    pub(crate) fn time(&mut self) -> Result<i64, Malformed> {
        in_reach(self.signed()?)
    }

    /// How many things follow, each at least one byte long.
    pub(crate) fn length(&mut self) -> Result<usize, Malformed> {
        let length: usize = self.small()?;
        if length > self.0.len() { Err(Malformed) } else { Ok(length) }
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.length()?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn rising(&mut self) -> Result<Vec<i64>, Malformed> {
        let length = self.length()?;
        let mut numbers = Vec::with_capacity(length);
        let mut last = 0i64;
        for _ in 0..length {
            let next = in_reach(last.checked_add(self.signed()?).ok_or(Malformed)?)?;
            if !numbers.is_empty() && next < last {
                return Err(Malformed);
            }
            numbers.push(next);
            last = next;
        }
        Ok(numbers)
    }
}

/// Times beyond some 30,000 years are nobody's.
const REACH: i64 = 1 << 40;

fn in_reach(time: i64) -> Result<i64, Malformed> {
    if (-REACH..=REACH).contains(&time) { Ok(time) } else { Err(Malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        let mut encoder = Encoder::default();
        let numbers = [0, 1, -1, 63, -64, 64, i64::MAX, i64::MIN, 1 << 40];
        numbers.iter().for_each(|n| encoder.signed(*n));
        encoder.rising(&[-5, 0, 0, 7_000]);
        let mut decoder = Decoder::new(&encoder.0);
        assert_eq!(numbers.map(|_| decoder.signed().unwrap()), numbers);
        assert_eq!(decoder.rising().unwrap(), [-5, 0, 0, 7_000]);
        assert!(decoder.is_empty());
    }

    #[test]
    fn cut_and_overlong_numbers_are_refused() {
        assert_eq!(Decoder::new(&[0x80]).unsigned(), Err(Malformed));
        assert_eq!(Decoder::new(&[0xff; 11]).unsigned(), Err(Malformed));
        assert_eq!(Decoder::new(&[200, 1, 0]).length(), Err(Malformed));
        assert_eq!(Decoder::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]).time(), Err(Malformed));
    }
}
