//! What a column cannot hold by itself: a list of tokens, and the subjects after the first.

use super::Token;

/// The subjects after the first, which has a column of its own.
pub(super) fn more_subjects(subjects: &[String]) -> Option<String> {
    match subjects {
        [] | [_] => None,
        [_, more @ ..] => serde_json::to_string(more).ok(),
    }
}

/// Tokens as bytes: for each a flag, two lengths, the name and the value.
pub(super) fn pack(tokens: &[Token]) -> Option<Vec<u8>> {
    if tokens.is_empty() {
        return None;
    }
    let mut bytes = Vec::with_capacity(tokens.iter().map(|t| 9 + t.name.len() + t.value.len()).sum());
    for t in tokens {
        bytes.push(u8::from(t.unique));
        for text in [&t.name, &t.value] {
            bytes.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
        }
        bytes.extend_from_slice(t.name.as_bytes());
        bytes.extend_from_slice(t.value.as_bytes());
    }
    Some(bytes)
}

/// Reads what `pack` wrote; `None` if it did not.
pub(super) fn unpack(mut bytes: &[u8]) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    while let Some((flag, rest)) = bytes.split_first() {
        let (name_length, rest) = rest.split_first_chunk::<4>()?;
        let (value_length, rest) = rest.split_first_chunk::<4>()?;
        let (name, rest) = rest.split_at_checked(u32::from_le_bytes(*name_length) as usize)?;
        let (value, rest) = rest.split_at_checked(u32::from_le_bytes(*value_length) as usize)?;
        let text = |b: &[u8]| Some(std::str::from_utf8(b).ok()?.to_owned());
        tokens.push(Token { name: text(name)?, value: text(value)?, unique: *flag == 1 });
        bytes = rest;
    }
    Some(tokens)
}

/// Tokens without repetitions: each (name, value) once, unique if any of them is.
pub(super) fn distinct(tokens: &[Token]) -> impl Iterator<Item = &Token> {
    tokens.iter().enumerate().filter_map(|(i, t)| {
        let same = |o: &Token| o.name == t.name && o.value == t.value;
        let repeated = tokens[..i].iter().any(same);
        if t.unique {
            (!tokens[..i].iter().any(|o| same(o) && o.unique)).then_some(t)
        } else {
            (!repeated && !tokens[i + 1..].iter().any(|o| same(o) && o.unique)).then_some(t)
        }
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn token(name: &str, value: &str, unique: bool) -> Token {
        Token { name: name.into(), value: value.into(), unique }
    }

    #[test]
    fn tokens_come_back_as_they_went_in_and_damage_is_noticed() {
        let tokens = vec![token("phone", "aaa", true), token("", "", false), token("größe", "\0", false)];
        let bytes = pack(&tokens).unwrap();
        assert_eq!(unpack(&bytes), Some(tokens));
        assert_eq!(unpack(&bytes[..bytes.len() - 1]), None);
    }

    #[test]
    fn a_token_given_twice_counts_once_and_unique_wins() {
        let tokens = [
            token("a", "1", false),
            token("a", "1", true),
            token("a", "1", true),
            token("b", "1", false),
            token("b", "1", false),
        ];
        let kept: Vec<_> = distinct(&tokens).map(|t| (t.name.as_str(), t.unique)).collect();
        assert_eq!(kept, [("a", true), ("b", false)]);
    }
}
