//! The English rules: a verb that ends something, what it ends, and what makes it mean otherwise.

use super::{
    Intent, Token, is_one_edit_apart,
    table::{
        AFTER_NOT, AFTER_WANT, ANYTHING, ARTICLE, CANCEL, CEASE, CONTACT, DOINGS, LEAD, MINE, NOT,
        NOUN_AFTER, NOUN_BEFORE, OBJECTS, PERSON, POLITE, PRONOUN, TURNS, VISIT, WANT,
    },
};

/// How far a verb looks for its object, in words. It keeps the work linear.
const REACH: usize = 8;

/// Reads a message that is no word of the table.
pub(super) fn read(tokens: &[Token]) -> Intent {
    let message = Message(tokens);
    let mut intent = Intent::Nothing;
    for at in 0..tokens.len() {
        match message.at(at) {
            Intent::OptOut => return Intent::OptOut,
            Intent::Clarify => intent = Intent::Clarify,
            _ => {}
        }
    }
    intent
}

struct Message<'a>(&'a [Token]);

impl Message<'_> {
    fn word(&self, at: usize) -> &str {
        self.0.get(at).map_or("", |token| &token.text)
    }
    fn is(&self, at: usize, set: &[&str]) -> bool {
        set.contains(&self.word(at))
    }
    /// The words after `at` within its own part of the sentence.
    fn after(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        (at + 1..self.0.len().min(at + 1 + REACH))
            .take_while(|next| !self.0[*next].begins && !self.is(*next, TURNS))
    }
    /// The words before `at` within its own part of the sentence, the nearest first.
    fn before(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        (at.saturating_sub(REACH)..at)
            .rev()
            .zip(std::iter::successors(Some(at), |here| here.checked_sub(1)))
            .take_while(|(_, here)| !self.0[*here].begins)
            .map(|(before, _)| before)
    }
    /// Whether nothing but politeness follows in this part of the sentence.
    fn ends_after(&self, at: usize) -> bool {
        let next = (at + 1..self.0.len()).find(|next| self.0[*next].begins || !self.is(*next, POLITE));
        next.is_none_or(|next| self.0[next].begins)
    }
    fn has_object(&self, at: usize) -> bool {
        self.after(at).any(|next| self.is(next, OBJECTS) || self.is_doing(next))
    }
    /// "sending me", "calling": of a person, or of nothing else.
    fn is_doing(&self, at: usize) -> bool {
        self.is(at, DOINGS)
            && (self.is(at + 1, PERSON)
                || self.is(at + 1, &["them", "these", "those"])
                || self.ends_after(at))
    }
    /// The negation of the verb at `at`.
    fn negation(&self, at: usize) -> Option<usize> {
        self.before(at).find(|before| !self.is(*before, AFTER_NOT)).filter(|before| self.is(*before, NOT))
    }
    /// Whether only polite words stand before `at` in its part of the sentence.
    fn leads(&self, at: usize) -> bool {
        self.before(at).all(|before| self.is(before, POLITE) || self.is(before, LEAD))
    }
    /// A plain "don't stop the messages" asks for more; "why can't I stop them" does not.
    fn negated(&self, negation: usize) -> Intent {
        let verb = if self.word(negation) == "not" { negation.saturating_sub(1) } else { negation };
        let plain = matches!(self.word(verb), "dont" | "never" | "do");
        let told_of_us = self.before(verb).next().is_some_and(|before| self.is(before, &["you", "u"]));
        if plain && !told_of_us && self.leads(verb) { Intent::Nothing } else { Intent::Clarify }
    }

    fn at(&self, at: usize) -> Intent {
        match self.word(at) {
            "unsubscribe" | "unsub" | "optout" => self.said(at),
            "opt" if self.after(at).take(3).any(|next| self.word(next) == "out") => self.said(at),
            "revoke" | "withdraw" if self.after(at).any(|next| self.is(next, &["consent", "permission"])) => {
                self.said(at)
            }
            "leave" if self.is(at + 1, PERSON) && self.word(at + 2) == "alone" => self.said(at),
            "take" | "get" => self.take_off(at),
            "no" if self.word(at + 1) == "more" && self.has_object(at + 1) => Intent::OptOut,
            word if CEASE.contains(&word) => self.cease(at),
            word if CANCEL.contains(&word) => self.cancel(at),
            word if NOT.contains(&word) => self.refuse(at),
            word if is_one_edit_apart(word, "unsubscribe") => Intent::Clarify,
            _ => Intent::Nothing,
        }
    }

    fn said(&self, at: usize) -> Intent {
        self.negation(at).map_or(Intent::OptOut, |negation| self.negated(negation))
    }

    /// "take me off your list"
    fn take_off(&self, at: usize) -> Intent {
        let whom = self.is(at + 1, PERSON) || (self.word(at + 1) == "my" && self.is(at + 2, MINE));
        let Some(off) = self.after(at).take(5).find(|next| self.word(*next) == "off").filter(|_| whom) else {
            return Intent::Nothing;
        };
        if self.ends_after(off) || self.has_object(off) { self.said(at) } else { Intent::Clarify }
    }

    /// "stop sending me messages", "make these messages stop"
    fn cease(&self, at: usize) -> Intent {
        let object = self.has_object(at);
        if let Some(negation) = self.negation(at) {
            return if object { self.negated(negation) } else { Intent::Nothing };
        }
        let inside = at > 0 && !self.0[at].begins;
        let visit =
            self.after(at).next().is_some_and(|next| self.is(next, VISIT)) && self.word(at + 2) != "once";
        let noun = self.after(at).next().is_some_and(|next| self.is(next, NOUN_AFTER))
            || (inside && self.is(at - 1, NOUN_BEFORE));
        if visit || noun {
            return Intent::Nothing;
        }
        if inside && self.is(at - 1, ARTICLE) {
            return if object { Intent::Clarify } else { Intent::Nothing };
        }
        let last = self.ends_after(at) && self.word(at) != "end";
        let subject = last && self.before(at).any(|before| self.is(before, OBJECTS));
        if object || subject {
            return Intent::OptOut;
        }
        let told = at > 1 && self.word(at - 1) == "to" && matches!(self.word(at - 2), "you" | "u");
        if last || told || self.leads(at) { Intent::Clarify } else { Intent::Nothing }
    }

    /// "cancel my subscription", "remove me", but not "cancel my order"
    fn cancel(&self, at: usize) -> Intent {
        let verb = self.word(at);
        let person = verb != "cancel"
            && (self.is(at + 1, PERSON)
                || (self.is(at + 1, &["my", "this", "our"])
                    && self.after(at).take(3).any(|next| self.is(next, MINE))));
        if person || self.has_object(at) {
            return self.said(at);
        }
        let vague = self.ends_after(at) || (self.is(at + 1, PRONOUN) && self.ends_after(at + 1));
        if vague && self.negation(at).is_none() { Intent::Clarify } else { Intent::Nothing }
    }

    /// "don't message me", "I don't want any more messages"
    fn refuse(&self, at: usize) -> Intent {
        let mut wanted = false;
        for next in self.after(at) {
            let word = self.word(next);
            if wanted && (OBJECTS.contains(&word) || self.is_doing(next)) {
                return Intent::OptOut;
            }
            let order = wanted || self.is(at, &["dont", "never"]) || (self.is(at, &["not"]) && self.does(at));
            if word == "send" && order {
                return self.dont_send(next);
            }
            if CONTACT.contains(&word) && order {
                let whom = self.is(next + 1, PERSON) || self.is(next + 1, ANYTHING) || self.ends_after(next);
                return if whom { Intent::OptOut } else { Intent::Nothing };
            }
            wanted |= WANT.contains(&word);
            let between = AFTER_NOT.contains(&word) || (wanted && AFTER_WANT.contains(&word));
            if !between {
                return Intent::Nothing;
            }
        }
        Intent::Nothing
    }

    fn does(&self, not: usize) -> bool {
        not > 0 && self.word(not - 1) == "do"
    }

    fn dont_send(&self, send: usize) -> Intent {
        let person = self.is(send + 1, PERSON);
        let all = person && (self.is(send + 2, ANYTHING) || self.ends_after(send + 1));
        if all || self.has_object(send) {
            Intent::OptOut
        } else if person || self.is(send + 1, PRONOUN) {
            Intent::Clarify
        } else {
            Intent::Nothing
        }
    }
}
