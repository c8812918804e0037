-- Remove the trash of contacts (edited)
drop trigger "trash_edited" on "p_golden"."contacts";

-- Remove the trash of contacts (deleted)
drop trigger "trash_deleted" on "p_golden"."contacts";

-- Remove the policy member_delete of contacts
drop policy "member_delete" on "p_golden"."contacts";

-- Remove the policy member_update of contacts
drop policy "member_update" on "p_golden"."contacts";

-- Remove the policy member_select of contacts
drop policy "member_select" on "p_golden"."contacts";

-- Remove the policy member_delete of contacts_tags
drop policy "member_delete" on "p_golden"."contacts_tags";

-- Remove the policy member_select of contacts_tags
drop policy "member_select" on "p_golden"."contacts_tags";

-- Add the policy member_select of contacts
create policy "member_select" on "p_golden"."contacts" for select to "p_golden_user" using (true);

-- Add the policy member_update of contacts
create policy "member_update" on "p_golden"."contacts" for update to "p_golden_user" using (true) with check (true);

-- Add the policy member_delete of contacts
create policy "member_delete" on "p_golden"."contacts" for delete to "p_golden_user" using (true);

-- Add the policy member_select of contacts_tags
create policy "member_select" on "p_golden"."contacts_tags" for select to "p_golden_user" using (true);

-- Add the policy member_delete of contacts_tags
create policy "member_delete" on "p_golden"."contacts_tags" for delete to "p_golden_user" using (true);

-- Add the trash of contacts (deleted)
create trigger "trash_deleted" before delete on "p_golden"."contacts" for each row
    when (current_setting('role') <> 'p_golden_owner') execute function "p_golden"."_keep_deleted"('t_contacts', 'project');

-- Add the trash of contacts (edited)
create trigger "trash_edited" before update on "p_golden"."contacts" for each row
    when (current_setting('role') <> 'p_golden_owner' and (pg_trigger_depth() > 0 or current_setting('vibecrm.edits', true) = 'on')) execute function "p_golden"."_keep_edited"('t_contacts', 'project');
