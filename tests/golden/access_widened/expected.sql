-- Remove the trash of notes (edited)
drop trigger "trash_edited" on "p_golden"."notes";

-- Remove the trash of notes (deleted)
drop trigger "trash_deleted" on "p_golden"."notes";

-- Remove the policy member_delete of notes
drop policy "member_delete" on "p_golden"."notes";

-- Remove the policy member_update of notes
drop policy "member_update" on "p_golden"."notes";

-- Remove the policy member_select of notes
drop policy "member_select" on "p_golden"."notes";

-- Add the policy member_select of notes
create policy "member_select" on "p_golden"."notes" for select to "p_golden_user" using (true);

-- Add the policy member_update of notes
create policy "member_update" on "p_golden"."notes" for update to "p_golden_user" using (true) with check (true);

-- Add the policy member_delete of notes
create policy "member_delete" on "p_golden"."notes" for delete to "p_golden_user" using (true);

-- Add the trash of notes (deleted)
create trigger "trash_deleted" before delete on "p_golden"."notes" for each row
    when (current_setting('role') <> 'p_golden_owner') execute function "p_golden"."_keep_deleted"('t_notes', 'project');

-- Add the trash of notes (edited)
create trigger "trash_edited" before update on "p_golden"."notes" for each row
    when (current_setting('role') <> 'p_golden_owner' and (pg_trigger_depth() > 0 or current_setting('vibecrm.edits', true) = 'on')) execute function "p_golden"."_keep_edited"('t_notes', 'project');
