//! Opt-out in words: what a person's message says about being written to.

use std::{collections::HashMap, sync::LazyLock};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::values::phone::is_invisible;

mod data;
mod languages;
mod rules;
mod table;
pub(crate) use data::{Asks, receipt};
pub use languages::TIER_B;
pub(crate) use languages::primary as primary_language;
pub use table::{WORDS, WORDS_VERSION, Word};

/// How much of a message is read, in characters. Nobody opts out further down.
pub const TEXT_MAX: usize = 4_096;

/// What a message says about being written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// The person wants no more marketing. It holds at once.
    OptOut,
    /// The person wants it again. It needs the evidence of any other consent.
    OptIn,
    /// The person asks who writes and how to end it.
    Help,
    /// It may be an opt-out: hold marketing and ask.
    Clarify,
    /// It says nothing about it.
    Nothing,
}

/// What is known of the conversation that a message belongs to. Everything left out is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct ReplyContext {
    /// The person's language (BCP 47, for example `zu` or `zu-ZA`).
    pub language: Option<String>,
    /// The language in which the account writes to people. It counts beside the person's.
    pub account_language: Option<String>,
    /// What an open dialogue of the host understands itself, as whole messages; empty when none is open. They
    /// mean nothing here, and CANCEL, END and QUIT among them become a question. No dialogue takes the
    /// other words over.
    pub open_dialogue: Vec<String>,
    /// Whether the person was asked for consent and has not answered: then a plain yes or no is the answer.
    pub consent_requested: bool,
}

impl ReplyContext {
    fn speaks(&self, language: &str) -> bool {
        [&self.language, &self.account_language]
            .into_iter()
            .flatten()
            .any(|tag| languages::primary(tag) == language)
    }
}

/// Reads a whole message of a person of whom nothing is known. See [`read_reply`].
///
/// ```
/// use conek_core::consent::words::{Intent, read_intent};
/// assert_eq!(read_intent(" Stop! 🛑"), Intent::OptOut);
/// assert_eq!(read_intent("please stop sending me messages"), Intent::OptOut);
/// assert_eq!(read_intent("stop by at 5"), Intent::Nothing);
/// assert_eq!(read_intent("sotp"), Intent::Clarify);
/// ```
pub fn read_intent(text: &str) -> Intent {
    read_reply(text, &ReplyContext::default())
}

/// Reads a whole message of a person. A quoted message (a line that begins with `>`) is not theirs.
///
/// Words of one language end marketing for whoever speaks it and are a question to anybody else. Work and
/// memory are bounded by [`TEXT_MAX`].
///
/// ```
/// use conek_core::consent::words::{Intent, ReplyContext, read_reply};
/// let zulu = ReplyContext { language: Some("zu".into()), ..ReplyContext::default() };
/// assert_eq!(read_reply("misa", &zulu), Intent::OptOut);
/// assert_eq!(read_reply("misa", &ReplyContext::default()), Intent::Clarify);
/// ```
pub fn read_reply(text: &str, context: &ReplyContext) -> Intent {
    let tokens = tokens(text);
    if tokens.is_empty() {
        return Intent::Nothing;
    }
    let is_command = context.open_dialogue.iter().any(|command| {
        let command = self::tokens(command);
        !command.is_empty() && command.iter().map(|t| &t.text).eq(tokens.iter().map(|t| &t.text))
    });
    if let Some(word) = whole(&tokens) {
        return if is_command && word.may_be_command { Intent::Clarify } else { word.intent };
    }
    if is_command {
        return Intent::Nothing;
    }
    if context.consent_requested
        && let Some(answer) = answer(&tokens)
    {
        return answer;
    }
    let core = without_edges(&tokens);
    match whole(core) {
        Some(word) if word.intent == Intent::OptOut => return Intent::OptOut,
        _ => {}
    }
    let in_a_language = in_a_language(&tokens, core, context);
    if in_a_language == Intent::OptOut {
        return Intent::OptOut;
    }
    if let [only] = core
        && ["stop", "unsubscribe"].iter().any(|word| is_one_edit_apart(&only.text, word))
    {
        return Intent::Clarify;
    }
    match rules::read(&tokens) {
        Intent::Nothing => in_a_language,
        other => other,
    }
}

/// A plain yes or no to the request for consent.
fn answer(tokens: &[Token]) -> Option<Intent> {
    let is = |set: &[&str], token: &Token| set.contains(&token.text.as_str());
    let plain = |set: &[&str]| {
        tokens.iter().any(|t| is(set, t))
            && tokens
                .iter()
                .all(|t| is(set, t) || (is(table::POLITE, t) && t.text != "yes") || is(languages::POLITE, t))
    };
    if plain(languages::YES) { Some(Intent::OptIn) } else { plain(languages::NO).then_some(Intent::OptOut) }
}

/// What words of a certain language say.
fn in_a_language(tokens: &[Token], core: &[Token], context: &ReplyContext) -> Intent {
    let joined: String = core.iter().map(|t| t.text.as_str()).collect();
    let words = TIER_B.iter().filter(|word| word.text == joined).map(|word| word.language.unwrap_or(""));
    let phrases =
        languages::PHRASES.iter().filter(|phrase| phrase.is_in(tokens)).map(|phrase| phrase.language);
    let mut intent = Intent::Nothing;
    for language in words.chain(phrases) {
        if context.speaks(language) {
            return Intent::OptOut;
        }
        intent = Intent::Clarify;
    }
    intent
}

