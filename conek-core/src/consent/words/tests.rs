//! Truth tables of what people write, and what it means.

use proptest::prelude::*;

use super::*;

fn all(intent: Intent, texts: &[&str]) {
    for text in texts {
        assert_eq!(read_intent(text), intent, "{text:?}");
    }
}

#[test]
fn a_whole_message_of_tier_a_opts_out_however_it_is_typed() {
    all(
        Intent::OptOut,
        &[
            "STOP",
            "stop",
            "stop.",
            " Stop! 🛑",
            "🛑 stop 🛑",
            "ＳＴＯＰ",
            "S T O P",
            "s.t.o.p",
            "stoppp",
            "STOOOOP!!!",
            "*STOP*",
            "\"stop\"",
            "st\u{200b}op",
            "s\u{301}top",
            "𝐒𝐓𝐎𝐏",
            "Ⓢⓣⓞⓟ",
            "stop\n",
            "stop stop stop",
            "STOPALL",
            "stop all",
            "Stop-All",
            "stopalll",
            "UNSUBSCRIBE",
            "Unsubscribe!",
            "cancel",
            "END",
            "quit",
            "Revoke",
            "optout",
            "OPT-OUT",
            "opt out",
            "remove",
            "ARRET",
            "Arrêt",
            "arre\u{302}t",
            "please stop",
            "Stop please",
            "STOP now!",
            "ok stop",
            "please unsubscribe",
            "stop, thank you",
            "> Big sale today!\nstop",
            "stop?",
        ],
    );
}

#[test]
fn a_sentence_that_ends_what_we_send_opts_out() {
    all(
        Intent::OptOut,
        &[
            "unsubscribe me",
            "how do I unsubscribe",
            "Please unsubscribe my number",
            "please stop sending me messages",
            "stop sending me",
            "Stop messaging me!",
            "stop texting",
            "stop these whatsapps",
            "stop the promos",
            "can you stop sending these adverts",
            "I want you to stop messaging me",
            "make these messages stop",
            "stop spamming me",
            "stop contacting me please",
            "kindly cease all marketing",
            "take me off your list",
            "please take me off",
            "Take my number off this list",
            "remove me",
            "Please remove me from your list",
            "remove my number",
            "delete my details",
            "opt me out",
            "I'd like to opt out",
            "cancel my subscription",
            "cancel the newsletter",
            "don't message me",
            "do not contact me again",
            "Don’t send me anything",
            "dont send me messages",
            "please do not send any more sms",
            "never text me again",
            "don't ever message me",
            "I don't want any more messages",
            "I do not want to receive marketing",
            "I don't want your promos",
            "don't want you to message me",
            "no more messages",
            "no more of your spam",
            "leave me alone",
            "I withdraw my consent",
            "I revoke my permission",
            "Who is this? Stop sending me stuff",
            "I don't know you. Unsubscribe me.",
            "stop at once sending me messages",
        ],
    );
}

#[test]
fn a_negation_or_another_meaning_is_no_opt_out() {
    all(
        Intent::Nothing,
        &[
            "don't stop",
            "Don’t stop!",
            "dont stop",
            "please do not stop",
            "never stop",
            "don't ever stop",
            "don't stop sending me messages",
            "please never stop the promos",
            "don't unsubscribe me",
            "I can't stop laughing",
            "we will not stop",
            "stop by at 5",
            "I'll stop by tomorrow",
            "stop over at the shop",
            "can you stop in at the pharmacy",
            "non-stop",
            "it rained nonstop",
            "non stop music",
            "bus stop",
            "I'm at the bus stop",
            "the next stop is mine",
            "full stop",
            "my stop is next",
            "the end",
            "end of the month",
            "at the end of the day",
            "cancel my order",
            "please cancel the appointment",
            "cancel order 4711",
            "remove the second item from my order",
            "don't forget to message me",
            "I don't see your message",
            "I don't get your messages",
            "don't send the parcel yet",
            "I will stop and text you",
            "hello",
            "yes",
            "",
            "   ",
            "🛑",
            "👍",
            ">",
            "0832885137",
            "Thank you!",
            "Can I get the price?",
            "I quite like it",
            "stopped raining",
            "the unstoppable team",
        ],
    );
}

