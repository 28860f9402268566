//! The suite. Every function is one story, told on an empty database.

mod answers;
mod batches;
mod codes;
mod counts;
mod customers;
mod edits;
mod holds;
mod keys;
mod limits;
mod reversals;
mod transfer;
mod walks;

pub use answers::*;
pub use batches::*;
pub use codes::*;
pub use counts::*;
pub use customers::*;
pub use edits::*;
pub use holds::*;
pub use keys::*;
pub use limits::*;
pub use reversals::*;
pub use transfer::*;
pub use walks::*;

/// Makes a test of each story, for one database; with `each` before it, a list of them by name.
#[macro_export]
macro_rules! contract {
    (each $database:ty) => {
        $crate::stories! { list $database }
    };
    ($database:ty) => {
        $crate::stories! { tests $database }
    };
}

/// The stories, for what `contract!` makes of them.
#[doc(hidden)]
#[macro_export]
macro_rules! stories {
    ($made:ident $database:ty) => {
        $crate::stories! { $made $database:
            a_retry_after_a_lost_reply_finds_what_was_recorded
            another_request_under_the_same_key_is_refused
            a_refusal_is_told_again_byte_for_byte
            an_order_is_redeemed_once_for_ever
            keys_and_orders_and_codes_of_two_sites_are_apart
            an_answer_is_forgotten_when_its_time_is_over
            what_fails_leaves_no_trace_and_harms_no_other
            what_is_attempted_is_undone_whole
            a_reader_sees_one_state
            a_hold_ends_and_gives_its_use_back
            an_expired_hold_takes_its_use_again_while_there_is_one
            what_decides_nothing_does_not_wait_for_holds
            a_released_use_is_there_again
            a_placed_order_does_not_expire
            many_race_for_the_last_use
            a_customer_is_known_by_each_of_their_identities
            a_refused_use_counts_against_no_limit
            a_limit_that_is_added_begins_with_the_uses_so_far
            a_limit_that_is_taken_away_and_comes_back_has_forgotten_nothing
            a_limit_lowered_below_its_uses_bears_no_more
            occurrences_are_discounted_as_far_as_they_last
            each_code_of_a_promotion_has_a_count_of_its_own
            a_day_a_week_and_a_month_begin_anew
            what_is_given_back_returns_to_its_own_period
            a_budget_bears_what_it_says_and_no_part_more
            test_uses_are_counted_apart
            a_gift_is_counted_like_anything_else
            what_takes_nothing_off_is_counted_as_far_as_it_lasts
            what_is_cancelled_gives_its_use_back_with_the_last_part
            uses_of_occurrences_return_one_by_one
            what_is_cleared_away_stays_used
            another_code_takes_the_place_of_the_last_use
            what_cannot_be_replaced_stays_as_it_was
            codes_are_listed_as_they_were_added
            a_key_ends_and_is_not_made_again
            a_secret_for_carts_takes_the_place_of_others
            a_secret_is_replaced_and_the_one_before_it_is_known
            a_customer_is_told_of_and_forgotten
            whoever_shares_an_address_is_any_of_them
            orders_count_as_long_as_they_stand
            edits_are_listed_from_the_newest
            an_edit_goes_with_what_it_tells_of
            an_edit_does_not_name_whoever_was_erased
            an_edit_is_forgotten_when_its_time_is_over
            an_export_fills_another_database_which_is_then_the_same
            an_export_is_one_state_beside_who_writes
            a_database_with_anything_in_it_is_not_imported_into
            what_is_no_whole_export_is_refused_and_nothing_of_it_stays
            the_books_balance_whatever_happens
        }
    };
    (list $database:ty: $($story:ident)*) => {
        [$((stringify!($story), $crate::contract::$story::<$database> as fn())),*]
    };
    (tests $database:ty: $($story:ident)*) => {
        $(
            #[test]
            fn $story() {
                $crate::contract::$story::<$database>();
            }
        )*
    };
}
