//! What every store promises, tried on SQLite and on PostgreSQL alike.

mod failures;
mod model;
pub(crate) mod places;
mod promises;
pub(crate) mod samples;
mod throughput;

macro_rules! on_both_databases {
    ($($promise:ident)*) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $promise() -> anyhow::Result<()> {
                super::promises::$promise(&super::places::Place::sqlite()?).await
            })*
        }
        mod postgres {
            $(#[tokio::test]
            async fn $promise() -> anyhow::Result<()> {
                super::promises::$promise(&super::places::Place::postgres()?).await
            })*
        }
    };
}

on_both_databases! {
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
    an_agent_has_one_key
    pruning_keeps_the_newest_of_each_stream
    pruning_in_all_deletes_the_oldest_first
    pruning_is_done_in_pieces
    pruning_is_quick_where_many_write_side_by_side
    a_pruned_stream_goes_on
    everything_survives_reopening
    a_newer_schema_is_refused
    an_altered_schema_is_refused
    the_audit_keeps_its_order
    revoked_credentials_stay_until_they_expire
    a_row_that_makes_no_sense_is_corrupt
    many_tasks_use_one_store
    a_call_that_is_given_up_leaves_the_store_usable
}
