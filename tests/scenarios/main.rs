//! The scenarios: one corpus of promises that every language's binding keeps. See `README.md`.

mod matching;
mod operations;
mod runner;

macro_rules! scenarios {
    ($($name:ident)*) => {
        const LISTED: &[&str] = &[$(stringify!($name)),*];
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            runner::run(stringify!($name)).await;
        })*
    };
}

scenarios! {
    a_raw_message_passes_the_gate
    a_template_is_checked_against_its_definition
    campaign_leaves_out_who_may_not_be_written_to
    cancelled_before_it_leaves
    changed_number_stays_the_same_person
    clear_stop_in_other_words
    consent_withdrawn_while_queued
    consent_without_evidence_is_refused
    customer_exception
    dedupe_key_is_one_message
    defer_code_waits_a_day
    disabled_account_sends_nothing
    echo_resolves_doubt
    errors_name_the_field
    eu_person_is_not_deferred
    every_kind_is_free_text_for_the_gate
    expiry_before_the_window
    flagged_number_keeps_marketing_back
    hours_declared_holiday
    hours_evening
    hours_public_holiday
    hours_saturday_afternoon
    hours_sunday
    hours_sunday_holiday_moves_to_monday
    import_reports_bad_rows
    marketing_leaves_by_its_own_way
    marketing_needs_consent
    marketing_template_for_another_purpose
    marketing_without_opt_out
    messaging_limit_is_kept
    not_sent_comes_back
    one_time_password_is_repeated_once
    opted_out_on_whatsapp
    pair_limit_waits
    pair_refusal_waits
    recategorised_template_changes_its_purpose
    refused_outside_the_window
    refused_undeliverable
    reopened_engine_sends_what_waited
    sizes_are_refused_before_anything_is_queued
    start_lifts_the_own_stop
    statuses_in_any_order
    stop_and_its_one_confirmation
    stop_by_at_five_is_no_stop
    stopped_number_waits_for_the_host
    suppression_survives_import
    template_paused_by_whatsapp
    template_refused_is_paused
    template_with_a_missing_variable
    unclear_words_are_asked_about
    united_states_pause
    unresolved_after_a_week
    webhook_needs_its_signature
    window_of_24_hours
}

/// A scenario that nobody runs would promise nothing.
#[test]
fn every_file_is_listed() {
    let mut files: Vec<String> = std::fs::read_dir(runner::folder())
        .expect("the folder of the scenarios")
        .filter_map(|f| f.ok()?.file_name().to_str()?.strip_suffix(".json").map(str::to_owned))
        .filter(|name| name != "world")
        .collect();
    files.sort();
    assert_eq!(files, LISTED);
}
