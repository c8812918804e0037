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