#[test]
fn what_may_be_an_opt_out_is_asked_about() {
    all(
        Intent::Clarify,
        &[
            "STPO",
            "sotp",
            "stp",
            "stopp",
            "stop it",
            "Stop this",
            "st0p",
            "sto",
            "stops",
            "stop 12345",
            "stop, o Ze nao vem",
            "stop, o Zé não vem",
            "Enough, stop it",
            "just stop it already",
            "unsubcribe",
            "how to unsuscribe",
            "quit it",
            "I said stop",
            "I don't want this. Stop that!",
            "you never stop messaging me",
            "why can't I unsubscribe",
            "cancel it",
            "I want to cancel",
            "please remove it",
            "don't send me the red one",
        ],
    );
}

#[test]
fn opting_in_and_asking_for_help_take_the_word_alone() {
    all(Intent::OptIn, &["start", "START!", "unstop", "Start 🙂"]);
    all(Intent::Help, &["help", "HELP?", "info", "Info."]);
    all(
        Intent::Nothing,
        &["start please", "yes", "I need help", "let's start tomorrow", "more info on the red one"],
    );
}

#[test]
fn a_hosts_own_commands_are_left_to_it_but_never_stop() {
    let commands = ["Shop", "cancel", "stop", "track order"];
    let context =
        ReplyContext { open_dialogue: commands.map(str::to_owned).into(), ..ReplyContext::default() };
    let read = |text| read_reply(text, &context);
    assert_eq!(read_intent("shop"), Intent::Clarify, "one letter from stop");
    assert_eq!(read("shop!"), Intent::Nothing);
    assert_eq!(read("Track order"), Intent::Nothing);
    assert_eq!(read("cancel"), Intent::Clarify);
    assert_eq!(read("quit"), Intent::OptOut);
    assert_eq!(read("stop"), Intent::OptOut);
}

#[test]
fn the_table_is_what_it_says_it_is() {
    assert!(!WORDS_VERSION.is_empty());
    for (index, word) in WORDS.iter().enumerate() {
        assert!(word.text.chars().all(|c| c.is_ascii_lowercase()), "{}", word.text);
        assert!(!word.source.is_empty());
        assert_eq!(word.language, None, "{}", word.text);
        assert!(
            WORDS[..index].iter().all(|other| (other.text, other.language) != (word.text, word.language))
        );
        assert_eq!(read_intent(word.text), word.intent);
        assert_eq!(read_intent(&word.text.to_uppercase()), word.intent);
    }
}

#[test]
fn only_the_beginning_of_an_endless_message_is_read() {
    let mut long = "a ".repeat(TEXT_MAX);
    long.push_str("unsubscribe me");
    assert_eq!(read_intent(&long), Intent::Nothing);
    assert_eq!(read_intent(&"stop    ".repeat(100_000)), Intent::OptOut);
    assert_eq!(read_intent(&"ﷺ".repeat(1_000_000)), Intent::Nothing);
}

proptest! {
    #[test]
    fn any_message_is_read(text in any::<String>()) {
        let once = read_intent(&text);
        prop_assert_eq!(read_intent(&text), once);
    }

    #[test]
    fn any_english_soup_is_read(words in prop::collection::vec(
        prop::sample::select(vec!["stop", "don't", "not", "do", "me", "send", "messages", "opt", "out", "my", "take",
            "off", "cancel", "to", "you", ",", ".", "and", "by", "the", "no", "more", "remove", "want", "end"]), 0..14)) {
        let text = words.join(" ");
        let read = read_intent(&text);
        prop_assert_eq!(read_intent(&text.to_uppercase()), read);
        prop_assert_eq!(read_intent(&format!("  {text} 🛑 ")), read);
    }

    #[test]
    fn what_stands_around_stop_makes_no_difference(
        before in r"[ .!?*_~\-🛑👋]{0,6}", after in r"[ .!?*_~\-🛑👋]{0,6}", word in prop::sample::select(WORDS),
    ) {
        prop_assert_eq!(read_intent(&format!("{before}{}{after}", word.text)), word.intent);
    }
}

