-- Remove the trash of tags (edited)
drop trigger "trash_edited" on "p_golden"."tags";

-- Remove the trash of tags (deleted)
drop trigger "trash_deleted" on "p_golden"."tags";

-- Remove the rights on tags
revoke all on "p_golden"."tags" from "p_golden_user", "p_golden_admin";

-- Remove the index of tags for searches
drop index "p_golden"."ix_t_tags__words";

-- Remove the index of tags by created_at, id
drop index "p_golden"."ix_t_tags_03e2172ca88c8fb8";

-- Remove the index of tags by user_id, created_at
drop index "p_golden"."ix_t_tags_8681c2576a119291";

-- Remove the trash of events (edited)
drop trigger "trash_edited" on "p_golden"."events";

-- Remove the trash of events (deleted)
drop trigger "trash_deleted" on "p_golden"."events";

-- Remove the rights on events
revoke all on "p_golden"."events" from "p_golden_user", "p_golden_admin";

-- Remove the index of events for searches
drop index "p_golden"."ix_t_events__words";

-- Remove the index of events by created_at, id
drop index "p_golden"."ix_t_events_03e2172ca88c8fb8";

-- Remove the index of events by user_id, created_at
drop index "p_golden"."ix_t_events_8681c2576a119291";

-- Remove the trash of contacts_tags (added)
drop trigger "trash_added" on "p_golden"."contacts_tags";

-- Remove the trash of contacts_tags (deleted)
drop trigger "trash_deleted" on "p_golden"."contacts_tags";

-- Remove the guard of contacts_tags.target_id on insert
drop trigger "link_c_target_insert" on "p_golden"."contacts_tags";

-- Remove the link from contacts_tags.target_id to tags
alter table "p_golden"."contacts_tags" drop constraint "fk_j_1c0c220008c0e08c7b2c_c_target";

-- Remove the guard of contacts_tags.source_id on insert
drop trigger "link_c_source_insert" on "p_golden"."contacts_tags";

-- Remove the link from contacts_tags.source_id to contacts
alter table "p_golden"."contacts_tags" drop constraint "fk_j_1c0c220008c0e08c7b2c_c_source";

-- Remove the rights on contacts_tags
revoke all on "p_golden"."contacts_tags" from "p_golden_user", "p_golden_admin";

-- Remove the index of contacts_tags by target_id
drop index "p_golden"."ix_j_1c0c220008c0e08c7b2c_c_target";

-- Remove the uniqueness of contacts_tags by source_id, target_id
alter table "p_golden"."contacts_tags" drop constraint "uq_j_1c0c220008c0e08c7b2c_c88ae95907b26490";

-- Remove the trash of events_guests (added)
drop trigger "trash_added" on "p_golden"."events_guests";

-- Remove the trash of events_guests (deleted)
drop trigger "trash_deleted" on "p_golden"."events_guests";

-- Remove the guard of events_guests.target_id on insert
drop trigger "link_c_target_insert" on "p_golden"."events_guests";

-- Remove the link from events_guests.target_id to contacts
alter table "p_golden"."events_guests" drop constraint "fk_j_253cb1e4102a4d92d775_c_target";

-- Remove the guard of events_guests.source_id on insert
drop trigger "link_c_source_insert" on "p_golden"."events_guests";

-- Remove the link from events_guests.source_id to events
alter table "p_golden"."events_guests" drop constraint "fk_j_253cb1e4102a4d92d775_c_source";

-- Remove the rights on events_guests
revoke all on "p_golden"."events_guests" from "p_golden_user", "p_golden_admin";

-- Remove the index of events_guests by target_id
drop index "p_golden"."ix_j_253cb1e4102a4d92d775_c_target";

-- Remove the uniqueness of events_guests by source_id, target_id
alter table "p_golden"."events_guests" drop constraint "uq_j_253cb1e4102a4d92d775_c88ae95907b26490";

-- Stop telling which rows of tags are visible
drop function "p_golden"."_sees_t_tags"(uuid);

-- Free the name of the key of tags
alter table "p_golden"."tags" rename constraint "pk_t_tags" to "_x_2_pk_t_tags";

-- Hide the table tags in the archive
alter table "p_golden"."tags" rename to "_x_2_t_tags";

-- Stop telling which rows of events are visible
drop function "p_golden"."_sees_t_events"(uuid);

-- Free the name of the key of events
alter table "p_golden"."events" rename constraint "pk_t_events" to "_x_2_pk_t_events";

-- Hide the table events in the archive
alter table "p_golden"."events" rename to "_x_2_t_events";

-- Stop telling which rows of contacts_tags are visible
drop function "p_golden"."_sees_j_1c0c220008c0e08c7b2c"(uuid);

-- Free the name of the key of contacts_tags
alter table "p_golden"."contacts_tags" rename constraint "pk_j_1c0c220008c0e08c7b2c" to "_x_2_pk_j_1c0c220008c0e08c7b2c";

-- Hide the table contacts_tags in the archive
alter table "p_golden"."contacts_tags" rename to "_x_2_j_1c0c220008c0e08c7b2c";

-- Stop telling which rows of events_guests are visible
drop function "p_golden"."_sees_j_253cb1e4102a4d92d775"(uuid);

-- Free the name of the key of events_guests
alter table "p_golden"."events_guests" rename constraint "pk_j_253cb1e4102a4d92d775" to "_x_2_pk_j_253cb1e4102a4d92d775";

-- Hide the table events_guests in the archive
alter table "p_golden"."events_guests" rename to "_x_2_j_253cb1e4102a4d92d775";
