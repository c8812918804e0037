-- Remove the trash of people (edited)
drop trigger "trash_edited" on "p_golden"."people";

-- Remove the trash of people (deleted)
drop trigger "trash_deleted" on "p_golden"."people";

-- Remove the rights on people
revoke all on "p_golden"."people" from "p_golden_user", "p_golden_admin";

-- Remove the index of people for searches
drop index "p_golden"."ix_t_people__words";

-- Remove the index of people by created_at, id
drop index "p_golden"."ix_t_people_03e2172ca88c8fb8";

-- Remove the index of people by user_id, created_at
drop index "p_golden"."ix_t_people_8681c2576a119291";

-- Remove the guard of bills.payer_id on update
drop trigger "link_c_payer_id_update" on "p_golden"."bills";

-- Remove the guard of bills.payer_id on insert
drop trigger "link_c_payer_id_insert" on "p_golden"."bills";

-- Remove the link from bills.payer_id to people
alter table "p_golden"."bills" drop constraint "fk_t_bills_c_payer_id";

-- Stop telling which rows of people are visible
drop function "p_golden"."_sees_t_people"(uuid);

-- Free the name of the key of people
alter table "p_golden"."people" rename constraint "pk_t_people" to "_x_2_pk_t_people";

-- Hide the table people in the archive
alter table "p_golden"."people" rename to "_x_2_t_people";

-- Add the link from bills.payer_id to firms
alter table "p_golden"."bills" add constraint "fk_t_bills_c_payer_id" foreign key ("payer_id") references "p_golden"."firms" (id) on delete restrict;

-- Add the guard of bills.payer_id on insert
create trigger "link_c_payer_id_insert" before insert on "p_golden"."bills" for each row
    when (new."payer_id" is not null and current_user <> all (array['p_golden_owner', 'p_golden_admin']) and not "p_golden"."_sees_t_firms"(new."payer_id"))
    execute function "p_golden"."_refuse_link"('fk_t_bills_c_payer_id');

-- Add the guard of bills.payer_id on update
create trigger "link_c_payer_id_update" before update of "payer_id" on "p_golden"."bills" for each row
    when (new."payer_id" is distinct from old."payer_id" and new."payer_id" is not null and current_user <> all (array['p_golden_owner', 'p_golden_admin']) and not "p_golden"."_sees_t_firms"(new."payer_id"))
    execute function "p_golden"."_refuse_link"('fk_t_bills_c_payer_id');
