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
