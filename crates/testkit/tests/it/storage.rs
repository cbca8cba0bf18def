//! What every store promises, tried on SQLite and on PostgreSQL alike.

mod audit;
mod commands;
mod control;
mod failures;
mod keys;
mod model;
mod people;
pub(crate) mod places;
mod promises;
mod readiness;
mod recordings;
mod replies;
mod runs;
pub(crate) mod samples;
mod search;
mod sessions;
mod throughput;
mod webhooks;

macro_rules! on_both_databases {
    ($($module:ident { $($promise:ident)* })*) => {
        mod sqlite {
            $($(#[tokio::test]
            async fn $promise() -> anyhow::Result<()> {
                super::$module::$promise(&super::places::Place::sqlite()?).await
            })*)*
        }
        mod postgres {
            $($(#[tokio::test]
            async fn $promise() -> anyhow::Result<()> {
                super::$module::$promise(&super::places::Place::postgres()?).await
            })*)*
        }
    };
}

on_both_databases! {
    promises {
        a_new_store_is_empty
        agents_come_back_offline_and_by_id
        a_command_comes_back_in_every_state
        the_last_state_of_a_batch_counts
        live_commands_come_in_queue_order
        ended_commands_come_newest_first
        a_text_with_nul_is_stored_readably
        output_is_read_from_any_position
        output_is_read_from_the_record_behind_a_number
        the_same_output_twice_changes_nothing
        lost_output_leaves_a_gap_that_is_told
        a_large_batch_of_output_is_stored_whole
        extents_are_those_of_live_commands_and_the_newest_ends
        pruning_keeps_the_newest_of_each_stream
        pruning_in_all_deletes_the_oldest_first
        pruning_is_done_in_pieces
        pruning_is_quick_where_many_write_side_by_side
        a_pruned_stream_goes_on
        everything_survives_reopening
        a_newer_schema_is_refused
        an_altered_schema_is_refused
        revoked_credentials_stay_until_they_expire
        a_row_that_makes_no_sense_is_corrupt
        many_tasks_use_one_store
        a_call_that_is_given_up_leaves_the_store_usable
    }
    sessions {
        sessions_come_back_with_their_workers
        a_session_keeps_only_the_workers_it_has_now
        a_restarted_worker_goes_on_with_another_log
        a_session_that_is_gone_takes_everything_with_it
        a_removed_worker_takes_the_logs_of_all_its_lives
        forgotten_output_is_deleted_in_pieces
        repositories_come_and_go
        agent_types_come_change_and_go
        the_two_newest_checkpoints_of_a_log_are_kept
        a_long_screen_comes_back_as_it_was
        pruning_spares_what_a_viewer_begins_from
    }
    people {
        accounts_come_back_as_they_were_last
        a_password_is_read_alone_and_goes_with_its_account
        sign_ins_come_and_go
    }
    webhooks {
        webhooks_come_back_as_they_were_last
        deliveries_wait_until_they_end_and_the_last_that_ended_are_kept
        agents_are_expected_until_they_are_not
    }
    search {
        output_is_found_by_its_words
        a_search_is_narrowed_and_paged
        nothing_typed_is_syntax
        what_is_gone_is_not_found
        a_flood_becomes_searchable_in_pieces
    }
    audit {
        the_audit_keeps_its_order
        a_record_comes_back_as_it_was
        the_audit_is_narrowed_and_paged
        the_audit_is_counted
        old_records_are_forgotten_in_pieces
        records_of_an_older_schema_are_readable
    }
    commands {
        commands_are_found_by_what_they_are
        commands_come_in_pages_also_where_moments_are_shared
    }
    replies {
        a_reply_comes_back_as_it_was
        a_key_stands_for_one_request_of_one_caller
        old_replies_do_not_count_and_go
        the_newest_of_each_caller_are_kept
    }
    runs {
        runs_come_back_in_every_state
        steps_come_back_in_order_with_their_pictures
        runs_are_found_and_come_in_pages
        the_oldest_runs_and_pictures_are_forgotten_in_pieces
    }
    keys {
        keys_come_back_as_they_were
        enrolled_keys_of_an_older_schema_count
    }
    control {
        holds_come_and_go
        budgets_come_change_and_go
        presets_come_change_and_go
        what_ran_since_a_moment_is_found
    }
    readiness {
        streams_come_back_as_they_stood_last
    }
    recordings {
        a_worker_is_recorded_from_its_first_byte_to_its_exit
        a_long_recording_comes_in_pieces
    }
}
