use super::BreachChannel::*;
use super::*;
use BreachAudience as A;

#[test]
fn the_law_counts_these_ways_and_no_other() {
    let table: [(A, bool, &[BreachChannel]); 7] = [
        // POPIA s22(4)(a)-(e).
        (A::SubjectZa, false, &[Post, Email, Website, NewsMedia, AsDirected]),
        // GDPR 34(1): to each; 34(3)(c): in public.
        (A::SubjectEu, false, &[Post, Email, AsDirected, Sms]),
        (A::SubjectEu, true, &[Post, Email, Website, NewsMedia, AsDirected, Sms]),
        (A::SubjectPromise, false, &[Post, Email, Website, NewsMedia, AsDirected, Sms]),
        (A::AuthorityEu, false, &[Post, Email, AsDirected, Portal]),
        (A::RegulatorZa, false, &[AsDirected, Portal]),
        (A::ResponsibleParty, false, &[Post, Email, AsDirected, Portal]),
    ];
    for (to, disproportionate, ways) in table {
        for channel in BreachChannel::ALL {
            let verdict = accepted(to, &[channel], disproportionate);
            assert_eq!(verdict.accepted, ways.contains(&channel), "{to:?} {channel:?}");
            assert_eq!(verdict.by.len() + verdict.in_addition.len(), 1);
            assert!(!verdict.provision.is_empty());
        }
    }
}

#[test]
fn whatsapp_and_a_call_are_only_in_addition() {
    for to in super::super::contents::AUDIENCES {
        for disproportionate in [false, true] {
            let only = accepted(to, &[Whatsapp, Phone, Whatsapp], disproportionate);
            assert!(!only.accepted);
            assert_eq!(only.in_addition, [Whatsapp, Phone]);
            assert!(!only.would_count.is_empty());
            let verdict = accepted(to, &[Whatsapp, only.would_count[0]], disproportionate);
            assert!(verdict.accepted);
            assert_eq!(verdict.in_addition, [Whatsapp]);
            assert!(!accepted(to, &[], disproportionate).accepted);
        }
    }
}

#[test]
fn the_order_is_that_of_the_list() {
    for channel in BreachChannel::ALL {
        assert_eq!(BreachChannel::ALL[channel as usize], channel);
    }
}
