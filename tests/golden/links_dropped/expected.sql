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

-- Stop telling which rows of contacts_tags are visible
drop function "p_golden"."_sees_j_1c0c220008c0e08c7b2c"(uuid);

-- Free the name of the key of contacts_tags
alter table "p_golden"."contacts_tags" rename constraint "pk_j_1c0c220008c0e08c7b2c" to "_x_2_pk_j_1c0c220008c0e08c7b2c";

-- Hide the table contacts_tags in the archive
alter table "p_golden"."contacts_tags" rename to "_x_2_j_1c0c220008c0e08c7b2c";