impl languages::Phrase {
    /// Whether its words stand in the message one after the other, and nothing before turns them round.
    fn is_in(&self, tokens: &[Token]) -> bool {
        tokens.windows(self.words.len()).enumerate().any(|(at, window)| {
            let before = &tokens[at.saturating_sub(3)..at];
            let refuses = self.words.iter().any(|word| languages::REFUSING.contains(word));
            window.iter().zip(self.words).all(|(token, word)| token.text == *word)
                && (refuses || !before.iter().any(|t| languages::NOT.contains(&t.text.as_str())))
        })
    }
}

/// Whether a whole message asks about the person's data.
pub(crate) fn asks(text: &str) -> Option<Asks> {
    static PHRASES: LazyLock<HashMap<String, Asks>> = LazyLock::new(|| {
        let access = data::ACCESS.iter().map(|p| (spoken(p), Asks::Access));
        access.chain(data::ERASURE.iter().map(|p| (spoken(p), Asks::Erasure))).collect()
    });
    // No phrase of the table is nearly as long.
    (text.len() < 200).then(|| PHRASES.get(&spoken(text)).copied()).flatten()
}

/// A text as it is compared: its words, as [`tokens`] reads them.
fn spoken(text: &str) -> String {
    tokens(text).into_iter().map(|t| t.text).collect::<Vec<_>>().join(" ")
}

/// One word of a message.
struct Token {
    /// Letters that come three times or more are kept once.
    text: String,
    /// The same with two of them, where that differs.
    doubled: Option<String>,
    /// A sentence, a line or a part between commas begins here.
    begins: bool,
}

/// Compatibility forms, case, accents, invisible characters, emoji and punctuation make no difference.
fn tokens(text: &str) -> Vec<Token> {
    let capped = text.char_indices().nth(TEXT_MAX).map_or(text, |(end, _)| &text[..end]);
    let (mut tokens, mut begins) = (Vec::new(), true);
    let mut word = String::new();
    for line in capped.lines().filter(|line| !line.trim_start().starts_with('>')) {
        let folded: String = if line.is_ascii() {
            line.to_ascii_lowercase()
        } else {
            let bare = |c: &char| !is_combining_mark(*c) && !is_invisible(*c);
            line.nfkd().flat_map(char::to_lowercase).filter(bare).collect()
        };
        for c in folded.chars().chain(['\n']) {
            if is_apostrophe(c) {
                continue;
            }
            if c.is_alphanumeric() {
                word.push(c);
                continue;
            }
            if !word.is_empty() {
                tokens.push(token(&word, begins));
                begins = false;
                word.clear();
            }
            begins |= matches!(c, '.' | ',' | '!' | '?' | ';' | ':' | '\n' | '(' | ')' | '…' | '。' | '،');
        }
    }
    tokens
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | '`' | '´')
}

fn token(word: &str, begins: bool) -> Token {
    let text = squeeze(word, 1);
    let doubled = (text.len() != word.len()).then(|| squeeze(word, 2));
    Token { text, doubled, begins }
}

/// Cuts letters that come three times or more in a row down to `keep`.
fn squeeze(word: &str, keep: usize) -> String {
    let mut out = String::with_capacity(word.len());
    let mut rest = word.chars().peekable();
    while let Some(c) = rest.next() {
        let mut run = 1;
        while rest.next_if_eq(&c).is_some() {
            run += 1;
        }
        let times = if run > 2 { keep } else { run };
        out.extend(std::iter::repeat_n(c, times));
    }
    out
}

/// The row of the table that these words are, also when spelled apart or said again and again.
fn whole(tokens: &[Token]) -> Option<&'static Word> {
    const LONGEST: usize = 16;
    let find = |pick: fn(&Token) -> &str| {
        let mut joined = String::with_capacity(LONGEST);
        let said_again = tokens.iter().all(|token| pick(token) == pick(&tokens[0]));
        for token in &tokens[..if said_again { tokens.len().min(1) } else { tokens.len() }] {
            joined.push_str(pick(token));
            if joined.len() > LONGEST {
                return None;
            }
        }
        WORDS.iter().find(|word| word.text == joined)
    };
    find(|token| &token.text).or_else(|| find(|token| token.doubled.as_deref().unwrap_or(&token.text)))
}

/// The words without polite ones around them.
fn without_edges(tokens: &[Token]) -> &[Token] {
    let is_core = |token: &Token| {
        let text = token.text.as_str();
        !table::POLITE.contains(&text) && !languages::POLITE.contains(&text)
    };
    let Some(from) = tokens.iter().position(is_core) else { return &[] };
    let to = tokens.iter().rposition(is_core).map_or(from, |last| last + 1);
    &tokens[from..to]
}

/// Whether one letter was changed, left out, added or swapped with its neighbour.
fn is_one_edit_apart(text: &str, word: &str) -> bool {
    if text.len().abs_diff(word.len()) > 4 {
        // Not even one letter of four bytes makes up for that.
        return false;
    }
    let (text, word): (Vec<char>, Vec<char>) = (text.chars().collect(), word.chars().collect());
    let same = text.iter().zip(&word).take_while(|(a, b)| a == b).count();
    let (a, b) = (&text[same..], &word[same..]);
    match (a, b) {
        ([], []) => false,
        ([_, a @ ..], b) if a == b => true,
        (a, [_, b @ ..]) if a == b => true,
        ([_, a @ ..], [_, b @ ..]) if a == b => true,
        ([a1, a2, a @ ..], [b1, b2, b @ ..]) => a1 == b2 && a2 == b1 && a == b,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