#[test]
fn a_word_of_one_language_stops_for_its_speakers_and_asks_everybody_else() {
    for word in TIER_B {
        let language = word.language.unwrap();
        let of = |language: &str| ReplyContext { language: Some(language.into()), ..ReplyContext::default() };
        for spelt in [word.text.to_owned(), format!("{}!", word.text.to_uppercase())] {
            assert_eq!(read_reply(&spelt, &of(language)), Intent::OptOut, "{spelt} in {language}");
            assert_eq!(read_reply(&spelt, &of(&format!("{language}-ZA"))), Intent::OptOut);
            let account = ReplyContext { account_language: Some(language.into()), ..ReplyContext::default() };
            assert_eq!(read_reply(&spelt, &account), Intent::OptOut);
            for other in ["", "en", "sw"] {
                assert_eq!(read_reply(&spelt, &of(other)), Intent::Clarify, "{spelt} in {other}");
            }
        }
        assert!(!word.source.is_empty());
        assert!(word.text.chars().all(|c| c.is_lowercase() && c.is_alphabetic()), "{}", word.text);
    }
}

#[test]
fn the_languages_traps_are_none() {
    let of = |language: &str| ReplyContext { language: Some(language.into()), ..ReplyContext::default() };
    for (language, text) in [
        ("zu", "yima kancane"),
        ("st", "emisa hannyane"),
        ("pt", "missa"),
        ("pt", "vou à missa amanhã"),
        ("en", "my name is Imani"),
        ("en", "Ema will come at five"),
        ("en", "ask Mr Jama"),
        ("de", "ich will mich nicht abmelden"),
        ("fr", "je ne veux pas me désabonner"),
        ("ss", "mani emali"),
    ] {
        assert_eq!(read_reply(text, &of(language)), Intent::Nothing, "{text:?} in {language}");
    }
}

#[test]
fn a_sentence_of_another_language_that_ends_what_we_send_opts_out() {
    let of = |language: &str| ReplyContext { language: Some(language.into()), ..ReplyContext::default() };
    for (language, text) in [
        ("af", "Haal my asseblief van die lys af. Geen boodskappe meer nie"),
        ("af", "stop asseblief"),
        ("nl", "Ik wil geen berichten meer ontvangen"),
        ("de", "Bitte keine Werbung mehr!"),
        ("de", "Stopp bitte"),
        ("fr", "Je ne veux plus de messages"),
        ("fr", "Ne m’envoyez plus rien"),
        ("es", "no quiero más mensajes"),
        ("pt", "Não quero mais mensagens"),
        ("it", "Non voglio più messaggi"),
        ("pl", "nie chcę więcej"),
        ("zu", "Ngicela ningangithumeleli imilayezo"),
    ] {
        assert_eq!(read_reply(text, &of(language)), Intent::OptOut, "{text:?}");
        assert_ne!(read_reply(text, &ReplyContext::default()), Intent::Nothing, "{text:?}");
    }
}

#[test]
fn yes_and_no_answer_the_request_for_consent_and_nothing_else() {
    let asked = ReplyContext { consent_requested: true, ..ReplyContext::default() };
    for yes in ["Yes", "yes please", "YES!", "ja", "Ja, asseblief", "yebo", "oui", "sí", "I agree"] {
        assert_eq!(read_reply(yes, &asked), Intent::OptIn, "{yes}");
        assert_eq!(read_intent(yes), Intent::Nothing, "{yes}");
    }
    for no in ["No", "no thanks", "nee dankie", "Nein, danke", "não", "hayi"] {
        assert_eq!(read_reply(no, &asked), Intent::OptOut, "{no}");
        assert_eq!(read_intent(no), Intent::Nothing, "{no}");
    }
    for neither in ["yes and no", "ok", "thanks", "maybe", "yes I got the parcel", "no idea"] {
        assert_eq!(read_reply(neither, &asked), Intent::Nothing, "{neither}");
    }
    assert_eq!(read_reply("yes stop", &asked), Intent::OptOut);
}

#[test]
fn whole_messages_about_ones_data_are_requests_and_parts_of_others_are_not() {
    for text in ["My data", "What do you know about me?", "MEINE DATEN", "Mes données!", "stuur my data"] {
        assert_eq!(asks(text), Some(Asks::Access), "{text}");
    }
    for text in
        ["Delete my data.", "please, erase my data", "Löschen Sie meine Daten", "supprimez mes donnees"]
    {
        assert_eq!(asks(text), Some(Asks::Erasure), "{text}");
    }
    for text in ["", "my data is running out", "delete my order", "what do you know about coffee", "data"] {
        assert_eq!(asks(text), None, "{text}");
    }
}
